"""What intake does when notify has sent the citizen a message about the result."""

from __future__ import annotations

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.progress import lock_for_event
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork

RESULT_READY = "result_ready"
"""The kind of notify's message about the result."""


def on_message_sent(event: Event, work: UnitOfWork) -> None:
    """Records when the citizen was first notified: from then on the result may be handed over early (NĐ 118/2025, article 22.5)."""
    data = event.data
    if data["kind"] != RESULT_READY:
        return
    dossier = lock_for_event(work, data["dossier"])
    if dossier.result_notified_at is None or data["sent_at"] < dossier.result_notified_at:
        dossiers.change(work, dossier, result_notified_at=data["sent_at"])
