"""The outbox: events written in the transaction whose effect they announce, and deleted when the broker has confirmed them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, func, select

from shared.bus.event import Event, routing_key
from shared.bus.tables import outbox, sequences
from shared.sql import insert


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One event on its way to the bus."""

    id: int
    event_id: str
    type: str
    key: str
    body: str

    @property
    def topic(self) -> str:
        """The routing key it is published under."""
        return routing_key(self.type)


def write_outbox(connection: Connection, events: Sequence[Event], written_at: datetime) -> None:
    """Numbers the events within their keys and writes them, as the last thing of a transaction.

    Raising the key's counter locks its row until commit, so the numbers are in commit order, and row ids of one key are too.

    Args:
        connection: inside the transaction that holds the effect.
        events: what happened, in order.
        written_at: real time, for the age of the oldest row.
    """
    if not events:
        return
    last = _raise_counters(connection, Counter(event.key for event in events))
    rows = []
    for event in reversed(events):
        numbered = event.numbered(last[event.key])
        last[event.key] -= 1
        rows.append(
            {
                "event_id": event.id,
                "type": event.type,
                "key": event.key,
                "body": numbered.to_json().decode(),
                "created_at": written_at,
            }
        )
    rows.reverse()
    connection.execute(outbox.insert(), rows if len(rows) > 1 else rows[0])


def _raise_counters(connection: Connection, counts: Counter[str]) -> dict[str, int]:
    statement = insert(sequences, connection)
    statement = statement.on_conflict_do_update(
        index_elements=[sequences.c.key], set_={"last": sequences.c.last + statement.excluded.last}
    ).returning(sequences.c.key, sequences.c.last)
    # sorted: two transactions that raise the same keys take the locks in the same order
    result = connection.execute(statement, [{"key": key, "last": count} for key, count in sorted(counts.items())])
    return dict(result.all())


_PENDING = (
    select(outbox.c.id, outbox.c.event_id, outbox.c.type, outbox.c.key, outbox.c.body)
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
)
_DELETE_ONE = delete(outbox).where(outbox.c.id == bindparam("row_id"))


def pending(connection: Connection, most: int) -> list[OutboxRow]:
    """The oldest rows that are still there. Never "newer than the last one seen": commits do not keep the order of ids."""
    return [OutboxRow(*row) for row in connection.execute(_PENDING, {"most": most})]


def confirmed(connection: Connection, ids: Sequence[int]) -> None:
    """Deletes the rows that the broker has taken responsibility for."""
    if not ids:
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("DELETE FROM outbox WHERE id = ANY(%s)", (list(ids),))
    else:
        connection.execute(_DELETE_ONE, [{"row_id": row_id} for row_id in ids])


def backlog(connection: Connection) -> tuple[int, datetime | None]:
    """How many events wait to be published, and since when the oldest does (real time; ``None`` when none waits)."""
    count, oldest = connection.execute(
        select(func.count(), func.min(outbox.c.created_at, type_=outbox.c.created_at.type))
    ).one()
    return count, oldest
