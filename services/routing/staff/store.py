"""Queries of absences, of leaders on duty, of agencies with a service of their own, and of who read what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from services.routing.store.tables import absences, agency_services, audit, duties, mandates
from shared.persistence.sql import insert as insert_or


def add_absence(connection: Connection, values: Mapping[str, Any]) -> None:
    """Enters an absence in the leave calendar."""
    connection.execute(insert(absences), dict(values))


def drop_absence(connection: Connection, id_: str, agency: str) -> bool:
    """Takes an absence out again; False when the agency has no such one."""
    found = connection.execute(delete(absences).where(absences.c.id == id_, absences.c.agency == agency))
    return found.rowcount == 1


def absences_of(connection: Connection, agency: str, since: date) -> Sequence[Row[Any]]:
    """An agency's absences that have not ended before a day, in order."""
    statement = select(absences).where(absences.c.agency == agency, absences.c.last_day >= since)
    return connection.execute(statement.order_by(absences.c.first_day, absences.c.official)).all()


def set_duty(connection: Connection, values: Mapping[str, Any]) -> None:
    """Says whose leader signs at a centre on a day; a later word replaces an earlier one."""
    statement = insert_or(duties, connection).values(**values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[duties.c.agency, duties.c.centre, duties.c.day],
            set_={name: values[name] for name in ("official", "entered_by", "entered_at")},
        )
    )


def drop_duty(connection: Connection, agency: str, centre: str, day: date) -> bool:
    """Takes a leader off duty; False when there was none."""
    where = (duties.c.agency == agency, duties.c.centre == centre, duties.c.day == day)
    return connection.execute(delete(duties).where(*where)).rowcount == 1


def duties_of(connection: Connection, official: str, day: date) -> Sequence[Row[Any]]:
    """For which agencies, and where, an official signs on a day."""
    return connection.execute(select(duties).where(duties.c.official == official, duties.c.day == day)).all()


def duty_elsewhere(connection: Connection, agency: str, official: str, day: date, centre: str) -> str | None:
    """The other centre at which an official is on duty for his agency on a day; None when there is none."""
    where = (duties.c.agency == agency, duties.c.official == official, duties.c.day == day, duties.c.centre != centre)
    return connection.execute(select(duties.c.centre).where(*where)).scalar_one_or_none()


def duties_at(connection: Connection, centre: str, since: date) -> Sequence[Row[Any]]:
    """Who is on duty at a centre from a day on, in order."""
    statement = select(duties).where(duties.c.centre == centre, duties.c.day >= since)
    return connection.execute(statement.order_by(duties.c.day, duties.c.agency)).all()


def plug_in(connection: Connection, agency: str, at: datetime) -> None:
    """From now on the agency's own software is told of its steps."""
    statement = insert_or(agency_services, connection).values(agency=agency, since=at, until=None)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[agency_services.c.agency],
            set_={"since": at, "until": None},
            where=agency_services.c.until.is_not(None),
        )
    )


def unplug(connection: Connection, agency: str, at: datetime) -> bool:
    """From now on it is told nothing more; False when it was not plugged in."""
    where = (agency_services.c.agency == agency, agency_services.c.until.is_(None))
    return connection.execute(update(agency_services).where(*where).values(until=at)).rowcount == 1


def add_audit(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keeps who read what: `at`, `subject`, `agency`, `action` and `record` each."""
    connection.execute(insert(audit), [dict(row) for row in rows])


def is_plugged_in(connection: Connection, agency: str) -> bool:
    """Whether an agency's own software takes part."""
    statement = select(agency_services.c.agency).where(
        agency_services.c.agency == agency, agency_services.c.until.is_(None)
    )
    return connection.execute(statement).first() is not None


def set_mandate(connection: Connection, values: Mapping[str, Any]) -> None:
    """An agency lets another's official sign for it while he is on duty, from a day to another."""
    statement = insert_or(mandates, connection).values(**values)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[mandates.c.agency, mandates.c.official, mandates.c.first_day],
            set_={name: values[name] for name in ("last_day", "entered_by", "entered_at")},
        )
    )


def mandates_of(connection: Connection, official: str, day: date) -> Sequence[Row[Any]]:
    """The agencies that let an official sign on a day."""
    where = (mandates.c.official == official, mandates.c.first_day <= day, mandates.c.last_day >= day)
    return connection.execute(select(mandates).where(*where)).all()


def duties_of_agency(connection: Connection, agency: str, since: date) -> Sequence[Row[Any]]:
    """Whom an agency has put on duty at centres from a day on, in order."""
    statement = select(duties).where(duties.c.agency == agency, duties.c.day >= since)
    return connection.execute(statement.order_by(duties.c.day, duties.c.centre)).all()
