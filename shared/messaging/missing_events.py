"""Events that were published and have not arrived: each has a place in the retry queue, so that later events of its key wait for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, func, select

from shared.messaging.retry_policy import MISSING, WAITING
from shared.messaging.tables import retry_queue
from shared.persistence.sql import Upsert, WithList

MISSING_PARKED_AFTER = timedelta(hours=1)
"""An event that has not arrived for so long needs a person: its publisher may not have it any more."""

_EXPECT = Upsert(retry_queue, lambda row: row.on_conflict_do_nothing())
_FORGET = WithList(
    lambda among: (
        delete(retry_queue)
        .where(
            retry_queue.c.source == bindparam("of_source"),
            retry_queue.c.kind == MISSING,
            among(retry_queue.c.event_id, "ids"),
        )
        .returning(retry_queue.c.key)
    )
)


def expect(connection: Connection, source: str, events: Iterable[tuple[str, str, str, int]], at: datetime) -> None:
    """Keeps the places of events that were published and have not arrived, so that later events of their keys wait for them.

    Args:
        source: who published them.
        events: id, type, key and sequence of each.
        at: real time.
    """
    rows = [
        {
            "source": source,
            "event_id": id_,
            "type": type_,
            "key": key,
            "sequence": sequence,
            "body": "",
            "state": WAITING,
            "kind": MISSING,
            "reason": "it was published and has not arrived; its publisher is asked to send it again",
            "attempts": 0,
            "queued_at": at,
            "next_attempt_at": at + MISSING_PARKED_AFTER,
        }
        for id_, type_, key, sequence in events
    ]
    if rows:
        connection.execute(_EXPECT.on(connection), rows)


def forget(connection: Connection, source: str, ids: Sequence[str]) -> list[str]:
    """Deletes the places of events that have arrived; returns their keys."""
    if not ids:
        return []
    return list(connection.execute(_FORGET.on(connection), {"of_source": source, "ids": list(ids)}).scalars())


def count(connection: Connection) -> int:
    """How many events were published and have not arrived."""
    return int(connection.execute(select(func.count()).where(retry_queue.c.kind == MISSING)).scalar_one())
