"""Notices facts of months that have ended, so that these are counted again: one rule for all events, in their own transaction.

What happens in the month that runs needs no mark, since it is counted again anyway until it has ended; so nearly all events cost one look
into a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import select

from services.stats.facts.store import ratings
from services.stats.index.store import mark_changed
from shared.messaging.apply import Handler
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

MOMENTS: Mapping[str, str] = {
    "dossier.received": "received_at",
    "dossier.supplemented": "supplemented_at",
    "dossier.overdue": "overdue_at",
    "dossier.overdue_withdrawn": "was_overdue_at",
    "dossier.extended": "extended_at",
    "dossier.stopped": "stopped_at",
    "dossier.resolved": "resolved_at",
    "dossier.returned": "returned_at",
    "result.published": "published_at",
    "supplement.requested": "requested_at",
    "fee.paid": "paid_at",
    "step.completed": "completed_at",
    "step.overdue_withdrawn": "completed_at",
    "rating.given": "given_at",
    "complaint.lodged": "lodged_at",
    "complaint.rejected": "rejected_at",
    "complaint.answered": "answered_at",
    "complaint.reopened": "reopened_at",
    "complaint.overdue": "overdue_at",
}
"""Event → the field that says from when on it changes what was counted; other events change no score."""
CORRECTED = "rating.corrected"
_waiting: WeakKeyDictionary[UnitOfWork, set[str]] = WeakKeyDictionary()
"""Transaction → the months that it will mark."""


def noticing_changes(handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    """The same handlers; those whose events may change a score also mark the month that has ended."""
    counted = MOMENTS.keys() | {CORRECTED}
    return {name: _noticing(handler) if name in counted else handler for name, handler in handlers.items()}


def _noticing(handler: Handler) -> Handler:
    def handle(event: Event, work: UnitOfWork) -> None:
        handler(event, work)
        at = _rated_at(event.data, work) if event.name == CORRECTED else event.data[MOMENTS[event.name]]
        if at is not None and (month := _month(at)) < _month(work.now):
            _mark_later(work, month)

    return handle


def _mark_later(work: UnitOfWork, month: str) -> None:
    """Marks a month when the transaction commits, once for all its events; also if an event before it, which failed, had asked for it."""
    _waiting.setdefault(work, set()).add(month)
    work.before_commit(lambda: mark_changed(work, _waiting.pop(work, ())))


def _rated_at(data: Mapping[str, Any], work: UnitOfWork) -> datetime | None:
    asked = select(ratings.c.given_at).where(ratings.c.rating == data["rating"])
    return work.execute(asked).scalar()


def _month(at: datetime) -> str:
    return f"{at.astimezone(VIETNAM):%Y-%m}"
