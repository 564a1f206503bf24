"""Events that could not be applied: held in order with the reason and the next attempt's time, or parked for a person to look at.

Nothing is only logged and nothing is refused for ever: what a handler cannot do now stands in `held_event`, visible and countable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, delete, func, select, update

from shared.messaging.event import Event
from shared.messaging.sender_identity import SOURCE_PREFIX, agency_source, read_event, sender_by_source
from shared.messaging.tables import retry_queue
from shared.persistence.sql import insert

WAITING = "waiting"
PARKED = "parked"

BLOCKED = "blocked"  # in order behind another held event of its key
NOT_YET = "not_yet"  # NotYet
RETRY = "retry"  # any other error
PERMANENT = "permanent"
UNDECODABLE = "undecodable"
SPOOFED = "spoofed"  # from somebody else than it says
CRASH = "crash"  # workers died with it in hand
DEAD_LETTER = "dead_letter"  # the carrier gave it up


_NON_RETRYABLE = frozenset({PERMANENT, UNDECODABLE, SPOOFED, CRASH, DEAD_LETTER})
MAX_REASON = 2000


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how patiently a held event is tried again.

    Attributes:
        first: seconds before the second attempt; doubled each time.
        longest: seconds between two attempts at the most.
        retries: attempts after which a failing event is parked.
        waits: attempts after which an event that waits for another is parked.
    """

    first: float = 0.5
    longest: float = 300.0
    retries: int = 10
    waits: int = 300

    def after(self, kind: str, attempts: int, now: datetime) -> tuple[str, datetime]:
        """The state of an event that has failed `attempts` times, and when to try again."""
        limit = self.waits if kind == NOT_YET else self.retries
        if kind in _NON_RETRYABLE or attempts >= limit:
            return PARKED, now
        longest = min(self.longest, 30.0) if kind == NOT_YET else self.longest
        return WAITING, now + timedelta(seconds=min(self.first * 2 ** min(attempts - 1, 30), longest))


@dataclass(frozen=True, slots=True)
class RetryEntry:
    """A row of `held_event`."""

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
        """The event itself.

        Raises:
            Undecodable: what was parked is not an event.
        """
        return Event.from_json(self.body)

    def verified_event(self) -> Event:
        """The event itself, if it is its sender's: the row's `source` is the true one, whatever the body says.

        Raises:
            Undecodable: what was parked is not an event.
            Forged: it comes from somebody else than it says.
        """
        return read_event(self.body, sender_by_source(self.source))

    def blocks(self, source: str, sequence: int) -> bool:
        """Whether a later arrival of the same key must wait behind this one.

        An event of the same source with a lower number came before and goes first. One that merely waits for something
        unknown must not keep out other sources: what it waits for may be among them. Nothing ever waits behind what an agency
        sent: it gives no numbers, and could name any dossier.
        """
        if self.source.startswith(SOURCE_PREFIX):
            return False
        if source == self.source:
            return sequence > self.sequence
        return self.kind not in (NOT_YET, BLOCKED)


_ROW = select(*retry_queue.c)


def entries_for(connection: Connection, keys: Iterable[str]) -> dict[str, list[RetryEntry]]:
    """The held events of some keys, oldest first."""
    by_key: dict[str, list[RetryEntry]] = {}
    for row in connection.execute(_ROW.where(retry_queue.c.key.in_(sorted(set(keys)))).order_by(retry_queue.c.id)):
        by_key.setdefault(row.key, []).append(RetryEntry(*row))
    return by_key


