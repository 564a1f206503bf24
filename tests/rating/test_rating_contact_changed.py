"""A link that went to a wrong number opens nothing, and another one is sent."""

from __future__ import annotations

from services.rating.invitations.store import invitations
from tests.support.events import event
from tests.support.service import ServiceUnderTest


def test_the_old_token_is_void(both: ServiceUnderTest) -> None:
    both.apply(event("dossier.contact_changed", 1, dossier="D-1"))
    assert both.emitted("rating.invited") == []
    both.apply(event("dossier.returned", 2, dossier="D-1"))
    (before,) = both.rows(invitations)
    both.apply(event("dossier.contact_changed", 3, dossier="D-1"))
    (after,) = both.rows(invitations)
    assert after["token_hash"] != before["token_hash"]
    first, second = both.emitted("rating.invited")
    assert first.data["token"] != second.data["token"]
    assert first.data["expires_at"] == second.data["expires_at"]
    both.apply(event("dossier.contact_changed", 3, dossier="D-1"))
    assert len(both.emitted("rating.invited")) == 2
