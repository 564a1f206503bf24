"""The tables of events that agencies get over HTTPS, and their statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    case,
    insert,
    select,
    text,
    update,
)

from services.routing.agency_http.domain import EventState
from services.routing.database import metadata
from shared.messaging.event import Event
from shared.persistence import epoch
from shared.persistence.sql import BigId, Moment, Upsert

WAITING = text("state = 'waiting'")

agency_events = Table(
    "agency_event",
    metadata,
    Column("number", BigId, primary_key=True, autoincrement=True),
    Column("event_id", String(100), nullable=False, unique=True),
    Column("agency", String(50), nullable=False),
    Column("key", String(200), nullable=False),  # the dossier
    Column("task", String(200), nullable=False),
    Column("type", String(200), nullable=False),
    Column("body", Text, nullable=False),  # the CloudEvent as it is sent
    Column("created_at", Moment, nullable=False, index=True),  # all times in this module are real time
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failing_since", Moment),
    Column("next_at", Moment, nullable=False),
    Column("leased_until", Moment),
    Column("ended_at", Moment),
    *(
        Index(f"ix_agency_event_{name}", *columns, sqlite_where=WAITING, postgresql_where=WAITING)
        for name, columns in (
            ("waiting", ("agency", "key", "number")),
            ("next", ("agency", "number")),
            ("due", ("next_at", "number")),
        )
    ),
)
agency_sequences = Table(
    "agency_sequence",  # counts the events of a dossier to an agency
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("last", BigInteger, nullable=False),
)
_E, _Q = agency_events.c, agency_sequences.c
_COUNT = Upsert(
    agency_sequences,
    lambda row: row.on_conflict_do_update(
        index_elements=[_Q.agency, _Q.key],
        set_={"last": case((_Q.last >= row.excluded.last, _Q.last + 1), else_=row.excluded.last)},
    ).returning(_Q.last),
)
_ADD = insert(agency_events)


@dataclass(frozen=True, slots=True)
class AgencyEvent:
    """A row of `agency_event`."""

    number: int
    event_id: str
    agency: str
    key: str
    task: str
    type: str
    body: str
    created_at: datetime
    state: str
    attempts: int
    failing_since: datetime | None
    next_at: datetime
    leased_until: datetime | None
    ended_at: datetime | None


def next_sequence(connection: Connection, agency: str, key: str) -> int:
    """The next sequence number of a dossier's events to an agency, above all that were given before a restore from a backup. The
    counter's row stays locked until the commit, so the numbers are in the order of commits."""
    first = (epoch.present(connection).number << epoch.SEQUENCE_BITS) + 1
    values = {"agency": agency, "key": key, "last": first}
    return int(connection.execute(_COUNT.on(connection), values).scalar_one())


def add_event(connection: Connection, agency: str, event: Event, at: datetime) -> None:
    """Writes an event that the agency has to get.

    Args:
        connection: inside the transaction of its cause.
        agency: for which it is.
        event: with its sequence number.
        at: real time.
    """
    connection.execute(
        _ADD,
        {
            "event_id": event.id,
            "agency": agency,
            "key": event.key,
            "task": event.data["task"],
            "type": event.type,
            "body": event.to_json().decode(),
            "created_at": at,
            "state": EventState.WAITING,
            "attempts": 0,
            "next_at": at,
        },
    )


def heads(connection: Connection, agency: str, after: int, limit: int) -> list[AgencyEvent]:
    """The events that an agency may be given now, in their order: of each dossier the oldest that waits.

    Args:
        after: only those with a higher number.
        limit: so many at most.
    """
    where = (_E.agency == agency, _E.state == EventState.WAITING, _E.number > after, ~earlier_waits())
    statement = select(*_E).where(*where).order_by(_E.number).limit(limit)
    return [AgencyEvent(*row) for row in connection.execute(statement)]


def acknowledge(connection: Connection, agency: str, ids: Sequence[str], at: datetime) -> list[str]:
    """Ends waiting events of an agency by their ids; returns the ids of those that it has, ended now or before."""
    mine = (_E.agency == agency, _E.event_id.in_(list(ids)))
    waiting = (*mine, _E.state == EventState.WAITING)
    connection.execute(update(agency_events).where(*waiting).values(state=EventState.DONE, ended_at=at))
    return list(connection.execute(select(_E.event_id).where(*mine)).scalars())


def supersede_waiting(connection: Connection, agency: str, at: datetime) -> int:
    """Ends all that waits for an agency, which is no longer connected this way; returns how much."""
    waiting = (_E.agency == agency, _E.state == EventState.WAITING)
    values = {"state": EventState.SUPERSEDED, "ended_at": at, "leased_until": None}
    return connection.execute(update(agency_events).where(*waiting).values(values)).rowcount


def waiting_tasks(connection: Connection, agency: str, type_: str) -> set[str]:
    """The steps about which an event of a type waits for an agency."""
    where = (_E.agency == agency, _E.state == EventState.WAITING, _E.type == type_)
    return set(connection.execute(select(_E.task).where(*where)).scalars())


def is_waiting(connection: Connection, agency: str, task: str, type_: str) -> bool:
    """Whether an event of a type about a step waits for an agency."""
    where = (_E.agency == agency, _E.state == EventState.WAITING, _E.type == type_, _E.task == task)
    return connection.execute(select(_E.number).where(*where).limit(1)).first() is not None


def earlier_waits() -> ColumnElement[bool]:
    """Whether an older event of the same dossier waits for the same agency."""
    earlier = agency_events.alias("earlier")
    return (
        select(earlier.c.number)
        .where(
            earlier.c.agency == _E.agency,
            earlier.c.key == _E.key,
            earlier.c.state == EventState.WAITING,
            earlier.c.number < _E.number,
        )
        .exists()
    )
