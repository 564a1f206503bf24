"""Complaints that come in by an event."""

from __future__ import annotations

from services.rating.complaints.entry.store import add_sms
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork


def on_complaint_lodged_by_sms(event: Event, work: UnitOfWork) -> None:
    """Keeps what was sent, once; it waits to be entered as a complaint.

    Raises:
        shared.messaging.errors.Conflict: another SMS of this id is known.
    """
    data = event.data
    add_sms(work.connection, data["message"], data["phone"], data["text"], data["received_at"])
