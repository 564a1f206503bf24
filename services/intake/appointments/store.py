"""The tables of appointments: who comes when, and the places taken of each slot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    and_,
    delete,
    func,
    select,
    update,
)

from services.intake.appointments.domain import TRANSITIONS, State
from services.intake.database import metadata
from services.intake.tickets.domain import Slot, local_day
from services.intake.tickets.store import tickets
from shared.calendar import TIMEZONE
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

appointments = Table(
    "appointment",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("ticket", String(32), nullable=False),  # of the visit; another one when it is moved
    Column("number", String(20), nullable=False),  # as the ticket shows it
    Column("desk", String(50), nullable=False),
    Column("group_code", String(30), nullable=False),
    Column("procedure", String(50), nullable=False),  # for which it was booked; empty if only the group was chosen
    Column("slot_start", Moment, nullable=False),
    Column("slot_end", Moment, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(10), nullable=False),  # why it was cancelled or last moved: citizen, closed; else empty
    Column("moved_from", Moment),  # the slot before the last move
    Column("moves", Integer, nullable=False),
    Column("language", String(2), nullable=False),
    Column("secret_hash", String(64), nullable=False, unique=True),
    Column("secret", PersonalText("appointment.secret", row="id"), nullable=False),  # for messages; "" when erased
    Column("phone", PersonalText("appointment.phone", row="id"), nullable=False),  # "" when erased
    Column("phone_hash", String(64)),  # None if the no-show rule does not count the visit
    Column("phone_place", Integer),  # which of the appointments to come that one number may have; None: not to come
    Column("booked_at", Moment, nullable=False),
    Column("remind_at", Moment),  # None: sent, or none is to be sent
    Column("ended_at", Moment),
    Column("erased_at", Moment),
    UniqueConstraint("phone_hash", "phone_place", name="uq_appointment_phone_place"),
    Index("ix_appointment_ticket", "ticket"),
    Index("ix_appointment_slot", "state", "slot_start"),
    Index("ix_appointment_remind_at", "remind_at"),
    Index("ix_appointment_erase", "erased_at", "slot_start"),
)

slot_places = Table(
    "appointment_slot",
    metadata,
    Column("desk", String(50), primary_key=True),
    Column("group_code", String(30), primary_key=True),
    Column("start", Moment, primary_key=True),
    Column("taken", Integer, nullable=False),
)

_A, _S = appointments.c, slot_places.c


@dataclass(frozen=True, slots=True)
class Appointment:
    """A row of `appointment` without the hash of its secret; the fields are the columns, in their order."""

    id: str
    ticket: str
    number: str
    desk: str
    group_code: str
    procedure: str
    slot_start: datetime
    slot_end: datetime
    state: State
    reason: str
    moved_from: datetime | None
    moves: int
    language: str
    secret: str
    phone: str
    booked_at: datetime
    ended_at: datetime | None

    @property
    def slot(self) -> Slot:
        """When its visitor comes, in Vietnamese time."""
        return Slot(self.slot_start.astimezone(TIMEZONE), self.slot_end.astimezone(TIMEZONE))


_COLUMNS = [_A[name] for name in Appointment.__slots__]


def take_place(work: UnitOfWork, desk: str, group: str, start: datetime, capacity: int) -> bool:
    """Takes one place of a slot; false if there is none left. One statement, so that the last place is given once.

    Args:
        work: the transaction.
        desk: its code.
        group: the group's code.
        start: of the slot.
        capacity: places of the slot, at least one.
    """
    row = work.insert(slot_places).values(desk=desk, group_code=group, start=start, taken=1)
    taken = row.on_conflict_do_update(
        index_elements=[_S.desk, _S.group_code, _S.start],
        set_={"taken": _S.taken + 1},
        where=_S.taken < capacity,
    )
    return work.execute(taken.returning(_S.taken)).first() is not None


def free_place(work: UnitOfWork, desk: str, group: str, start: datetime) -> None:
    """Gives a place of a slot back."""
    own = (_S.desk == desk, _S.group_code == group, _S.start == start, _S.taken > 0)
    work.execute(update(slot_places).where(*own).values(taken=_S.taken - 1))


def taken_places(connection: Connection, desk: str, group: str, first: datetime, end: datetime) -> dict[datetime, int]:
    """Places taken of the slots of a group that begin in a time, by their start in Vietnamese time."""
    own = (_S.desk == desk, _S.group_code == group, _S.start >= first, _S.start < end)
    found = connection.execute(select(_S.start, _S.taken).where(*own))
    return {start.astimezone(TIMEZONE): taken for start, taken in found}


def add(work: UnitOfWork, row: Mapping[str, Any], most: int) -> bool:
    """Stores a new appointment under the first place that its telephone number has left; false if it has none.

    Args:
        work: the transaction.
        row: the columns but for `phone_place`.
        most: appointments to come that one number may have.
    """
    values = personal_values(appointments, row)
    for place in range(1, most + 1):
        added = work.insert(appointments).values(values | {"phone_place": place})
        once = added.on_conflict_do_nothing(index_elements=[_A.phone_hash, _A.phone_place])
        if work.execute(once.returning(_A.id)).first() is not None:
            return True
    return False


def find(connection: Connection, secret_hash: str, lock: bool = False) -> Appointment | None:
    """The appointment whose secret has a hash, optionally locked until the transaction ends."""
    return _one(connection, _A.secret_hash == secret_hash, lock)


def of_ticket(connection: Connection, ticket: str, lock: bool = False) -> Appointment | None:
    """The appointment of a ticket."""
    return _one(connection, _A.ticket == ticket, lock)


def get(connection: Connection, id: str, lock: bool = False) -> Appointment | None:
    """The appointment of an id."""
    return _one(connection, _A.id == id, lock)


def change(work: UnitOfWork, appointment: Appointment, target: State, **values: Any) -> bool:
    """Changes the state of an appointment; false if that may not follow its present state, so that each change happens once."""
    before = [state for state, following in TRANSITIONS.items() if target in following]
    done = {"state": target, "remind_at": None, "phone_place": None, "ended_at": work.now} | values
    statement = update(appointments).where(_A.id == appointment.id, _A.state.in_(before)).values(done)
    return work.execute(statement).rowcount == 1


def move(work: UnitOfWork, appointment: Appointment, **values: Any) -> None:
    """Writes to where a locked appointment was moved."""
    work.execute(update(appointments).where(_A.id == appointment.id).values(values))


def missed_starts(connection: Connection, phone_hash: str, since: datetime) -> list[datetime]:
    """When the visits began that a telephone number's owner missed since a moment; not those to which they came late, by the number."""
    own = (
        _A.phone_hash == phone_hash,
        _A.state == State.MISSED,
        _A.slot_start >= since,
        tickets.c.arrived_at.is_(None),
    )
    found = select(_A.slot_start).join(tickets, tickets.c.id == _A.ticket).where(*own)
    return list(connection.execute(found).scalars())


