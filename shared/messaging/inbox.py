"""The inbox: the events that this service has taken, written in the transaction of their effect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import sqlite

from shared.messaging.event import Event
from shared.messaging.tables import idempotency_keys, inbox, poison_messages
from shared.persistence.sql import WithList, json_text

Identity = tuple[str, str]
"""(source, id), which together identify a CloudEvent."""


def identity(event: Event) -> Identity:
    """The identity by which a repeated delivery is recognised."""
    return event.source, event.id


def claim(connection: Connection, events: Iterable[Event], at: datetime) -> set[Identity]:
    """Takes events for this service. The primary key decides which are new; SELECT before INSERT would race.

    Args:
        connection: inside the transaction of the effects.
        events: may contain an event twice.
        at: real time, for later deletion.

    Returns:
        those that were new.
    """
    wanted = list(dict.fromkeys(map(identity, events)))
    if not wanted:
        return set()
    if connection.dialect.name == "postgresql":
        identities = json_text([{"source": source, "event_id": id_} for source, id_ in wanted])
        taken = connection.exec_driver_sql(_CLAIM_POSTGRESQL, (at, identities))
    else:
        rows = [{"source": source, "event_id": id_, "applied_at": at} for source, id_ in wanted]
        taken = connection.execute(_CLAIM_SQLITE, rows)
    return {(source, id_) for source, id_ in taken}


_CLAIM_POSTGRESQL = """
INSERT INTO inbox (source, event_id, applied_at)
SELECT source, event_id, %s FROM json_to_recordset(%s) AS claimed (source text, event_id text)
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
_FORGET = delete(inbox).where(_OF_SOURCE, inbox.c.event_id == bindparam("of_id"))


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
