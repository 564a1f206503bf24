from __future__ import annotations

from datetime import timedelta

import orjson
import pytest

from services.notify.channels.domain import Channel
from services.notify.channels.port import Outcome, Outgoing, PermanentlyFailed, SmsContent, TemporarilyFailed, Throttled
from services.notify.delivery.claims import claim_due
from services.notify.delivery.commands import CLAIM_LEASES, LEASE_SECONDS, Sender
from services.notify.delivery.domain import RetryPolicy
from services.notify.delivery.store import deliveries
from services.notify.messages.commands import cancel_pending
from services.notify.messages.store import messages
from services.notify.worker import WORKER
from shared.contracts import read_data
from tests.notify.gateway import Gateway, always
from tests.support.events import event
from tests.support.service import ServiceUnderTest

CLAIM_DURATION = timedelta(seconds=CLAIM_LEASES * LEASE_SECONDS)
TOKEN = "0123456789abcdefghjk"


def queue(notify: ServiceUnderTest, count: int = 1) -> None:
    for number in range(count):
        dossier = f"D-{number}"
        registered = event("applicant.registered", 1, dossier=dossier, email="")
        notify.apply(registered, event("dossier.received", 2, dossier=dossier))


def sender(notify: ServiceUnderTest, gateway: Gateway, **options: object) -> Sender:
    return Sender(notify.store, Channel.SMS, gateway, "https://motcua.vn", **options)  # type: ignore[arg-type]


def states(notify: ServiceUnderTest) -> list[str]:
    return sorted(row["state"] for row in notify.rows(deliveries))


def test_a_batch_is_sent_and_announced(both: ServiceUnderTest) -> None:
    queue(both, 3)
    gateway = Gateway()
    assert sender(both, gateway).send_batch() == 3
    assert states(both) == ["sent"] * 3
    sent = {entry.data["message"]: entry for entry in both.emitted("message.sent")}
    of_delivery = {row["id"]: row["message"] for row in both.rows(deliveries)}
    assert sent.keys() == {of_delivery[id_] for id_ in gateway.taken}
    for id_, outgoing in gateway.taken.items():
        assert outgoing.address == "0912345678"
        assert isinstance(outgoing.content, SmsContent)
        assert (outgoing.content.encoding, outgoing.content.segments) == ("gsm-7", 1)
        data = read_data(sent[of_delivery[id_]])
        assert (data["dossier"], data["segments"], data["sent_at"]) == (outgoing.dossier, 1, both.store.clock.now())
    assert sender(both, gateway).send_batch() == 0
    assert gateway.calls == 3


def test_a_batch_holds_at_most_the_limit_and_the_oldest_messages_first(both: ServiceUnderTest) -> None:
    for number in range(3):
        both.apply(event("applicant.registered", 1, dossier=f"D-{number}"))
        both.apply(event("dossier.received", 2, dossier=f"D-{number}"))
        both.hand.pass_(1)
    gateway = Gateway()
    assert sender(both, gateway).send_batch(limit=2) == 2
    assert [outgoing.dossier for outgoing in gateway.taken.values()] == ["D-0", "D-1"]


def test_a_token_is_sent_and_then_deleted(both: ServiceUnderTest) -> None:
    both.apply(event("applicant.registered", 1, email=""), event("rating.invited", 1, token=TOKEN))
    gateway = Gateway()
    sender(both, gateway).send_batch()
    (outgoing,) = gateway.taken.values()
    assert f"https://motcua.vn/rating/r/{TOKEN}" in str(outgoing.content)
    (row,) = both.rows(deliveries)
    assert row["secret_parts"] is None
    assert [row["variables"] for row in both.rows(messages)] == [None]
    assert TOKEN not in row["text"]


def test_no_transaction_is_open_while_the_provider_is_called(both: ServiceUnderTest) -> None:
    queue(both)
    seen: list[str] = []

    def write(outgoing: Outgoing) -> None:
        # blocks, and then fails, if the sender holds a transaction
        both.apply(event("applicant.registered", 1, dossier="D-other"))
        seen.extend(row["state"] for row in both.rows(deliveries))

    sender(both, Gateway(write)).send_batch()
    assert seen == ["sending"]


@pytest.mark.parametrize("outcome", [None, TemporarilyFailed("busy"), Throttled("busy", 1)])
def test_what_is_cancelled_in_hand_is_recorded_as_sent_only_if_it_was(
    both: ServiceUnderTest, outcome: Outcome | None
) -> None:
    queue(both)

    def cancel(_: Outgoing) -> Outcome | None:
        both.store.run(lambda work: cancel_pending(work, "D-0", "another message follows"))
        return outcome

    sender(both, Gateway(cancel)).send_batch()
    both.hand.pass_(2 * CLAIM_DURATION)
    again = Gateway()
    assert sender(both, again).send_batch() == 0
    assert states(both) == ["sent" if outcome is None else "skipped"]
    (message,) = both.rows(messages)
    assert message["state"] == states(both)[0]
    told = [name for name in ("message.skipped", "message.sent") if both.emitted(name)]
    assert told == (["message.skipped", "message.sent"] if outcome is None else ["message.skipped"])


def test_a_retryable_error_is_retried_after_growing_pauses_and_finally_given_up(both: ServiceUnderTest) -> None:
    queue(both)
    gateway = Gateway(always(TemporarilyFailed("gateway: 503")))
    retry_policy = RetryPolicy(first_pause=timedelta(seconds=5), max_failures=3)
    for pause in (5, 10):
        assert sender(both, gateway, retry_policy=retry_policy).send_batch() == 1
        assert states(both) == ["retrying"]
        both.hand.pass_(pause - 1)
        assert sender(both, gateway, retry_policy=retry_policy).send_batch() == 0
        both.hand.pass_(1)
    sender(both, gateway, retry_policy=retry_policy).send_batch()
    assert states(both) == ["failed"]
    (failed,) = both.emitted("message.failed")
    assert failed.data["reason"] == "gateway: 503"
    assert gateway.calls == 3
    both.hand.pass_(timedelta(days=1))
    assert sender(both, gateway, retry_policy=retry_policy).send_batch() == 0


