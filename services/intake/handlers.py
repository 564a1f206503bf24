"""The events to which intake subscribes, the function that handles each, and what is read ahead for a batch."""

from __future__ import annotations

from collections.abc import Sequence

from services.intake.data_exports.events import on_messages_provided, on_rating_provided
from services.intake.dossiers.events import (
    on_apology_explained,
    on_deadline_moved,
    on_dossier_extended,
    on_dossier_paused,
    on_dossier_resolved,
    on_dossier_stopped,
    on_refusal_explained,
    on_step_assigned,
)
from services.intake.dossiers.progress import lock_ahead
from services.intake.payments.events import on_obligation_requested
from services.intake.plugin_access.events import on_step_completed, on_step_returned
from services.intake.results.events import RESULT_READY, on_message_sent
from services.intake.results.parcels import on_parcel_moved
from services.intake.retention.events import on_contact_erased
from services.intake.supplements.events import on_dossier_resumed, on_supplement_requested
from shared.messaging import restored
from shared.messaging.apply import Handler
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork

HANDLERS: dict[str, Handler] = {
    **restored.HANDLERS,
    "step.assigned": on_step_assigned,
    "step.completed": on_step_completed,
    "step.returned": on_step_returned,
    "obligation.requested": on_obligation_requested,
    "supplement.requested": on_supplement_requested,
    "dossier.paused": on_dossier_paused,
    "dossier.resumed": on_dossier_resumed,
    "dossier.extended": on_dossier_extended,
    "apology.explained": on_apology_explained,
    "dossier.deadline_moved": on_deadline_moved,
    "dossier.stopped": on_dossier_stopped,
    "refusal.explained": on_refusal_explained,
    "dossier.resolved": on_dossier_resolved,
    "message.sent": on_message_sent,
    "parcel.registered": on_parcel_moved,
    "parcel.progressed": on_parcel_moved,
    "parcel.delivered": on_parcel_moved,
    "parcel.returned": on_parcel_moved,
    "parcel.lost": on_parcel_moved,
    "contact.erased": on_contact_erased,
    "personal_data.messages_provided": on_messages_provided,
    "personal_data.rating_provided": on_rating_provided,
}

LOCKING = frozenset(
    {
        "step.assigned",
        "obligation.requested",
        "supplement.requested",
        "dossier.paused",
        "dossier.resumed",
        "dossier.extended",
        "apology.explained",
        "dossier.deadline_moved",
        "dossier.stopped",
        "refusal.explained",
        "dossier.resolved",
    }
)
"""The events whose handlers always lock their dossier."""


def prepare(events: Sequence[Event], work: UnitOfWork) -> None:
    """Locks the dossiers that a batch may change, and reads how far they are, in one statement.

    Args:
        events: of a batch; the key of those that lock is their dossier's code.
        work: the transaction.
    """
    if codes := {event.key for event in events if _locks(event)}:
        lock_ahead(work, sorted(codes))


def _locks(event: Event) -> bool:
    return event.name in LOCKING or (event.name == "message.sent" and event.data.get("kind") == RESULT_READY)
