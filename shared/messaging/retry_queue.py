"""Events that could not be applied wait here, in order, for the next attempt, or are parked (`parked_events`) until a person decides.

An event that a handler cannot apply is never just logged or returned to the broker: it is a row here with the reason, visible and
countable. After the last attempt it is parked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update

from shared.messaging import missing_events
from shared.messaging.event import Event
from shared.messaging.retry_policy import BLOCKED, MISSING, NOT_YET, PARKED, WAITING, RetryPolicy
from shared.messaging.sender_identity import SOURCE_PREFIX, read_event, sender_by_source
from shared.messaging.tables import retry_queue
from shared.persistence.sql import Upsert, WithList

MAX_REASON = 2000


@dataclass(frozen=True, slots=True)
class RetryEntry:
    """A row of the retry queue."""

    id: int
    source: str
    event_id: str
    type: str
    key: str
    sequence: int
    body: str
    state: str
    kind: str
    reason: str
    attempts: int
    queued_at: datetime
    next_attempt_at: datetime

    def event(self) -> Event:
        """The event itself, whoever sent it.

        Raises:
            Undecodable: the parked message is not an event.
        """
        return Event.from_json(self.body)

    def verified_event(self) -> Event:
        """The event itself, if its sender may send it. The row's `source` is the true sender; the body may claim another.

        Raises:
            Undecodable: the parked message is not an event.
            SpoofedSender: the body claims another sender.
        """
        return read_event(self.body, sender_by_source(self.source))

    def blocks(self, source: str, sequence: int) -> bool:
        """Whether a later arrival of the same key must wait for this entry.

        An event of the same source with a lower sequence goes first. An entry that waits for another event (`NOT_YET`, `BLOCKED`)
        or has not arrived (`MISSING`) does not block other sources, because the event it waits for may come from one of them. Events of
        an agency block nothing: agencies send no sequence, and may name any dossier.
        """
        if self.source.startswith(SOURCE_PREFIX):
            return False
        if source == self.source:
            return sequence > self.sequence
        return self.kind not in (NOT_YET, BLOCKED, MISSING)


SELECT_ENTRIES = select(*retry_queue.c)
_ENTRIES_FOR = WithList(lambda among: SELECT_ENTRIES.where(among(retry_queue.c.key, "keys")).order_by(retry_queue.c.id))
_ADD = Upsert(retry_queue, lambda row: row.on_conflict_do_nothing())
_REMOVE = delete(retry_queue).where(retry_queue.c.id == bindparam("of_id"))
_MAKE_DUE = WithList(
    lambda among: (
        update(retry_queue)
        .where(
            among(retry_queue.c.key, "keys"), retry_queue.c.state == WAITING, retry_queue.c.kind.in_((NOT_YET, BLOCKED))
        )
        .values(next_attempt_at=bindparam("at"))
    )
)
_NEXT_DUE = (
    select(retry_queue.c.next_attempt_at)
    .where(retry_queue.c.state == WAITING)
    .order_by(retry_queue.c.next_attempt_at)
    .limit(1)
)


def entries_for(connection: Connection, keys: Iterable[str]) -> dict[str, list[RetryEntry]]:
    """The entries of some keys, oldest first."""
    by_key: dict[str, list[RetryEntry]] = {}
    for row in connection.execute(_ENTRIES_FOR.on(connection), {"keys": sorted(set(keys))}):
        by_key.setdefault(row.key, []).append(RetryEntry(*row))
    return by_key


def enqueue(connection: Connection, event: Event, kind: str, reason: str, policy: RetryPolicy, at: datetime) -> None:
    """Adds an event after its first failure, or because it is blocked. Its inbox row is written in the same transaction.

    Args:
        at: real time.
    """
    state, next_attempt_at = policy.after(kind, 1, at) if kind != BLOCKED else (WAITING, at)
    add(
        connection,
        source=event.source,
        event_id=event.id,
        type=event.type,
        key=event.key,
        sequence=event.sequence,
        body=event.to_json().decode(),
        state=state,
        kind=kind,
        reason=reason,
        attempts=0 if kind == BLOCKED else 1,
        queued_at=at,
        next_attempt_at=next_attempt_at,
    )


def add(connection: Connection, **values: Any) -> None:
    """Writes an entry; the place that was kept for its event goes."""
    missing_events.forget(connection, values["source"], [values["event_id"]])
    connection.execute(_ADD.on(connection), values)


def record_failure(
    connection: Connection, row: RetryEntry, kind: str, reason: str, policy: RetryPolicy, at: datetime
) -> str:
    """Counts one more failure; returns the entry's new state."""
    attempts = row.attempts + 1
    state, next_attempt_at = policy.after(kind, attempts, at)
    connection.execute(
        update(retry_queue)
        .where(retry_queue.c.id == row.id)
        .values(state=state, kind=kind, reason=reason, attempts=attempts, next_attempt_at=next_attempt_at)
    )
    return state


def remove(connection: Connection, row: RetryEntry) -> bool:
    """Deletes an entry, in the transaction that applies its event; false when another process has deleted it."""
    return connection.execute(_REMOVE, {"of_id": row.id}).rowcount == 1


def make_due(connection: Connection, keys: Iterable[str], at: datetime) -> None:
    """Makes the waiting entries of some keys due now: the event that they wait for may have been applied."""
    wanted = sorted(set(keys))
    if wanted:
        connection.execute(_MAKE_DUE.on(connection), {"keys": wanted, "at": at})


def due_keys(connection: Connection, at: datetime, most: int) -> list[str]:
    """Keys that have a due entry, those due longest first."""
    due = (
        select(retry_queue.c.key)
        .where(retry_queue.c.state == WAITING, retry_queue.c.next_attempt_at <= at)
        .group_by(retry_queue.c.key)
        .order_by(func.min(retry_queue.c.next_attempt_at))
        .limit(most)
    )
    return list(connection.execute(due).scalars())


def next_due(connection: Connection) -> datetime | None:
    """When the next waiting entry is due; ``None`` if none waits."""
    return connection.execute(_NEXT_DUE).scalar_one_or_none()


def reschedule(connection: Connection, ids: Sequence[int], now: datetime, seconds: float) -> None:
    """Delays entries that are due but blocked, so that they are not checked in each round; `make_due` may bring them forward."""
    connection.execute(
        update(retry_queue).where(retry_queue.c.id.in_(ids)).values(next_attempt_at=now + timedelta(seconds=seconds))
    )


def counts(connection: Connection) -> dict[str, int]:
    """How many entries are waiting and how many are parked."""
    found: dict[str, int] = dict(
        connection.execute(select(retry_queue.c.state, func.count()).group_by(retry_queue.c.state)).all()
    )
    return {WAITING: found.get(WAITING, 0), PARKED: found.get(PARKED, 0)}
