"""A corrected phone: nothing more goes to the old number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.notify.channels.domain import Channel
from services.notify.contacts.store import contacts
from services.notify.delivery.claims import claim_due
from services.notify.delivery.store import deliveries
from services.notify.messages.store import messages
from tests.support.events import event
from tests.support.service import ServiceUnderTest
from tests.support.stores import MONDAY

NEW = "0987654321"


def corrected(sequence: int = 3, phone: str = NEW, minutes: int = 1) -> Any:
    at = (MONDAY + timedelta(minutes=minutes)).isoformat()
    return event("applicant.corrected", sequence, dossier="D-1", phone=phone, corrected_at=at)


def register(notify: ServiceUnderTest) -> None:
    notify.apply(event("applicant.registered", 1, dossier="D-1"), event("dossier.received", 2, dossier="D-1"))


def pending(notify: ServiceUnderTest) -> list[tuple[str, str]]:
    return [(row["kind"], row["address"]) for row in notify.rows(deliveries) if row["state"] in ("queued", "sending")]


def test_pending_messages_go_to_the_right_number(both: ServiceUnderTest) -> None:
    register(both)
    both.apply(corrected())
    assert pending(both) == [("received", NEW)]
    reasons = {row["state"]: row["reason"] for row in both.rows(deliveries)}
    assert reasons == {"skipped": "the phone number was corrected", "queued": ""}
    assert both.emitted("message.skipped") == [], "the message is still to be sent"
    both.apply(corrected())  # a duplicate
    assert pending(both) == [("received", NEW)]


def test_a_message_that_is_being_sent_is_not_tried_at_the_old_number_again(both: ServiceUnderTest) -> None:
    register(both)
    at = both.store.clock.wall()
    with both.store.uow() as work:
        claimed = claim_due(work.connection, Channel.SMS, "claim", at, at + timedelta(seconds=60), 9)
        assert len(claimed.deliveries) == 1
    both.apply(corrected())
    assert pending(both) == [("received", NEW)]


def test_an_older_correction_changes_nothing(both: ServiceUnderTest) -> None:
    register(both)
    both.apply(corrected(4, NEW, minutes=5))
    both.apply(corrected(3, "0911111111", minutes=1))
    assert [row["phone"] for row in both.rows(contacts)] == [NEW]
    assert pending(both) == [("received", NEW)]


def test_a_void_rating_link_is_not_sent(both: ServiceUnderTest) -> None:
    register(both)
    both.apply(event("rating.invited", 1, dossier="D-1"), corrected())
    assert pending(both) == [("received", NEW)]
    both.apply(event("rating.invited", 2, dossier="D-1"), event("rating.invited", 3, dossier="D-1"))
    assert sorted(pending(both)) == [("rating_invitation", NEW), ("received", NEW)]


def test_a_correction_waits_for_its_contact(notify: ServiceUnderTest) -> None:
    notify.apply(corrected())
    assert notify.rows(contacts) == []
    assert len(notify.retry_rows()) == 1


def test_the_registration_sent_again_after_a_correction_is_no_contradiction(both: ServiceUnderTest) -> None:
    register(both)
    both.apply(corrected())
    both.apply(event("applicant.registered", 9, dossier="D-1"))
    assert [row["phone"] for row in both.rows(contacts)] == [NEW]
    assert both.emitted("store.conflicted") == []


def test_a_registration_is_the_same_one_whenever_it_is_handled(both: ServiceUnderTest) -> None:
    register(both)
    both.apply(corrected())
    both.hand.pass_(3600.0)
    both.apply(event("applicant.registered", 9, dossier="D-1"))
    assert both.retry_rows() == []
    both.apply(event("applicant.registered", 10, dossier="D-1", time=MONDAY + timedelta(hours=1)))
    assert both.retry_rows() == [("parked", "conflict")], "another one under this code"
    assert [row["phone"] for row in both.rows(contacts)] == [NEW]


@pytest.mark.parametrize("other", [{"phone": "0911111111"}, {"name": "Trần Văn Cam"}, {"email": ""}])
def test_another_correction_of_the_same_moment_is_parked(both: ServiceUnderTest, other: dict[str, str]) -> None:
    register(both)
    both.apply(corrected())
    before = both.rows(contacts), both.rows(messages), both.rows(deliveries)
    again = corrected(4)
    both.apply(again)
    assert both.retry_rows() == []
    both.apply(replace(again, id="other", data=again.data | other))
    assert both.retry_rows() == [("parked", "conflict")]
    assert (both.rows(contacts), both.rows(messages), both.rows(deliveries)) == before
