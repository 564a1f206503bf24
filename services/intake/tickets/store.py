"""The tables of tickets and counters. Whoever changes a ticket first takes its desk's row, so that two clerks never call one number."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    and_,
    case,
    select,
    text,
    update,
)

from services.intake.database import metadata
from services.intake.tickets.domain import Ticket, local_day
from services.intake.tickets.errors import UnknownTicket
from services.intake.tickets.states import Channel, CounterState, State
from shared.persistence.epoch import present
from shared.persistence.sql import Moment, insert
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

AFTER_RESTORE = 300
"""Numbers left out after a restore on the same day: visitors hold numbers that the restored database does not know."""

desks = Table(
    "ticket_desk",
    metadata,
    Column("desk", String(50), primary_key=True),
    Column("version", Integer, nullable=False),  # of what boards show
)
series = Table(
    "ticket_series",
    metadata,
    Column("desk", String(50), primary_key=True),
    Column("letter", String(1), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
    Column("epoch", BigInteger, nullable=False),
)
tickets = Table(
    "ticket",  # no personal data: what tells of age or disability is forgotten when the day is over
    metadata,
    Column("id", String(32), primary_key=True),
    Column("visit", String(32), nullable=False),
    Column("desk", String(50), nullable=False),
    Column("group_code", String(30), nullable=False),
    Column("day", Date, nullable=False),
    Column("letter", String(1), nullable=False),
    Column("number", Integer, nullable=False),
    Column("leg", Integer, nullable=False),
    Column("channel", String(10), nullable=False),
    Column("state", String(11), nullable=False),
    Column("priority", String(30), nullable=False),
    Column("rank", Integer, nullable=False),
    Column("ahead_from", Moment),
    Column("waits_since", Moment, nullable=False),
    Column("counter", Integer),
    Column("clerk", String(200), nullable=False),
    Column("slot_start", Moment),
    Column("slot_end", Moment),
    Column("issued_at", Moment, nullable=False),
    Column("arrived_at", Moment),
    Column("called_at", Moment),
    Column("recalled_at", Moment),
    Column("calls", Integer, nullable=False),
    Column("serving_at", Moment),
    Column("ended_at", Moment),
    Column("requeued_at", Moment),
    Column("transferred_from", String(32), nullable=False),
    Column("reason", String(500), nullable=False),
    UniqueConstraint("desk", "day", "letter", "number", "leg", name="uq_ticket_number"),
    Index("ix_ticket_state", "desk", "day", "state"),
    Index("ix_ticket_visit", "visit"),
    Index("ix_ticket_open", "day", sqlite_where=text("ended_at IS NULL"), postgresql_where=text("ended_at IS NULL")),
    Index("ix_ticket_priority", "day", sqlite_where=text("priority <> ''"), postgresql_where=text("priority <> ''")),
)
ticket_dossiers = Table(
    "ticket_dossier",
    metadata,
    Column("ticket_id", String(32), primary_key=True),
    Column("dossier_code", String(100), primary_key=True),
)
sessions = Table(
    "counter_session",
    metadata,
    Column("desk", String(50), primary_key=True),
    Column("counter", Integer, primary_key=True),
    Column("clerk", String(200), nullable=False),
    Column("state", String(6), nullable=False),
    Column("since", Moment, nullable=False),
    Column("ticket_id", String(32)),
    Column("run", Integer, nullable=False),
)

_T, _S = tickets.c, sessions.c
_FIELDS = {"group": "group_code"}
_COLUMNS = tuple(_T[_FIELDS.get(name, name)] for name in Ticket.__slots__)
_TICKET = select(*_COLUMNS)
_LINK = ticket_dossiers.insert()


@dataclass(frozen=True, slots=True)
class CounterSession:
    """Who sits at a counter.

    Attributes:
        desk, counter: which.
        clerk: the subject of who sits there, or has sat there last.
        state: what it was last said to do; see :meth:`state_on`.
        since: when that began.
        ticket_id: of the visitor who is called or served there; None for nobody.
        run: how many it has called before others, one after the other, while others waited.
    """

    desk: str
    counter: int
    clerk: str
    state: CounterState
    since: datetime
    ticket_id: str | None
    run: int

    def state_on(self, day: date) -> CounterState:
        """What it does on a day: a counter that nobody closed in the evening is closed in the morning."""
        return self.state if local_day(self.since) == day else CounterState.CLOSED

    def without_ticket(self) -> CounterSession:
        """The same with nobody there."""
        return replace(self, ticket_id=None)


def lock_desk(work: UnitOfWork, desk: str) -> None:
    """Takes the desk's row until the end of the transaction, and notes that what its boards show has changed."""
    row = insert(desks, work.connection).values(desk=desk, version=1)
    work.execute(row.on_conflict_do_update(index_elements=[desks.c.desk], set_={"version": desks.c.version + 1}))


def version(connection: Connection, desk: str) -> str:
    """Changes with each change of the desk's tickets or counters, also when the database was restored in between."""
    found = connection.execute(select(desks.c.version).where(desks.c.desk == desk)).scalar() or 0
    return f"{present(connection).number:x}.{found}"


