"""Rows and statements of absences, leaders on duty and mandates."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, delete, select

from services.routing.staff.tables import absences, duties, mandates
from shared.persistence.sql import insert


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """A row of `absence`: both days are included, `deputy` may be empty; officials are identifiers."""

    id: str
    agency: str
    official: str
    first_day: date
    last_day: date
    deputy: str
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class DutyRow:
    """A row of `leader_duty`."""

    agency: str
    centre: str
    day: date
    official: str
    entered_by: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class MandateRow:
    """A row of `leader_mandate`; both days are included."""

    agency: str
    official: str
    first_day: date
    last_day: date
    entered_by: str
    entered_at: datetime


def add_absence(connection: Connection, absence: AbsenceRow) -> None:
    """Enters an absence in the leave calendar."""
    connection.execute(insert(absences, connection), asdict(absence))


def drop_absence(connection: Connection, id_: str, agency: str) -> bool:
    """Deletes an absence; False when the agency has no such one."""
    found = connection.execute(delete(absences).where(absences.c.id == id_, absences.c.agency == agency))
    return found.rowcount == 1


def absences_of(connection: Connection, agency: str, since: date) -> list[AbsenceRow]:
    """An agency's absences that end on `since` or later, by first day and official."""
    statement = select(absences).where(absences.c.agency == agency, absences.c.last_day >= since)
    rows = connection.execute(statement.order_by(absences.c.first_day, absences.c.official))
    return [AbsenceRow(*row) for row in rows]


def set_duty(connection: Connection, duty: DutyRow) -> None:
    """Puts an official on duty at a centre for an agency on a day, in place of who was there before."""
    values = asdict(duty)
    statement = insert(duties, connection).values(**values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[duties.c.agency, duties.c.centre, duties.c.day],
            set_={name: values[name] for name in ("official", "entered_by", "entered_at")},
        )
    )


def drop_duty(connection: Connection, agency: str, centre: str, day: date) -> bool:
    """Takes an official off duty; False when nobody was on duty."""
    where = (duties.c.agency == agency, duties.c.centre == centre, duties.c.day == day)
    return connection.execute(delete(duties).where(*where)).rowcount == 1


def duties_of(connection: Connection, official: str, day: date) -> list[DutyRow]:
    """The duties of an official on a day."""
    rows = connection.execute(select(duties).where(duties.c.official == official, duties.c.day == day))
    return [DutyRow(*row) for row in rows]


def duty_elsewhere(connection: Connection, agency: str, official: str, day: date, centre: str) -> str | None:
    """Another centre at which an official is on duty for the agency on a day; None when there is none."""
    where = (duties.c.agency == agency, duties.c.official == official, duties.c.day == day, duties.c.centre != centre)
    return connection.execute(select(duties.c.centre).where(*where)).scalar_one_or_none()


def duties_at(connection: Connection, centre: str, since: date) -> list[DutyRow]:
    """Who is on duty at a centre from a day on, by day and agency."""
    statement = select(duties).where(duties.c.centre == centre, duties.c.day >= since)
    return [DutyRow(*row) for row in connection.execute(statement.order_by(duties.c.day, duties.c.agency))]


def duties_of_agency(connection: Connection, agency: str, since: date) -> list[DutyRow]:
    """Whom an agency has put on duty from a day on, by day and centre."""
    statement = select(duties).where(duties.c.agency == agency, duties.c.day >= since)
    return [DutyRow(*row) for row in connection.execute(statement.order_by(duties.c.day, duties.c.centre))]


def set_mandate(connection: Connection, mandate: MandateRow) -> None:
    """Lets another agency's official sign for an agency on duty; a mandate from the same first day is replaced."""
    values = asdict(mandate)
    statement = insert(mandates, connection).values(**values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[mandates.c.agency, mandates.c.official, mandates.c.first_day],
            set_={name: values[name] for name in ("last_day", "entered_by", "entered_at")},
        )
    )


def mandates_of(connection: Connection, official: str, day: date) -> list[MandateRow]:
    """The mandates that an official has on a day."""
    where = (mandates.c.official == official, mandates.c.first_day <= day, mandates.c.last_day >= day)
    return [MandateRow(*row) for row in connection.execute(select(mandates).where(*where))]
