"""What several of rating's tests do."""

from __future__ import annotations

from tests.support.events import event
from tests.support.service import ServiceUnderTest


def invite(rating: ServiceUnderTest, dossier: str = "D-1") -> str:
    """Returns a dossier and catches the token that leaves with the invitation."""
    returned_at = rating.store.clock.now().isoformat()
    rating.apply(event("dossier.returned", 1, dossier=dossier, returned_at=returned_at))
    (token,) = [entry.data["token"] for entry in rating.emitted("rating.invited") if entry.key == dossier]
    return str(token)
