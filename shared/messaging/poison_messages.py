"""Events that were in hand when a worker died. Each try is counted before it is made, so that a deadly event is found out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select

from shared.messaging.tables import poison_messages
from shared.persistence.store import Store


def record_attempt(store: Store, event_id: str, at: datetime) -> int:
    """Counts one more try of a suspect, committed before the try; returns the count."""
    with store.uow() as unit:
        statement = unit.insert(poison_messages).values(event_id=event_id, attempts=1, seen_at=at)
        unit.execute(
            statement.on_conflict_do_update(
                index_elements=[poison_messages.c.event_id],
                set_={"attempts": poison_messages.c.attempts + 1, "seen_at": at},
            )
        )
        return int(
            unit.execute(select(poison_messages.c.attempts).where(poison_messages.c.event_id == event_id)).scalar_one()
        )


def forget(store: Store, event_id: str) -> None:
    """Forgets a suspect that turned out to be innocent."""
    with store.uow() as unit:
        unit.execute(delete(poison_messages).where(poison_messages.c.event_id == event_id))
