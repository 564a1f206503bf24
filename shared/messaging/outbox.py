"""The outbox: events are written in the transaction of the change they announce, and leave it when the broker has confirmed them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, select, text

from shared.messaging.event import Event, with_sequence
from shared.messaging.tables import outbox, outbox_sequences
from shared.messaging.topology import Route, direct_topic
from shared.persistence.sql import json_text


class OutboxRow(NamedTuple):
    """One event that waits to be published. A tuple: thousands are made each second.

    Attributes:
        id: the row's id.
        event_id: the event's id.
        type: the CloudEvents type.
        key: the partition key.
        body: the JSON form.
        topic: the routing key.
        route: exchange and routing key of a row that is for one service only; `None` for all subscribers of the topic.
    """

    id: int
    event_id: str
    type: str
    key: str
    body: str
    topic: str
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class PreparedEvents:
    """Events as rows of the outbox, still without their sequence numbers.

    Raising a key's counter locks its row until commit, so sequence numbers and row ids of one key are in commit order.

    Attributes:
        counts: by how much each key's counter is raised.
        rows: the events in order. `after` is the number of events of the same key that follow: an event's sequence number is the
            key's new counter less `after`.
    """

    counts: list[dict[str, Any]]
    rows: list[dict[str, Any]]


def prepare(events: Sequence[Event]) -> PreparedEvents:
    """Prepares events for writing, in their order."""
    left = Counter(event.key for event in events)
    # sorted: two transactions that raise the same keys take the locks in the same order
    counts = [{"key": key, "last": count} for key, count in sorted(left.items())]
    rows = []
    for event in events:
        left[event.key] -= 1
        rows.append(
            {
                "event_id": event.id,
                "type": event.type,
                "topic": event.topic,
                "key": event.key,
                "after": left[event.key],
                "body": event.to_json().decode(),
            }
        )
    return PreparedEvents(counts, rows)


def write_row_by_row(connection: Connection, events: PreparedEvents, written_at: datetime) -> None:
    """Writes events on SQLite. On PostgreSQL what :func:`postgresql_insert` makes writes all at once.

    Args:
        connection: inside the transaction that holds the effect.
        events: what happened.
        written_at: real time, for the age of the oldest row.
    """
    connection.execute(_RAISE_SQLITE, events.counts)
    rows = [{**row, "of_key": row["key"], "created_at": written_at} for row in events.rows]
    connection.execute(_INSERT_SQLITE, rows)


_EPOCH = "(SELECT (coalesce(max(number), 0) << 20) FROM epoch)"
_RAISE_POSTGRESQL = """raised AS (
    INSERT INTO outbox_sequence (key, last) {counts}
    ON CONFLICT (key) DO UPDATE SET last = CASE WHEN outbox_sequence.last >> 20 >= excluded.last >> 20
        THEN outbox_sequence.last + (excluded.last & 1048575) ELSE excluded.last END RETURNING key, last)
INSERT INTO outbox (event_id, type, topic, key, sequence, body, created_at)
SELECT made.event_id, made.type, made.topic, raised.key, raised.last - made.after, made.body, %(written_at)s
"""
_INSERT_MANY = (
    _RAISE_POSTGRESQL.format(
        counts=f"SELECT key, last + {_EPOCH} FROM json_to_recordset(%(counts)s::json) AS counts (key text, last int)"
    )
    + """FROM ROWS FROM (json_to_recordset(%(rows)s::json) AS (event_id text, type text, topic text, key text, after int, body text))
    WITH ORDINALITY AS made (event_id, type, topic, key, after, body, position) JOIN raised ON raised.key = made.key ORDER BY made.position
