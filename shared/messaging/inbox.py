"""The inbox: which events this service has taken, written in the transaction of their effect."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete
from sqlalchemy.dialects import sqlite

from shared.messaging.event import Event
from shared.messaging.tables import idempotency_keys, inbox, poison_messages
from shared.persistence.sql import json_text

Identity = tuple[str, str]
"""(source, id): together they name an event, says CloudEvents."""


def identity(event: Event) -> Identity:
    """What makes two deliveries the same event."""
    return event.source, event.id


def claim(connection: Connection, events: Iterable[Event], at: datetime) -> set[Identity]:
    """Takes events for this service, and says which were new. The primary key decides: no look first, insert later.

    Args:
        connection: inside the transaction of the effects.
        events: may repeat each other.
        at: real time, for cleaning up later.
    """
    wanted = list(dict.fromkeys(map(identity, events)))
    if not wanted:
        return set()
    if connection.dialect.name == "postgresql":
        came = json_text([{"source": source, "event_id": id_} for source, id_ in wanted])
        taken = connection.exec_driver_sql(_CLAIM_POSTGRESQL, (at, came))
    else:
        rows = [{"source": source, "event_id": id_, "applied_at": at} for source, id_ in wanted]
        taken = connection.execute(_CLAIM_SQLITE, rows)
    return {(source, id_) for source, id_ in taken}


_CLAIM_POSTGRESQL = """
INSERT INTO inbox (source, event_id, applied_at)
SELECT source, event_id, %s FROM json_to_recordset(%s) AS came (source text, event_id text)
ON CONFLICT DO NOTHING RETURNING source, event_id
"""
_CLAIM_SQLITE = sqlite.insert(inbox).on_conflict_do_nothing().returning(inbox.c.source, inbox.c.event_id)


def forget_before(connection: Connection, moment: datetime) -> int:
    """Deletes inbox rows and idempotency keys older than a moment; says how many. Keep them longer than any backup's age."""
    gone = connection.execute(delete(inbox).where(inbox.c.applied_at < moment)).rowcount
    gone += connection.execute(delete(idempotency_keys).where(idempotency_keys.c.created_at < moment)).rowcount
    connection.execute(delete(poison_messages).where(poison_messages.c.seen_at < moment))
    return int(gone)