def next_number(work: UnitOfWork, desk: str, letter: str, day: date) -> int:
    """Takes the next number: 1, 2, 3 … without gaps for each desk, letter and day. It is given back when the work rolls back."""
    epoch = present(work.connection).number
    restored_today = bool(epoch) and datetime.fromtimestamp(epoch, VIETNAM).date() >= day
    first = 1 + AFTER_RESTORE if restored_today else 1
    row = insert(series, work.connection).values(desk=desk, letter=letter, day=day, last=first, epoch=epoch)
    step = case((series.c.epoch == epoch, 1), else_=1 + AFTER_RESTORE)
    row = row.on_conflict_do_update(
        index_elements=list(series.primary_key), set_={"last": series.c.last + step, "epoch": epoch}
    )
    return int(work.execute(row.returning(series.c.last)).scalar_one())


def add(work: UnitOfWork, ticket: Ticket) -> None:
    """Writes a new ticket."""
    work.execute(tickets.insert(), _row(ticket))


def save(work: UnitOfWork, ticket: Ticket, **changes: Any) -> Ticket:
    """Writes what has changed of a ticket and returns it as it is now."""
    changed = replace(ticket, **changes)
    values = {_FIELDS.get(name, name): value for name, value in changes.items()}
    work.execute(update(tickets).where(_T.id == ticket.id).values(values))
    return changed


def get(connection: Connection, id: str, desk: str = "") -> Ticket:
    """A ticket.

    Args:
        connection: any.
        id: its id.
        desk: of which desk it must be; empty for any.

    Raises:
        UnknownTicket: there is none of this id at the desk.
    """
    row = connection.execute(_TICKET.where(_T.id == id)).first()
    if row is None or (desk and row.desk != desk):
        raise UnknownTicket(id)
    return _ticket(row)


def of_day(connection: Connection, desk: str, day: date, *states: State) -> list[Ticket]:
    """The tickets of a desk and day, in the given states if any are named; the oldest first."""
    found = _TICKET.where(_T.desk == desk, _T.day == day)
    if states:
        found = found.where(_T.state.in_(states))
    rows = connection.execute(found.order_by(_T.issued_at, _T.letter, _T.number, _T.leg))
    return [_ticket(row) for row in rows]


def waiting(connection: Connection, desk: str, day: date, groups: Collection[str] | None = None) -> list[Ticket]:
    """Who is here and waits, in some groups or in all; in no order."""
    found = _TICKET.where(_T.desk == desk, _T.day == day, _T.state == State.ISSUED, _T.arrived_at.is_not(None))
    if groups is not None:
        found = found.where(_T.group_code.in_(sorted(groups)))
    return [_ticket(row) for row in connection.execute(found)]


def left_over(connection: Connection, before: date, most: int) -> list[Ticket]:
    """Tickets of earlier days that have not ended."""
    found = _TICKET.where(_T.day < before, _T.ended_at.is_(None)).order_by(_T.day, _T.id)
    return [_ticket(row) for row in connection.execute(found.limit(most))]


def forget_priorities(work: UnitOfWork, before: date) -> int:
    """Forgets of ended tickets of earlier days that their holders went before others, and of which class of people they were."""
    past = and_(_T.day < before, _T.ended_at.is_not(None), text("priority <> ''"))
    return work.execute(update(tickets).where(past).values(priority="", rank=0, ahead_from=None)).rowcount


def session(connection: Connection, desk: str, counter: int) -> CounterSession | None:
    """Who sits at a counter; None if nobody ever has."""
    row = connection.execute(select(sessions).where(_S.desk == desk, _S.counter == counter)).first()
    return None if row is None else _session(row)


def counter_sessions(connection: Connection, desk: str) -> list[CounterSession]:
    """All counters of a desk at which somebody has sat, by number."""
    rows = connection.execute(select(sessions).where(_S.desk == desk).order_by(_S.counter))
    return [_session(row) for row in rows]


def save_session(work: UnitOfWork, changed: CounterSession) -> None:
    """Writes who sits at a counter."""
    values = {name: getattr(changed, name) for name in CounterSession.__slots__}
    row = insert(sessions, work.connection).values(values)
    keys = [_S.desk, _S.counter]
    changes = {name: value for name, value in values.items() if name not in ("desk", "counter")}
    work.execute(row.on_conflict_do_update(index_elements=keys, set_=changes))


def link_dossier(work: UnitOfWork, ticket_id: str, dossier: str) -> None:
    """Notes that a dossier, which is filed in this very transaction, was filed in the visit of a ticket."""
    work.defer(_LINK, {"ticket_id": ticket_id, "dossier_code": dossier})


def dossiers_of_visit(connection: Connection, visit: str) -> Sequence[str]:
    """Codes of the dossiers that were filed in a visit, at whatever counter."""
    filed = select(ticket_dossiers.c.dossier_code).join(tickets, _T.id == ticket_dossiers.c.ticket_id)
    return list(connection.execute(filed.where(_T.visit == visit).order_by(ticket_dossiers.c.dossier_code)).scalars())


def _row(ticket: Ticket) -> dict[str, Any]:
    return {_FIELDS.get(name, name): getattr(ticket, name) for name in Ticket.__slots__}


def _ticket(row: Any) -> Ticket:
    values = dict(zip(Ticket.__slots__, row, strict=True))
    return Ticket(**values | {"state": State(values["state"]), "channel": Channel(values["channel"])})


def _session(row: Any) -> CounterSession:
    return CounterSession(row.desk, row.counter, row.clerk, CounterState(row.state), row.since, row.ticket_id, row.run)
