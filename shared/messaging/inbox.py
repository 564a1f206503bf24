"""The inbox: the events that this service has taken, written in the transaction of their effect."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime

import orjson
from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import sqlite

from shared.contracts import REGISTRY
from shared.messaging.event import Event
from shared.messaging.tables import CONTENT_DIGITS, idempotency_keys, inbox, poison_messages
from shared.persistence.sql import WithList, json_text

Identity = tuple[str, str]
"""(source, id), which together identify a CloudEvent."""


def identity(event: Event) -> Identity:
    """The identity by which a repeated delivery is recognised."""
    return event.source, event.id


def content_of(event: Event) -> str:
    """What an event says, as a digest: two events of one id are the same if it is the same.

    Type, key and data count, in whatever order the fields are; not the time and the sequence, nor the fields that a repeat of this type
    may give anew (`EventType.anew`).
    """
    entry = REGISTRY.by_type.get(event.type)
    data = event.data
    if entry is not None and entry.anew:
        data = {name: value for name, value in data.items() if name not in entry.anew}
    said = orjson.dumps((event.type, event.key, data), option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(said).hexdigest()[:CONTENT_DIGITS]


def claim(connection: Connection, events: Iterable[Event], at: datetime) -> set[Identity]:
    """Takes events for this service. The primary key decides which are new; SELECT before INSERT would race.

    Args:
        connection: inside the transaction of the effects.
        events: may contain an event twice; of two with one identity, the first is taken.
        at: real time, for later deletion.

    Returns:
        those that were new.
    """
    wanted: dict[Identity, Event] = {}
    for event in events:
        wanted.setdefault(identity(event), event)
    if not wanted:
        return set()
    rows = [
        {"source": source, "event_id": id_, "content": content_of(event)} for (source, id_), event in wanted.items()
    ]
    if connection.dialect.name == "postgresql":
        taken = connection.exec_driver_sql(_CLAIM_POSTGRESQL, (at, json_text(rows)))
    else:
        taken = connection.execute(_CLAIM_SQLITE, [{**row, "applied_at": at} for row in rows])
    return {(source, id_) for source, id_ in taken}


_CLAIM_POSTGRESQL = """
INSERT INTO inbox (source, event_id, applied_at, content)
SELECT source, event_id, %s, content FROM json_to_recordset(%s) AS claimed (source text, event_id text, content text)
ON CONFLICT DO NOTHING RETURNING source, event_id
"""
_CLAIM_SQLITE = sqlite.insert(inbox).on_conflict_do_nothing().returning(inbox.c.source, inbox.c.event_id)


def known(connection: Connection, source: str, ids: Sequence[str]) -> set[str]:
    """Which of a source's events this service has taken.

    Args:
        source: the CloudEvents source.
        ids: ids of its events.
    """
    if not ids:
        return set()
    return set(connection.execute(_KNOWN.on(connection), {"of_source": source, "ids": list(ids)}).scalars())


_OF_SOURCE = inbox.c.source == bindparam("of_source")
_KNOWN = WithList(lambda among: select(inbox.c.event_id).where(_OF_SOURCE, among(inbox.c.event_id, "ids")))
_CONTENTS = WithList(
    lambda among: select(inbox.c.event_id, inbox.c.content).where(_OF_SOURCE, among(inbox.c.event_id, "ids"))
)
_FORGET = delete(inbox).where(_OF_SOURCE, inbox.c.event_id == bindparam("of_id"))


def contents(connection: Connection, events: Iterable[Event]) -> dict[Identity, str | None]:
    """What was taken under the identities of some events, as :func:`content_of`; None where that is not known."""
    by_source: dict[str, set[str]] = {}
    for event in events:
        by_source.setdefault(event.source, set()).add(event.id)
    found: dict[Identity, str | None] = {}
    for source, ids in by_source.items():
        rows = connection.execute(_CONTENTS.on(connection), {"of_source": source, "ids": sorted(ids)})
        found |= {(source, id_): content for id_, content in rows}
    return found


def forget(connection: Connection, source: str, id_: str) -> None:
    """Deletes one row, of a message that will never come again."""
    connection.execute(_FORGET, {"of_source": source, "of_id": id_})


def forget_before(connection: Connection, moment: datetime) -> int:
    """Deletes old inbox rows and crash counters. Keep them longer than the age of any backup.

    Returns:
        how many inbox rows were deleted.
    """
    deleted = connection.execute(delete(inbox).where(inbox.c.applied_at < moment)).rowcount
    connection.execute(delete(poison_messages).where(poison_messages.c.seen_at < moment))
    return int(deleted)


def forget_answers(connection: Connection, before: datetime) -> int:
    """Deletes the kept answers of commands that were written before a moment (real time), with their keys; returns how many."""
    return int(connection.execute(delete(idempotency_keys).where(idempotency_keys.c.created_at < before)).rowcount)
