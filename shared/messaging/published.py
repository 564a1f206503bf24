"""Published events: what the broker has confirmed is kept for some days, so that a subscriber can get again what it missed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, bindparam, delete, func, select, text

from shared.messaging.event import AGENCY_PREFIX
from shared.messaging.outbox import OutboxRow
from shared.messaging.tables import delivery_windows, published_batches, published_events
from shared.messaging.topology import DIRECT_PREFIX
from shared.persistence.single_statement_commit import execute_as_transaction
from shared.persistence.sql import Moment, WithList

MOST_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """A published event without its body.

    Attributes:
        position: the id that it had in the outbox; of two events of one key, the earlier has the lower one.
        event_id: the event's id.
        type: the CloudEvents type.
        key: the partition key.
        sequence: within (source, key).
        published_at: when the broker confirmed it.
    """

    position: int
    event_id: str
    type: str
    key: str
    sequence: int
    published_at: datetime


def keep_confirmed(connection: Connection, rows: Sequence[OutboxRow], ids: Iterable[int], at: datetime) -> None:
    """Moves the rows that the broker has confirmed out of the outbox. Events are kept; what was for one service only is not kept twice.

    Args:
        connection: inside a transaction of its own. On PostgreSQL it is this one statement, whose commit does not wait for the disk: when
            the server crashes in the next second, the rows are in the outbox again, and are published again.
        rows: the batch that was published.
        ids: the confirmed ones.
        at: real time.
    """
    wanted = set(ids)
    if not wanted:
        return
    confirmed = rows if len(wanted) == len(rows) else [row for row in rows if row.id in wanted]
    ids_ = [row.id for row in confirmed]
    to_confirm = [row.id for row in confirmed if row.route is None and not row.topic.startswith(AGENCY_PREFIX)]
    positions = orjson.dumps(to_confirm).decode() if to_confirm else ""
    if connection.dialect.name == "postgresql":
        execute_as_transaction(connection, _MOVE_POSTGRESQL, {"ids": ids_, "positions": positions, "at": at})
        return
    values = {"ids": orjson.dumps(ids_).decode(), "at": at}
    connection.execute(_COPY_SQLITE, values)
    connection.execute(_DELETE_SQLITE, {"ids": values["ids"]})
    if positions:
        connection.execute(published_batches.insert(), {"published_at": at, "positions": positions})


_COLUMNS = "event_id, type, topic, key, sequence, body"
_MOVE_POSTGRESQL = f"""
WITH moved AS (DELETE FROM outbox WHERE id = ANY(%(ids)b) RETURNING id, {_COLUMNS}),
kept AS (
    INSERT INTO published_event (position, {_COLUMNS}, published_at)
    SELECT id, {_COLUMNS}, %(at)s FROM moved WHERE left(topic, 1) <> '{DIRECT_PREFIX}')
INSERT INTO published_batch (published_at, positions) SELECT %(at)s, %(positions)s::text
FROM (SELECT set_config('synchronous_commit', 'off', true)) AS committed_later WHERE %(positions)s::text <> ''
"""
_COPY_SQLITE = text(
    f"INSERT OR IGNORE INTO published_event (position, {_COLUMNS}, published_at) "
    f"SELECT id, {_COLUMNS}, :at FROM outbox "
    f"WHERE id IN (SELECT value FROM json_each(:ids)) AND substr(topic, 1, 1) <> '{DIRECT_PREFIX}'"
).bindparams(bindparam("at", type_=Moment()))
_DELETE_SQLITE = text("DELETE FROM outbox WHERE id IN (SELECT value FROM json_each(:ids))")

_EVENT = select(
    published_events.c.position,
    published_events.c.event_id,
    published_events.c.type,
    published_events.c.key,
    published_events.c.sequence,
    published_events.c.published_at,
).order_by(published_events.c.position)
_AT_POSITIONS = WithList(lambda among: _EVENT.where(among(published_events.c.position, "positions")))
_TO_SEND = WithList(
    lambda among: (
        select(
            published_events.c.event_id,
            published_events.c.type,
            published_events.c.key,
            published_events.c.sequence,
            published_events.c.body,
        )
        .where(among(published_events.c.position, "positions"))
        .order_by(published_events.c.position)
    )
)
_FORGET = WithList(lambda among: delete(published_events).where(among(published_events.c.position, "positions")))


def at_positions(connection: Connection, positions: Sequence[int]) -> list[PublishedEvent]:
    """The events at some positions that are still kept, in order."""
    found: list[PublishedEvent] = []
    for start in range(0, len(positions), MOST_AT_ONCE):
        part = positions[start : start + MOST_AT_ONCE]
        rows = connection.execute(_AT_POSITIONS.on(connection), {"positions": part})
        found += [PublishedEvent(*row) for row in rows]
    return found


def since(connection: Connection, moment: datetime, types: Iterable[str]) -> Iterator[PublishedEvent]:
    """The events of some types that were published since a moment, in order; read in parts, since there may be millions."""
    columns = published_events.c
    statement = _EVENT.where(columns.published_at >= moment, columns.type.in_(sorted(types))).limit(MOST_AT_ONCE)
    last = 0
    while rows := connection.execute(statement.where(columns.position > last)).all():
        yield from (PublishedEvent(*row) for row in rows)
        last = rows[-1].position


def rows_to_send(connection: Connection, positions: Sequence[int]) -> list[dict[str, object]]:
    """The events at some positions as they are written to the outbox again, in order."""
    rows = connection.execute(_TO_SEND.on(connection), {"positions": positions})
    return [dict(row) for row in rows.mappings()]


def counts(connection: Connection) -> dict[str, int]:
    """How many events of each type are kept."""
    statement = select(published_events.c.type, func.count()).group_by(published_events.c.type)
    found: dict[str, int] = dict(connection.execute(statement).all())
    return found


def forget_before(connection: Connection, moment: datetime) -> int:
    """Deletes events that were published before a moment, except those that a subscriber has not confirmed yet, and what is younger.

    Returns:
        how many were deleted.
    """
    unconfirmed = (
        select(func.min(table.c.published_at, type_=Moment())) for table in (delivery_windows, published_batches)
    )
    oldest = [found for statement in unconfirmed if (found := connection.execute(statement).scalar_one()) is not None]
    before = min([moment, *oldest])
    return int(connection.execute(delete(published_events).where(published_events.c.published_at < before)).rowcount)


def forget(connection: Connection, positions: Sequence[int]) -> None:
    """Deletes events at some positions."""
    if positions:
        connection.execute(_FORGET.on(connection), {"positions": positions})
