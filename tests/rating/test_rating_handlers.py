from __future__ import annotations

import re
from datetime import timedelta

from services.rating.handlers import HANDLERS
from services.rating.invitations.domain import token_hash
from services.rating.invitations.store import invitations
from services.rating.migrations import metadata
from services.rating.worker import WORKER
from shared.contracts import REGISTRY, read_data
from shared.persistence.migrations import differences
from tests.rating.support import invite
from tests.support.events import event
from tests.support.service import ServiceUnderTest, with_unknown_fields, without

RETURNED = event("dossier.returned")


def test_handlers_and_subscriptions_agree() -> None:
    assert sorted(HANDLERS) == list(REGISTRY.subscriptions()["rating"])
    assert WORKER.handlers is HANDLERS


def test_migrations_and_tables_agree(both: ServiceUnderTest) -> None:
    with both.store.read() as connection:
        assert differences(connection, metadata) == []


def test_a_returned_dossier_gives_an_invitation_for_thirty_days(both: ServiceUnderTest) -> None:
    both.apply(RETURNED)
    (invited,) = both.emitted()
    data = read_data(invited)
    returned_at = REGISTRY.read(RETURNED)["returned_at"]
    assert (invited.name, data["dossier"]) == ("rating.invited", RETURNED.key)
    assert data["expires_at"] - returned_at == timedelta(days=30)
    assert re.fullmatch("[0-9a-z]{20}", data["token"])


def test_only_the_digest_of_the_token_is_stored(rating: ServiceUnderTest) -> None:
    token = invite(rating)
    (row,) = rating.rows(invitations)
    assert row["token_hash"] == token_hash(token, rating.context.settings.hash_key)
    assert token not in str(row)


def test_a_dossier_has_one_invitation_even_if_it_is_returned_again(both: ServiceUnderTest) -> None:
    both.apply(RETURNED, RETURNED)
    assert both.apply(RETURNED).duplicates == 1
    both.apply(event("dossier.returned", 2))  # another event about the same dossier
    assert len(both.emitted("rating.invited")) == 1


def test_an_invitation_for_another_dossier_of_the_same_code_is_parked(both: ServiceUnderTest) -> None:
    both.apply(RETURNED)
    assert both.apply(event("dossier.returned", 2, field="civil-status")).parked == 1
    assert both.retry_rows() == [("parked", "conflict")]
    assert [row["field"] for row in both.rows(invitations)] == [RETURNED.data["field"]]
    assert [told.data["service"] for told in both.emitted("store.conflicted")] == ["intake"]


def test_unknown_fields_of_events_are_ignored(rating: ServiceUnderTest) -> None:
    rating.apply(with_unknown_fields(RETURNED))
    assert len(rating.rows(invitations)) == 1


def test_an_invalid_event_is_parked_and_the_others_are_applied(rating: ServiceUnderTest) -> None:
    outcome = rating.apply(b"{", without(event("dossier.returned", dossier="D-2"), "field"), RETURNED)
    assert (outcome.parked, outcome.applied) == (2, 1)
    assert [row["dossier"] for row in rating.rows(invitations)] == [RETURNED.key]
