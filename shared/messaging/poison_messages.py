"""Crash counters of events that were in process when a worker died.

Each attempt is counted and committed before it is made, so that an event that kills its worker is found.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from shared.messaging.tables import poison_messages
from shared.persistence.store import Store


def record_attempt(store: Store, event_id: str, at: datetime) -> int:
    """Counts one more attempt, committed before the attempt; returns the count."""
    with store.uow() as unit:
        statement = unit.insert(poison_messages).values(event_id=event_id, attempts=1, seen_at=at)
        counted = statement.on_conflict_do_update(
            index_elements=[poison_messages.c.event_id],
            set_={"attempts": poison_messages.c.attempts + 1, "seen_at": at},
        ).returning(poison_messages.c.attempts)
        return int(unit.execute(counted).scalar_one())


def forget(store: Store, event_id: str) -> None:
    """Forgets an event that did not kill its worker."""
    with store.uow() as unit:
        unit.execute(delete(poison_messages).where(poison_messages.c.event_id == event_id))
