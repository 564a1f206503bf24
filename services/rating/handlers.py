"""Which events rating listens to: a returned dossier leads to an invitation to rate it."""

from __future__ import annotations

from services.rating.invitations.commands import invite, invite_again
from services.rating.invitations.domain import RatedDossier
from shared.messaging import restored
from shared.messaging.apply import Handler
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork


def on_dossier_returned(event: Event, work: UnitOfWork) -> None:
    """Invites the citizen to rate."""
    data = event.data
    rated = RatedDossier(data["dossier"], data["procedure"], data["field"], agency=data["receiving_agency"])
    invite(work, rated, data["returned_at"])


def on_contact_changed(event: Event, work: UnitOfWork) -> None:
    """Voids the link that was sent to a wrong number, and sends another one."""
    invite_again(work, event.data["dossier"])


HANDLERS: dict[str, Handler] = {
    **restored.HANDLERS,
    "dossier.returned": on_dossier_returned,
    "dossier.contact_changed": on_contact_changed,
}