def count_booked(connection: Connection, phone_hash: str, since: datetime) -> int:
    """How many appointments a telephone number has booked since a moment, whatever became of them."""
    own = (_A.phone_hash == phone_hash, _A.booked_at >= since)
    return connection.execute(select(func.count()).select_from(appointments).where(*own)).scalar_one()


def booked_slots(connection: Connection, now: datetime) -> list[tuple[str, Slot]]:
    """The slots to come for which somebody has an appointment, with their desks."""
    found = (
        select(_A.desk, _A.slot_start, _A.slot_end)
        .where(_A.state == State.BOOKED, _A.slot_start > now)
        .distinct()
        .order_by(_A.slot_start, _A.desk)
    )
    rows = connection.execute(found)
    return [(desk, Slot(start.astimezone(TIMEZONE), end.astimezone(TIMEZONE))) for desk, start, end in rows]


def booked_in(connection: Connection, desk: str, slot: Slot) -> list[str]:
    """Ids of the appointments to come of one slot of a desk, in the order in which they were booked."""
    own = (_A.state == State.BOOKED, _A.desk == desk, _A.slot_start == slot.start, _A.slot_end == slot.end)
    return list(connection.execute(select(_A.id).where(*own).order_by(_A.booked_at, _A.id)).scalars())


def late(connection: Connection, before: datetime, most: int) -> list[str]:
    """Ids of the appointments whose slot began before a moment and whose visitor has not checked in."""
    found = select(_A.id).where(_A.state == State.BOOKED, _A.slot_start < before).order_by(_A.slot_start, _A.id)
    return list(connection.execute(found.limit(most)).scalars())


