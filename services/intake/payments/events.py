"""What intake does when an agency requests a payment from the citizen."""

from __future__ import annotations

from services.intake.dossiers.commands import advance
from services.intake.dossiers.domain import State
from services.intake.dossiers.progress import lock_for_event
from services.intake.payments import store
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork


def on_obligation_requested(event: Event, work: UnitOfWork) -> None:
    """Records the obligation. The dossier waits for the payment unless it is over, or waits for papers first.

    Raises:
        shared.messaging.errors.Conflict: another obligation of this id is known.
    """
    data, dossier = event.data, lock_for_event(work, event.data["dossier"])
    columns = ("dossier", "kind", "name", "amount", "agency", "requested_at")
    values = {"id": data["obligation"], **{name: data[name] for name in columns}}
    if store.add_obligation(work.connection, values) and dossier.state is not State.SUPPLEMENT_REQUESTED:
        advance(work, dossier, State.OBLIGATION_REQUESTED, data["requested_at"])