"""
)
FEW_EVENTS = 4
"""So many events of one key are written without JSON, which costs PostgreSQL and us a tenth of a filing. Each number has its own text."""


@dataclass(frozen=True, slots=True)
class PostgresqlInsert:
    """The end of a WITH statement that writes events.

    Attributes:
        text: with ``%(name)s`` where a value goes; one of a few constants.
        values: by name.
    """

    text: str
    values: dict[str, Any]


def postgresql_insert(events: PreparedEvents, written_at: datetime) -> PostgresqlInsert:
    """The part of a WITH statement that writes any number of events, at least one.

    Args:
        events: what happened.
        written_at: real time, for the age of the oldest row.
    """
    if len(events.counts) > 1 or len(events.rows) > FEW_EVENTS:
        values = {"counts": json_text(events.counts), "rows": json_text(events.rows), "written_at": written_at}
        return PostgresqlInsert(_INSERT_MANY, values)
    values = {"key": events.counts[0]["key"], "written_at": written_at}
    for place, row in enumerate(events.rows):
        values |= {f"{name}{place}": row[name] for name in ("event_id", "type", "topic", "body")}
    return PostgresqlInsert(_insert_few(len(events.rows)), values)


@cache
def _insert_few(count: int) -> str:
    """The text for some events of one key."""
    rows = (
        f"({count - 1 - place}, %(event_id{place})s::text, %(type{place})s::text, %(topic{place})s::text, %(body{place})s::text)"
        for place in range(count)
    )
    raised = _RAISE_POSTGRESQL.format(counts=f"VALUES (%(key)s, {count} + {_EPOCH})")
    made = f"(VALUES {', '.join(rows)}) AS made (after, event_id, type, topic, body)"
    return f"{raised}FROM raised, {made} ORDER BY made.after DESC"


_RAISE_SQLITE = text("""
    INSERT INTO outbox_sequence (key, last)
    VALUES (:key, :last + (SELECT coalesce(max(number), 0) << 20 FROM epoch))
    ON CONFLICT (key) DO UPDATE SET last = CASE WHEN outbox_sequence.last >> 20 >= excluded.last >> 20
        THEN outbox_sequence.last + (excluded.last & 1048575) ELSE excluded.last END
""")
"""As in `_RAISE_POSTGRESQL`: the upper part of a sequence number is the epoch's number (`shared.persistence.epoch.SEQUENCE_BITS`)."""
_INSERT_SQLITE = outbox.insert().values(
    sequence=select(outbox_sequences.c.last - bindparam("after"))
    .where(outbox_sequences.c.key == bindparam("of_key"))
    .scalar_subquery()
)


_PENDING = (
    select(
        outbox.c.id, outbox.c.event_id, outbox.c.type, outbox.c.key, outbox.c.sequence, outbox.c.body, outbox.c.topic
    )
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
)
_PENDING_WITHOUT = _PENDING.where(outbox.c.topic.not_in(bindparam("without", expanding=True)))


def pending(connection: Connection, most: int, without: Sequence[str] = ()) -> list[OutboxRow]:
    """The oldest rows. It never asks for "ids after the last one seen", because transactions do not commit in the order of ids.

    Args:
        most: rows at most.
        without: topics that are left out.
    """
    statement = _PENDING_WITHOUT if without else _PENDING
    rows = connection.execute(statement, {"most": most, "without": without} if without else {"most": most})
    return [
        OutboxRow(id_, event_id, type_, key, with_sequence(body, sequence), topic)
        for id_, event_id, type_, key, sequence, body, topic in rows
    ]


_WRITE_DIRECT = outbox.insert()
_BACKLOG = select(func.count(), func.min(outbox.c.created_at, type_=outbox.c.created_at.type))


def write_direct(connection: Connection, service: str, rows: Sequence[Mapping[str, Any]], written_at: datetime) -> None:
    """Writes messages that only one service gets, through its queue and without a binding.

    Args:
        connection: inside a transaction.
        service: who gets them.
        rows: event_id, type, key, sequence and body of each, in order.
        written_at: real time.
    """
    if rows:
        topic = direct_topic(service)
        connection.execute(_WRITE_DIRECT, [{**row, "topic": topic, "created_at": written_at} for row in rows])


def waiting_for(connection: Connection, service: str) -> int:
    """How many messages wait that only one service gets."""
    statement = select(func.count()).where(outbox.c.topic == direct_topic(service))
    return int(connection.execute(statement).scalar_one())


def backlog(connection: Connection) -> tuple[int, datetime | None]:
    """How many events wait to be published, and when the oldest was written (real time; ``None`` when none waits)."""
    count, oldest = connection.execute(_BACKLOG).one()
    return count, oldest