def to_remind(connection: Connection, now: datetime, most: int) -> list[str]:
    """Ids of the appointments of which a reminder is due."""
    found = select(_A.id).where(_A.remind_at <= now, _A.state == State.BOOKED).order_by(_A.remind_at, _A.id)
    return list(connection.execute(found.limit(most)).scalars())


def reminded(work: UnitOfWork, id: str) -> bool:
    """Notes that a reminder is sent; false if it was before."""
    own = (_A.id == id, _A.remind_at <= work.now, _A.state == State.BOOKED)
    return work.execute(update(appointments).where(*own).values(remind_at=None)).rowcount == 1


def erasable(connection: Connection, before: datetime, most: int) -> list[str]:
    """Ids of the appointments that ended, whose visit would have begun before a moment, and whose data are still there."""
    over = (_A.erased_at.is_(None), _A.slot_start < before, _A.state != State.BOOKED)
    return list(connection.execute(select(_A.id).where(*over).order_by(_A.slot_start).limit(most)).scalars())


def erase(work: UnitOfWork, id: str) -> bool:
    """Erases the telephone number and the secret of an appointment, once."""
    empty = personal_values(appointments, {"phone": "", "secret": ""}, id)
    statement = update(appointments).where(_A.id == id, _A.erased_at.is_(None))
    return work.execute(statement.values(**empty, erased_at=work.now)).rowcount == 1


def delete_over(work: UnitOfWork, missed_before: datetime) -> int:
    """Deletes the appointments that were erased and that no rule needs: those not missed, or missed long ago; returns how many."""
    needed = and_(_A.state == State.MISSED, _A.phone_hash.is_not(None), _A.slot_start >= missed_before)
    return work.execute(delete(appointments).where(_A.erased_at.is_not(None), ~needed)).rowcount


def forget_slots(work: UnitOfWork, before: datetime) -> int:
    """Deletes the counts of slots that are long over; returns how many."""
    return work.execute(delete(slot_places).where(_S.start < before)).rowcount


def of_day(connection: Connection, desks: Sequence[str], first: datetime, end: datetime) -> list[Appointment]:
    """The appointments of some desks whose slot begins in a time, in order, but for those that were cancelled."""
    own = (_A.desk.in_(desks), _A.slot_start >= first, _A.slot_start < end, _A.state != State.CANCELLED)
    found = select(*_COLUMNS).where(*own).order_by(_A.slot_start, _A.number)
    return [_appointment(row) for row in connection.execute(found)]


def count_between(connection: Connection, desk: str, start: datetime, end: datetime) -> int:
    """How many appointments to come of a desk touch a time."""
    own = (_A.desk == desk, _A.state == State.BOOKED, _A.slot_start < end, _A.slot_end > start)
    return connection.execute(select(func.count()).select_from(appointments).where(*own)).scalar_one()


def counts_by_day(connection: Connection, desk: str, first: datetime, end: datetime) -> dict[date, int]:
    """How many appointments to come a desk has on each day in Vietnam."""
    own = (_A.desk == desk, _A.state == State.BOOKED, _A.slot_start >= first, _A.slot_start < end)
    found: dict[date, int] = {}
    for start in connection.execute(select(_A.slot_start).where(*own)).scalars():
        day = local_day(start)
        found[day] = found.get(day, 0) + 1
    return found


def _one(connection: Connection, which: Any, lock: bool) -> Appointment | None:
    found = select(*_COLUMNS).where(which)
    row = connection.execute(found.with_for_update() if lock else found).one_or_none()
    return _appointment(row) if row else None


def _appointment(row: Any) -> Appointment:
    values = dict(zip(Appointment.__slots__, row, strict=True))
    return Appointment(**values | {"state": State(values["state"])})
