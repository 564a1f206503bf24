"""A message whose last channel is the letter: from the event to the post, and back by a receipt."""

from __future__ import annotations

from datetime import timedelta

from services.notify.channels.domain import Channel
from services.notify.delivery.store import deliveries
from services.notify.delivery.sweeps import send_due
from services.notify.post.batches.commands import close_batch, mark_posted, mark_printed, mark_returned
from services.notify.post.letters import store as letters
from tests.notify.post.letters_fixture import DESK
from tests.support.events import event
from tests.support.service import ServiceUnderTest

DOSSIER = f"{DESK}-251120-0001"


def refused(service: ServiceUnderTest, address: str) -> None:
    """A refusal of somebody without telephone and e-mail."""
    service.apply(
        event("applicant.registered", dossier=DOSSIER, phone="", email="", address=address),
        event("dossier.refused", 2, dossier=DOSSIER, receiving_agency=DESK),
    )
    for _ in range(3):
        for channel in Channel:
            send_due(service.context, channel)
        service.hand.pass_(timedelta(minutes=1))


def letter_delivery(service: ServiceUnderTest) -> tuple[str, str]:
    return next((row["state"], row["reason"]) for row in service.rows(deliveries) if row["channel"] == Channel.LETTER)


def test_a_letter_goes_out_when_no_other_channel_reaches_the_citizen(both: ServiceUnderTest) -> None:
    refused(both, "Ấp 3, xã Phước Long, tỉnh Cà Mau")
    (row,) = both.rows(letters.letters)
    assert (row["dossier"], row["agency"], row["state"]) == (DOSSIER, DESK, "waiting")
    assert letter_delivery(both)[0] == "sent"
    id = both.store.run(lambda work: close_batch(work, DESK, None, "clerk-1")).id
    both.store.run(lambda work: mark_printed(work, id, {DESK}, "clerk-1"))
    both.store.run(lambda work: mark_posted(work, id, {DESK}, "clerk-1"))
    both.store.run(lambda work: mark_returned(work, row["id"], {DESK}, "chuyển nhà", "clerk-1"))
    assert letter_delivery(both)[0] == "returned"


def test_a_letter_to_a_wrong_address_fails_for_good(both: ServiceUnderTest) -> None:
    refused(both, "nhà ông Tám, gần chợ")
    assert both.rows(letters.letters) == []
    state, reason = letter_delivery(both)
    assert (state, reason) == ("failed", "the address does not end with a province")
