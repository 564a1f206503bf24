"""Parked events: they are not tried again until a person has decided; ``motcua parked`` lists, replays or discards them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, case, delete, func, literal, select, update

from shared.messaging.event import Event
from shared.messaging.missing_events import MISSING_PARKED_AFTER
from shared.messaging.retry_policy import MISSING, PARKED, RETRY, WAITING
from shared.messaging.retry_queue import MAX_REASON, SELECT_ENTRIES, RetryEntry, add
from shared.messaging.sender_identity import agency_source
from shared.messaging.tables import inbox, retry_queue
from shared.persistence.sql import Moment, insert


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
    add(
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


def oldest(connection: Connection, most: int = 100) -> list[RetryEntry]:
    """The parked entries, oldest first."""
    rows = connection.execute(
        SELECT_ENTRIES.where(retry_queue.c.state == PARKED).order_by(retry_queue.c.id).limit(most)
    )
    return [RetryEntry(*row) for row in rows]


def find(connection: Connection, id_: int) -> RetryEntry | None:
    """One entry by its id."""
    row = connection.execute(SELECT_ENTRIES.where(retry_queue.c.id == id_)).first()
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
