"""Events that could not be applied: waiting in order for the next attempt, or parked until a person decides.

An event that a handler cannot apply is never just logged or returned to the broker: it is a row here with the reason, visible and
countable. After the last attempt it is parked; ``motcua parked`` lists, replays or discards parked events.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, delete, func, literal, select, update

from shared.messaging.event import Event
from shared.messaging.sender_identity import SOURCE_PREFIX, agency_source, read_event, sender_by_source
from shared.messaging.tables import inbox, retry_queue
from shared.persistence.sql import Moment, insert

WAITING = "waiting"
PARKED = "parked"

BLOCKED = "blocked"  # must come after another event of its key that waits or is parked
NOT_YET = "not_yet"  # the handler raised NotYet
RETRY = "retry"  # the handler raised any other error
PERMANENT = "permanent"  # the handler raised Permanent
CONFLICT = "conflict"  # the handler raised Conflict
UNDECODABLE = "undecodable"  # not an event of this bus
SPOOFED = "spoofed"  # its source is not its sender
CRASH = "crash"  # workers died while they applied it
DEAD_LETTER = "dead_letter"  # the broker's delivery limit was reached
MISSING = "missing"  # published, but it has not arrived; the entry keeps its place until it is sent again

_NON_RETRYABLE = frozenset({PERMANENT, CONFLICT, UNDECODABLE, SPOOFED, CRASH, DEAD_LETTER, MISSING})
MAX_REASON = 2000
MISSING_PARKED_AFTER = timedelta(hours=1)
"""An event that has not arrived for so long needs a person: its publisher may not have it any more."""


@dataclass(frozen=True)
class RetryPolicy:
    """How often an event is retried, and after which delays.

    Attributes:
        first: seconds before the second attempt; doubled each time.
        longest: seconds between two attempts at most.
        retries: attempts after which a failing event is parked.
        waits: attempts after which an event is parked whose handler raises `NotYet`.
    """

    first: float = 0.5
    longest: float = 300.0
    retries: int = 10
    waits: int = 300

    def after(self, kind: str, attempts: int, now: datetime) -> tuple[str, datetime]:
        """The state of an event that has failed `attempts` times, and the time of the next attempt."""
        limit = self.waits if kind == NOT_YET else self.retries
        if kind in _NON_RETRYABLE or attempts >= limit:
            return PARKED, now
        longest = min(self.longest, 30.0) if kind == NOT_YET else self.longest
        return WAITING, now + timedelta(seconds=min(self.first * 2 ** min(attempts - 1, 30), longest))


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


_ROW = select(*retry_queue.c)
_NEXT_DUE = (
    select(retry_queue.c.next_attempt_at)
    .where(retry_queue.c.state == WAITING)
    .order_by(retry_queue.c.next_attempt_at)
    .limit(1)
)


def entries_for(connection: Connection, keys: Iterable[str]) -> dict[str, list[RetryEntry]]:
    """The entries of some keys, oldest first."""
    by_key: dict[str, list[RetryEntry]] = {}
    for row in connection.execute(_ROW.where(retry_queue.c.key.in_(sorted(set(keys)))).order_by(retry_queue.c.id)):
        by_key.setdefault(row.key, []).append(RetryEntry(*row))
    return by_key


def enqueue(connection: Connection, event: Event, kind: str, reason: str, policy: RetryPolicy, at: datetime) -> None:
    """Adds an event after its first failure, or because it is blocked. Its inbox row is written in the same transaction.

    Args:
        at: real time.
    """
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
    """Parks an event whose sender was verified. Its inbox row is written in the same transaction.

    Args:
        body: its bytes as received.
    """
    _park(connection, (event.source, event.id, event.type, event.key, event.sequence), body, kind, reason, at)


def park_raw(connection: Connection, body: bytes, sender: str, kind: str, reason: str, at: datetime) -> None:
    """Parks a message that is not an event or has a spoofed sender. Its true sender and its hash identify it, so it blocks no event.

    Args:
        body: its bytes as received.
        sender: the agency's code; "" for the platform's own services.
    """
    digest = hashlib.sha256(body).hexdigest()
    source = agency_source(sender) if sender else "unknown"
    _park(connection, (source, digest, "unknown", f"{kind}-{digest[:16]}", 0), body, kind, reason, at)


def _park(
    connection: Connection, identity: tuple[str, str, str, str, int], body: bytes, kind: str, reason: str, at: datetime
) -> None:
    source, event_id, type_, key, sequence = identity
    _insert(
        connection,
        source=source,
        event_id=event_id,
        type=type_,
        key=key,
        sequence=sequence,
        body=body.decode("utf-8", "backslashreplace").replace("\x00", "\\x00"),  # PostgreSQL's text type refuses NUL
        state=PARKED,
        kind=kind,
        reason=reason[:MAX_REASON],
        attempts=1,
        queued_at=at,
        next_attempt_at=at,
    )


def _insert(connection: Connection, **values: Any) -> None:
    forget_missing(connection, values["source"], [values["event_id"]])
    connection.execute(insert(retry_queue, connection).values(**values).on_conflict_do_nothing())


def expect_missing(
    connection: Connection, source: str, events: Iterable[tuple[str, str, str, int]], at: datetime
) -> None:
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
        connection.execute(insert(retry_queue, connection).on_conflict_do_nothing(), rows)


def forget_missing(connection: Connection, source: str, ids: Sequence[str]) -> list[str]:
    """Deletes the places of events that have arrived; returns their keys."""
    if not ids:
        return []
    entries = retry_queue.c
    gone = delete(retry_queue).where(entries.source == source, entries.kind == MISSING, entries.event_id.in_(ids))
    return list(connection.execute(gone.returning(entries.key)).scalars())


def count_missing(connection: Connection) -> int:
    """How many events were published and have not arrived."""
    return int(connection.execute(select(func.count()).where(retry_queue.c.kind == MISSING)).scalar_one())


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
    return connection.execute(delete(retry_queue).where(retry_queue.c.id == row.id)).rowcount == 1


def make_due(connection: Connection, keys: Iterable[str], at: datetime) -> None:
    """Makes the waiting entries of some keys due now: the event that they wait for may have been applied."""
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


def discard(connection: Connection, ids: Sequence[int]) -> int:
    """Deletes parked entries for good, when a person has decided so; entries that they blocked may go on. Returns how many there were.

    An event that has not arrived counts as taken from then on, so that it is not asked for again.
    """
    entries = retry_queue.c
    missing = select(entries.source, entries.event_id, entries.queued_at).where(
        entries.id.in_(ids), entries.state == PARKED, entries.kind == MISSING
    )
    taken = insert(inbox, connection).from_select(["source", "event_id", "applied_at"], missing)
    connection.execute(taken.on_conflict_do_nothing())
    return int(
        connection.execute(delete(retry_queue).where(retry_queue.c.id.in_(ids), retry_queue.c.state == PARKED)).rowcount
    )


def counts(connection: Connection) -> dict[str, int]:
    """How many entries are waiting and how many are parked."""
    found: dict[str, int] = dict(
        connection.execute(select(retry_queue.c.state, func.count()).group_by(retry_queue.c.state)).all()
    )
    return {WAITING: found.get(WAITING, 0), PARKED: found.get(PARKED, 0)}


def parked(connection: Connection, most: int = 100) -> list[RetryEntry]:
    """The parked entries, oldest first."""
    rows = connection.execute(_ROW.where(retry_queue.c.state == PARKED).order_by(retry_queue.c.id).limit(most))
    return [RetryEntry(*row) for row in rows]


def find(connection: Connection, id_: int) -> RetryEntry | None:
    """One entry by its id."""
    row = connection.execute(_ROW.where(retry_queue.c.id == id_)).first()
    return RetryEntry(*row) if row else None


def count_others_of_key(connection: Connection, row: RetryEntry) -> int:
    """How many other entries have the same key."""
    others = select(func.count()).where(and_(retry_queue.c.key == row.key, retry_queue.c.id != row.id))
    return int(connection.execute(others).scalar_one())


def replay(connection: Connection, ids: Sequence[int], at: datetime) -> int:
    """Makes parked entries due with no attempts counted; the worker retries them. Returns how many there were.

    An event that has not arrived cannot be retried: it is waited for anew.
    """
    statement = (
        update(retry_queue)
        .where(retry_queue.c.id.in_(ids), retry_queue.c.state == PARKED)
        .values(
            state=WAITING,
            kind=case((retry_queue.c.kind == MISSING, MISSING), else_=RETRY),
            attempts=0,
            next_attempt_at=case(
                (retry_queue.c.kind == MISSING, literal(at + MISSING_PARKED_AFTER, Moment())),
                else_=literal(at, Moment()),
            ),
        )
    )
    return int(connection.execute(statement).rowcount)