def test_a_message_that_fails_once_is_sent_by_the_next_attempt(notify: ServiceUnderTest) -> None:
    queue(notify)
    sender(notify, Gateway(always(TemporarilyFailed("gateway: timeout")))).send_batch()
    notify.hand.pass_(5)
    sender(notify, Gateway()).send_batch()
    (row,) = notify.rows(deliveries)
    assert (row["state"], row["attempts"], row["failures"], row["reason"]) == ("sent", 2, 1, "")


def test_a_refused_message_fails_at_once_and_the_others_are_sent(notify: ServiceUnderTest) -> None:
    queue(notify, 3)

    def before(outgoing: Outgoing) -> Outcome | None:
        return PermanentlyFailed("gateway: unknown number") if outgoing.dossier == "D-1" else None

    sender(notify, Gateway(before)).send_batch()
    assert states(notify) == ["failed", "sent", "sent"]
    assert [entry.data["dossier"] for entry in notify.emitted("message.failed")] == ["D-1"]


def test_a_throttled_batch_waits_as_long_as_the_provider_says_without_counting_a_failure(
    notify: ServiceUnderTest,
) -> None:
    queue(notify, 3)
    gateway = Gateway()
    gateway.before = lambda _: Throttled("slow down", 30) if 2 <= gateway.calls <= 3 else None
    sender(notify, gateway).send_batch()
    assert states(notify) == ["queued", "queued", "sent"]
    notify.hand.pass_(29)
    assert sender(notify, gateway).send_batch() == 0
    notify.hand.pass_(1)
    assert sender(notify, gateway).send_batch() == 2
    assert states(notify) == ["sent"] * 3
    assert {row["failures"] for row in notify.rows(deliveries)} == {0}


def test_the_claim_of_a_dead_worker_expires_and_the_message_is_sent_under_the_same_id(both: ServiceUnderTest) -> None:
    queue(both)
    gateway = Gateway()

    def die(_: Outgoing) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sender(both, Gateway(die)).send_batch()
    assert states(both) == ["sending"]
    assert sender(both, gateway).send_batch() == 0
    both.hand.pass_(CLAIM_DURATION)
    assert sender(both, gateway).send_batch() == 1
    (row,) = both.rows(deliveries)
    assert (row["state"], row["attempts"], row["failures"]) == ("sent", 2, 1)
    assert list(gateway.taken) == [row["id"]]


def test_a_message_that_kills_every_worker_is_given_up_without_calling_the_provider_again(
    notify: ServiceUnderTest,
) -> None:
    queue(notify)

    def die(_: Outgoing) -> None:
        raise KeyboardInterrupt

    retry_policy = RetryPolicy(max_failures=2)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            sender(notify, Gateway(die), retry_policy=retry_policy).send_batch()
        notify.hand.pass_(CLAIM_DURATION)
    gateway = Gateway()
    sender(notify, gateway, retry_policy=retry_policy).send_batch()
    assert gateway.calls == 0
    assert states(notify) == ["failed"]


def test_a_worker_whose_claim_has_expired_changes_nothing(both: ServiceUnderTest) -> None:
    queue(both)
    late, quick = Gateway(), Gateway()

    def pause(_: Outgoing) -> None:
        both.hand.pass_(CLAIM_DURATION)
        sender(both, quick).send_batch()  # another worker claims and sends it

    late.before = pause
    sender(both, late).send_batch()
    assert states(both) == ["sent"]
    assert late.taken.keys() == quick.taken.keys()  # the provider gets it twice, under one id
    assert len(both.emitted("message.sent")) == 1


def test_two_senders_never_claim_the_same_message(both: ServiceUnderTest) -> None:
    queue(both, 4)
    at = both.store.clock.wall()
    first = both.store.run(lambda work: claim_due(work.connection, Channel.SMS, "one", at, at + CLAIM_DURATION, 3))
    second = both.store.run(lambda work: claim_due(work.connection, Channel.SMS, "two", at, at + CLAIM_DURATION, 3))
    assert len(first.deliveries) == 3
    assert len(second.deliveries) == 1
    assert not {one.id for one in first.deliveries} & {one.id for one in second.deliveries}


def test_an_expired_claim_does_not_wait_behind_a_long_queue(notify: ServiceUnderTest) -> None:
    queue(notify)
    at = notify.store.clock.wall()
    notify.store.run(lambda work: claim_due(work.connection, Channel.SMS, "dead", at, at + CLAIM_DURATION, 1))
    queue(notify, 3)
    notify.hand.pass_(CLAIM_DURATION)
    gateway = Gateway()
    sender(notify, gateway).send_batch(limit=1)
    assert [outgoing.dossier for outgoing in gateway.taken.values()] == ["D-0"]


def test_the_sweep_sends_through_the_provider_of_the_settings(notify: ServiceUnderTest) -> None:
    queue(notify, 2)
    sweep = next(sweep for sweep in WORKER.sweeps if sweep.name == "send sms")
    assert sweep.run(notify.context) == 2
    files = sorted((notify.context.settings.data / "sms").iterdir())
    assert [path.stem for path in files] == [row["id"] for row in notify.rows(deliveries)]
    for path in files:
        content = orjson.loads(path.read_bytes())
        assert content["phone"] == "0912345678"
        assert content["dossier"] in content["text"]