def enqueue(connection: Connection, event: Event, kind: str, reason: str, policy: RetryPolicy, at: datetime) -> None:
    """Holds an event for the first time (its inbox row is written in the same transaction)."""
    state, next_attempt_at = policy.after(kind, 1, at) if kind != BLOCKED else (WAITING, at)
    _insert(
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


def park(connection: Connection, event: Event, body: bytes, kind: str, reason: str, at: datetime) -> None:
    """Parks an event that is its sender's own (its inbox row is written in the same transaction).

    Args:
        body: its bytes as they came.
    """
    _park(connection, (event.source, event.id, event.type, event.key, event.sequence), body, kind, reason, at)


def park_raw(connection: Connection, body: bytes, sender: str, kind: str, reason: str, at: datetime) -> None:
    """Parks what is no event, or not its sender's: under the true sender and the bytes' own hash, behind which nothing waits.

    Args:
        sender: the agency's code; "" for the platform's own services.
    """
    digest = hashlib.sha256(body).hexdigest()
    source = agency_source(sender) if sender else "unknown"
    _park(connection, (source, digest, "unknown", f"{kind}-{digest[:16]}", 0), body, kind, reason, at)


def _park(
    connection: Connection, named: tuple[str, str, str, str, int], body: bytes, kind: str, reason: str, at: datetime
) -> None:
    source, event_id, type_, key, sequence = named
    _insert(
        connection,
        source=source,
        event_id=event_id,
        type=type_,
        key=key,
        sequence=sequence,
        body=body.decode("utf-8", "backslashreplace").replace("\x00", "\\x00"),  # PostgreSQL's text takes no NUL
        state=PARKED,
        kind=kind,
        reason=reason[:MAX_REASON],
        attempts=1,
        queued_at=at,
        next_attempt_at=at,
    )


def _insert(connection: Connection, **values: Any) -> None:
    connection.execute(insert(retry_queue, connection).values(**values).on_conflict_do_nothing())


def record_failure(
    connection: Connection, row: RetryEntry, kind: str, reason: str, policy: RetryPolicy, at: datetime
) -> str:
    """Counts one more failure of a held event; returns its new state."""
    attempts = row.attempts + 1
    state, next_attempt_at = policy.after(kind, attempts, at)
    connection.execute(
        update(retry_queue)
        .where(retry_queue.c.id == row.id)
        .values(state=state, kind=kind, reason=reason, attempts=attempts, next_attempt_at=next_attempt_at)
    )
    return state


def remove(connection: Connection, row: RetryEntry) -> bool:
    """Deletes a held event, in the transaction that applies it; false when somebody else has."""
    return connection.execute(delete(retry_queue).where(retry_queue.c.id == row.id)).rowcount == 1


def make_due(connection: Connection, keys: Iterable[str], at: datetime) -> None:
    """Makes the waiting events of some keys due now: what they wait for may have come."""
    wanted = sorted(set(keys))
    if wanted:
        connection.execute(
            update(retry_queue)
            .where(
                retry_queue.c.key.in_(wanted),
                retry_queue.c.state == WAITING,
                retry_queue.c.kind.in_((NOT_YET, BLOCKED)),
            )
            .values(next_attempt_at=at)
        )


def due_keys(connection: Connection, at: datetime, most: int) -> list[str]:
    """Keys with a waiting event whose time has come."""
    due = (
        select(retry_queue.c.key)
        .where(retry_queue.c.state == WAITING, retry_queue.c.next_attempt_at <= at)
        .group_by(retry_queue.c.key)
        .order_by(func.min(retry_queue.c.next_attempt_at))
        .limit(most)
    )
    return list(connection.execute(due).scalars())


def reschedule(connection: Connection, ids: Sequence[int], now: datetime, seconds: float) -> None:
    """Looks at events again later that are due but stand behind others; being woken brings them forward."""
    connection.execute(
        update(retry_queue).where(retry_queue.c.id.in_(ids)).values(next_attempt_at=now + timedelta(seconds=seconds))
    )


def discard(connection: Connection, ids: Sequence[int]) -> int:
    """Drops parked events for good, on a person's word; what waits behind them may go on. Returns how many there were."""
    return int(
        connection.execute(delete(retry_queue).where(retry_queue.c.id.in_(ids), retry_queue.c.state == PARKED)).rowcount
    )


def counts(connection: Connection) -> dict[str, int]:
    """How many events are waiting and how many are parked."""
    found: dict[str, int] = dict(
        connection.execute(select(retry_queue.c.state, func.count()).group_by(retry_queue.c.state)).all()
    )
    return {WAITING: found.get(WAITING, 0), PARKED: found.get(PARKED, 0)}


def parked(connection: Connection, most: int = 100) -> list[RetryEntry]:
    """The parked events, oldest first."""
    rows = connection.execute(_ROW.where(retry_queue.c.state == PARKED).order_by(retry_queue.c.id).limit(most))
    return [RetryEntry(*row) for row in rows]


def find(connection: Connection, id_: int) -> RetryEntry | None:
    """One held event by its number."""
    row = connection.execute(_ROW.where(retry_queue.c.id == id_)).first()
    return RetryEntry(*row) if row else None


def count_others_of_key(connection: Connection, row: RetryEntry) -> int:
    """How many events of the same key are held beside this one."""
    others = select(func.count()).where(and_(retry_queue.c.key == row.key, retry_queue.c.id != row.id))
    return int(connection.execute(others).scalar_one())


def replay(connection: Connection, ids: Sequence[int], at: datetime) -> int:
    """Gives parked events a fresh start; the worker takes them up. Returns how many there were."""
    statement = (
        update(retry_queue)
        .where(retry_queue.c.id.in_(ids), retry_queue.c.state == PARKED)
        .values(state=WAITING, kind=RETRY, attempts=0, next_attempt_at=at)
    )
    return int(connection.execute(statement).rowcount)
