"""Which channel has its turn when, what receipts change, and what of it is announced."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from services.notify.channels.domain import Channel, ReceiptStatus
from services.notify.channels.port import EmailContent, InDoubt, Outgoing, PermanentlyFailed, TemporarilyFailed
from services.notify.channels.receipts import record_receipt
from services.notify.delivery.commands import Sender
from services.notify.delivery.progress import run_fallbacks
from services.notify.delivery.store import deliveries
from services.notify.messages.store import messages
from tests.notify.gateway import Gateway, always
from tests.support.events import event
from tests.support.service import ServiceUnderTest
from tests.support.stores import MONDAY

DELIVERED, FAILED, RETURNED = ReceiptStatus.DELIVERED, ReceiptStatus.FAILED, ReceiptStatus.RETURNED


def queue(notify: ServiceUnderTest, **contact: Any) -> None:
    notify.apply(event("applicant.registered", 1, **contact), event("dossier.received", 2))


def send(notify: ServiceUnderTest, channel: Channel, gateway: Gateway | None) -> int:
    return Sender(notify.store, channel, gateway, "https://motcua.vn").send_batch()


def states(notify: ServiceUnderTest) -> dict[str, str]:
    return {row["channel"]: row["state"] for row in notify.rows(deliveries)}


def receipt(notify: ServiceUnderTest, gateway: Gateway, status: ReceiptStatus, reason: str = "") -> None:
    (outgoing,) = gateway.taken.values()
    reference = f"ref-{outgoing.id}"
    notify.store.run(lambda work: record_receipt(work, "gateway", reference, status, MONDAY, reason))


def events(notify: ServiceUnderTest) -> list[tuple[str, str]]:
    return [(one.name, one.data["channel"]) for one in notify.emitted() if one.name.startswith("message.")]


def test_the_next_channel_starts_at_once_when_one_fails(both: ServiceUnderTest) -> None:
    queue(both)
    send(both, Channel.SMS, Gateway(always(PermanentlyFailed("unknown number", "gateway"))))
    assert states(both) == {"sms": "failed", "email": "queued"}
    assert events(both) == []
    mail = Gateway()
    assert send(both, Channel.EMAIL, mail) == 1
    (outgoing,) = mail.taken.values()
    assert outgoing.address == "buoi@example.vn"
    assert isinstance(outgoing.content, EmailContent)
    assert outgoing.dossier in outgoing.content.subject
    assert "<p>Hồ sơ " in outgoing.content.html
    assert events(both) == [("message.sent", "email")]


def test_a_message_fails_when_no_channel_is_left(both: ServiceUnderTest) -> None:
    queue(both)
    for channel in (Channel.SMS, Channel.EMAIL):
        send(both, channel, Gateway(always(PermanentlyFailed(f"{channel} refused", "gateway"))))
    assert events(both) == [("message.failed", "email")]
    assert both.emitted("message.failed")[0].data["reason"] == "email refused"
    assert [row["variables"] for row in both.rows(messages)] == [None]


def test_a_channel_without_a_provider_is_skipped(both: ServiceUnderTest) -> None:
    queue(both)
    send(both, Channel.SMS, None)
    assert states(both) == {"sms": "skipped", "email": "queued"}


def test_the_citizens_preferred_channel_comes_first_and_in_their_language(both: ServiceUnderTest) -> None:
    queue(both, channels=["email", "sms"], language="en")
    (row,) = both.rows(deliveries)
    assert (row["channel"], row["language"]) == ("email", "en")
    assert row["text"].startswith("Dear Sir or Madam")


def test_without_a_receipt_in_time_the_next_channel_has_its_turn_once(both: ServiceUnderTest) -> None:
    queue(both)
    send(both, Channel.SMS, Gateway())
    both.hand.pass_(timedelta(hours=11))
    assert both.store.run(run_fallbacks) == 0
    both.hand.pass_(timedelta(hours=2))
    assert both.store.run(run_fallbacks) == 1
    assert both.store.run(run_fallbacks) == 0
    assert states(both) == {"sms": "sent", "email": "queued"}
    send(both, Channel.EMAIL, Gateway())
    assert events(both) == [("message.sent", "sms")], "one message is counted once"


def test_a_receipt_ends_the_wait_and_what_waits_is_not_sent(both: ServiceUnderTest) -> None:
    queue(both)
    sms = Gateway()
    send(both, Channel.SMS, sms)
    both.hand.pass_(timedelta(hours=13))
    both.store.run(run_fallbacks)
    receipt(both, sms, DELIVERED)
    assert states(both) == {"sms": "delivered", "email": "skipped"}
    assert send(both, Channel.EMAIL, Gateway()) == 0
    assert events(both) == [("message.sent", "sms"), ("message.delivered", "sms")]
    assert [(row["state"], row["variables"]) for row in both.rows(messages)] == [("delivered", None)]


def test_a_failure_that_is_reported_later_gives_the_next_channel_its_turn(both: ServiceUnderTest) -> None:
    queue(both)
    sms = Gateway()
    send(both, Channel.SMS, sms)
    receipt(both, sms, FAILED, "absent subscriber")
    receipt(both, sms, FAILED, "absent subscriber")
    assert states(both) == {"sms": "failed", "email": "queued"}
    receipt(both, sms, DELIVERED)
    assert states(both) == {"sms": "delivered", "email": "skipped"}, "a late receipt is the truth"


def test_a_receipt_may_come_before_the_providers_answer_is_recorded(both: ServiceUnderTest) -> None:
    queue(both)
    sms = Gateway()

    def early(outgoing: Outgoing) -> None:
        reference = f"ref-{outgoing.id}"
        both.store.run(lambda work: record_receipt(work, "gateway", reference, DELIVERED, MONDAY))

    sms.before = early
    send(both, Channel.SMS, sms)
    assert states(both) == {"sms": "delivered"}
    assert events(both) == [("message.sent", "sms"), ("message.delivered", "sms")]


@pytest.mark.parametrize("order", list(itertools.permutations((DELIVERED, FAILED, RETURNED))))
def test_receipts_count_in_any_order(notify: ServiceUnderTest, order: tuple[ReceiptStatus, ...]) -> None:
    queue(notify, email="")
    sms = Gateway()
    send(notify, Channel.SMS, sms)
    for status in (*order, *order):
        receipt(notify, sms, status)
    assert states(notify) == {"sms": "returned"}


def test_a_receipt_of_an_unknown_delivery_waits(both: ServiceUnderTest) -> None:
    both.store.run(lambda work: record_receipt(work, "gateway", "ref-unknown", DELIVERED, MONDAY))
    assert both.emitted() == []


def test_a_slow_provider_does_not_delay_another_channel(both: ServiceUnderTest) -> None:
    """While SMS is being sent, an e-mail goes out."""
    queue(both, channels=["sms"])
    mail = Gateway()

    def meanwhile(_: Outgoing) -> None:
        other = event("applicant.registered", 1, dossier="D-mail", phone="")
        both.apply(other, event("dossier.received", 2, dossier="D-mail"))
        assert send(both, Channel.EMAIL, mail) == 1

    send(both, Channel.SMS, Gateway(meanwhile))
    assert [one.dossier for one in mail.taken.values()] == ["D-mail"]


def test_urgent_deliveries_are_sent_before_a_backlog(both: ServiceUnderTest) -> None:
    queue(both, email="")
    both.hand.pass_(60)
    both.apply(event("result.code_issued", 3))
    gateway = Gateway()
    Sender(both.store, Channel.SMS, gateway, "https://motcua.vn").send_batch(limit=1)
    assert [one.kind for one in gateway.taken.values()] == ["one_time_code"]


def test_a_provider_that_raises_or_forgets_a_delivery_delays_only_its_own(
    notify: ServiceUnderTest, caplog: pytest.LogCaptureFixture
) -> None:
    queue(notify, email="")

    def bug(outgoing: Outgoing) -> None:
        raise KeyError(outgoing.address)

    send(notify, Channel.SMS, Gateway(bug))
    (row,) = notify.rows(deliveries)
    assert (row["state"], row["reason"]) == ("retrying", "the provider gave no answer")
    assert "0912345678" not in str([vars(record) for record in caplog.records])


def test_what_may_have_been_taken_is_sent_again_and_counted(notify: ServiceUnderTest) -> None:
    queue(notify, email="")
    send(notify, Channel.SMS, Gateway(always(InDoubt("connection lost", "gateway"))))
    (row,) = notify.rows(deliveries)
    assert (row["state"], row["doubts"], row["failures"]) == ("retrying", 1, 1)
    notify.hand.pass_(5)
    assert send(notify, Channel.SMS, Gateway()) == 1


def test_a_failed_attempt_does_not_lose_the_place_of_its_channel(notify: ServiceUnderTest) -> None:
    queue(notify)
    send(notify, Channel.SMS, Gateway(always(TemporarilyFailed("timeout", "gateway"))))
    assert states(notify) == {"sms": "retrying"}
