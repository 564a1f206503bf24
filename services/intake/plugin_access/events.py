"""What intake does when a step ends: the agency's software may no longer read the papers."""

from __future__ import annotations

from services.intake.plugin_access import store
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork


def on_step_completed(event: Event, work: UnitOfWork) -> None:
    """Ends the access, since the agency has completed the step."""
    data = event.data
    store.revoke(work.connection, data["dossier"], data["task"], data["agency"], data["completed_at"])


def on_step_returned(event: Event, work: UnitOfWork) -> None:
    """Ends the access, since the agency has handed the step back."""
    data = event.data
    store.revoke(work.connection, data["dossier"], data["task"], data["agency"], data["returned_at"])
