"""What rating listens to: a result that was handed over is a reason to ask how it went."""

from __future__ import annotations

from datetime import timedelta

from services.rating.ratings import store
from services.rating.ratings.domain import new_token, token_hash
from services.rating.ratings.form import rating_form
from shared.messaging.apply import Handler
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork


def on_dossier_returned(event: Event, work: UnitOfWork) -> None:
    """Invites the citizen, once for each dossier; the token itself leaves with the event and is not kept."""
    token = new_token()
    expires_at = event.data["returned_at"] + timedelta(days=rating_form().invitation_days)
    is_new = store.add_invitation(
        work.connection,
        {
            "dossier": event.data["dossier"],
            "token_hash": token_hash(token),
            "procedure": event.data["procedure"],
            "field": event.data["field"],
            "agency": event.data["receiving_agency"],
            "invited_at": work.now,
            "expires_at": expires_at,
        },
    )
    if is_new:
        work.emit("rating.invited", {"dossier": event.data["dossier"], "token": token, "expires_at": expires_at})


HANDLERS: dict[str, Handler] = {"dossier.returned": on_dossier_returned}
