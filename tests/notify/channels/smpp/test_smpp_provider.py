"""The SMPP provider against a message centre in a process of its own, which uses another implementation of the protocol."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from services.notify.channels.config.model import Senders
from services.notify.channels.domain import ReceiptStatus
from services.notify.channels.port import Accepted, InDoubt, PermanentlyFailed, TemporarilyFailed, Throttled
from services.notify.channels.smpp.provider import SmppProvider
from services.notify.channels.smpp.settings import Concatenation, SmppSettings
from tests.notify.channels.sms_samples import Sink, send, sms
from tests.support.processes import wait_until
from tests.support.sms_networks import PASSWORD, MessageCentre

LONG = "Hồ sơ đã được tiếp nhận 😀. " * 10


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MessageCentre]:
    with MessageCentre(tmp_path_factory.mktemp("smsc")) as centre:
        yield centre


@pytest.fixture
def centre(running: MessageCentre) -> MessageCentre:
    """The message centre, well behaved, with an empty log."""
    running.behave(
        bind_status=0,
        delay=0.0,
        statuses=[],
        refused={},
        silent=False,
        drop_after=-1,
        receipts="none",
        receipt_form="text",
        receipt_state="DELIVRD",
        out_of_order=False,
    )
    running.log.write_bytes(b"")
    return running


@pytest.fixture
def sink() -> Sink:
    return Sink()


@pytest.fixture
def settings(centre: MessageCentre) -> SmppSettings:
    return SmppSettings(
        name="network",
        host="127.0.0.1",
        port=centre.port,
        system_id="motcua",
        password=PASSWORD,
        senders=Senders("MOTCUA", {"H57.2": "8088"}),
        response_seconds=2.0,
        connect_seconds=2.0,
        throttle_seconds=0.1,
    )


@pytest.fixture
def provider(settings: SmppSettings, sink: Sink) -> Iterator[SmppProvider]:
    made = SmppProvider(settings, sink, sink.on_inbound)
    yield made
    made.close()


def test_messages_arrive_once_with_sender_number_and_text(centre: MessageCentre, provider: SmppProvider) -> None:
    outcomes = send(provider, [sms(1), sms(2, "Hồ sơ đã nhận"), sms(3, "{~€}", agency="H57.2")])
    assert all(isinstance(outcome, Accepted) and outcome.reference for outcome in outcomes.values())
    assert sorted(centre.texts()) == [
        ("84900000001", "Ho so da nhan"),
        ("84900000002", "Hồ sơ đã nhận"),
        ("84900000003", "{~€}"),
    ]
    taken = {entry["destination"]: entry for entry in centre.taken()}
    assert (taken["84900000001"]["source"], taken["84900000001"]["source_ton"]) == ("MOTCUA", 5)
    assert (taken["84900000003"]["source"], taken["84900000003"]["source_ton"]) == ("8088", 3)
    assert taken["84900000003"]["message"] == "1b281b3d1b651b29"  # escape and code of each, 3GPP TS 23.038
    assert [taken[f"8490000000{n}"]["data_coding"] for n in (1, 2, 3)] == [0, 8, 0]
    assert {entry["registered_delivery"] for entry in taken.values()} == {1}
    assert centre.seen()["binds"][-1] == {"system_id": "motcua", "password": PASSWORD, "version": 0x34}


@pytest.mark.parametrize("concatenation", Concatenation)
def test_long_texts_arrive_whole(
    centre: MessageCentre, settings: SmppSettings, sink: Sink, concatenation: Concatenation
) -> None:
    provider = SmppProvider(replace(settings, concatenation=concatenation, version=0x50), sink, sink.on_inbound)
    texts = [LONG, "a" * 152 + "{" + "b" * 200]
    outcomes = send(provider, [sms(number, text) for number, text in enumerate(texts)])
    provider.close()
    assert centre.texts() == [(f"849{number:08d}", text) for number, text in enumerate(texts)]
    assert centre.seen()["binds"][-1]["version"] == 0x50
    if concatenation is Concatenation.PAYLOAD:
        assert sink.wholes == {}
    else:
        references = [outcome.reference for outcome in outcomes.values() if isinstance(outcome, Accepted)]
        assert sorted(sink.wholes) == sorted(references)
        ids = [entry["id"] for entry in centre.taken()]
        assert sorted(part for parts in sink.wholes.values() for part in parts) == sorted(ids)
        assert not set(references) & set(ids), "a whole is never mistaken for one of its parts"


def test_the_window_is_used_and_never_exceeded(centre: MessageCentre, settings: SmppSettings, sink: Sink) -> None:
    centre.behave(delay=0.05)
    provider = SmppProvider(replace(settings, window=20), sink, sink.on_inbound)
    before = centre.seen()["most_outstanding"]
    started = time.monotonic()
    outcomes = send(provider, [sms(number) for number in range(100)])
    seconds = time.monotonic() - started
    provider.close()
    assert all(isinstance(outcome, Accepted) for outcome in outcomes.values())
    assert max(before, 20) == centre.seen()["most_outstanding"]
    assert seconds < 100 * 0.05 / 2, "answers are awaited one by one"


@pytest.mark.parametrize("form", ["text", "tlv", "both"])
@pytest.mark.parametrize("order", ["before", "after", "twice"])
def test_receipts_come_in_any_order(
    centre: MessageCentre, provider: SmppProvider, sink: Sink, form: str, order: str
) -> None:
    centre.behave(receipts=order, receipt_form=form, out_of_order=True)
    outcomes = send(provider, [sms(number) for number in range(10)])
    copies = 2 if order == "twice" else 1
    wait_until(lambda: len(sink.received) == 10 * copies)
    references = {outcome.reference for outcome in outcomes.values() if isinstance(outcome, Accepted)}
    assert {receipt.reference for receipt in sink.received} == references
    assert {receipt.status for receipt in sink.received} == {ReceiptStatus.DELIVERED}


def test_failed_receipts_tell_why(centre: MessageCentre, provider: SmppProvider, sink: Sink) -> None:
    centre.behave(receipts="after", receipt_state="UNDELIV")
    send(provider, [sms(1)])
    wait_until(lambda: sink.received)
    assert (sink.received[0].status, sink.received[0].reason) == (ReceiptStatus.FAILED, "SMPP UNDELIV, error 021")


def test_a_receipt_that_could_not_be_stored_is_asked_for_again(
    centre: MessageCentre, provider: SmppProvider, sink: Sink
) -> None:
    sink.failures = 1
    before = len(centre.seen()["answers"])
    centre.behave(receipts="after")
    send(provider, [sms(1)])
    answers = wait_until(lambda: centre.seen()["answers"][before:])
    assert answers == [0x64]
    assert sink.received == []


def test_messages_of_citizens_are_handed_on(centre: MessageCentre, provider: SmppProvider, sink: Sink) -> None:
    provider.attend()
    for text, coding in (("TRACUU H57-1 ABCD", 0), ("Cảm ơn", 8)):
        centre.post("/inbound", {"source": "84912345678", "destination": "8088", "text": text, "data_coding": coding})
    wait_until(lambda: len(sink.inbound) == 2)
    assert sink.inbound == [("84912345678", "8088", "TRACUU H57-1 ABCD"), ("84912345678", "8088", "Cảm ơn")]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (0x0B, PermanentlyFailed),  # ESME_RINVDSTADR
        (0x45, TemporarilyFailed),  # ESME_RSUBMITFAIL
        (0x08, TemporarilyFailed),  # ESME_RSYSERR
        (0x58, Throttled),  # ESME_RTHROTTLED
        (0x14, Throttled),  # ESME_RMSGQFUL
        (0x555, TemporarilyFailed),  # a network's own
    ],
)
def test_refusals_are_told_apart(centre: MessageCentre, provider: SmppProvider, status: int, kind: type) -> None:
    centre.behave(refused={"84900000002": status})
    outcomes = send(provider, [sms(1), sms(2)])
    assert isinstance(outcomes["d1"], Accepted)
    refused = outcomes["d2"]
    assert isinstance(refused, kind)
    assert not isinstance(refused, Accepted)
    assert refused.reason.startswith("SMPP ")
    assert "900000002" not in refused.reason


def test_after_a_throttling_nothing_new_is_begun(centre: MessageCentre, settings: SmppSettings, sink: Sink) -> None:
    provider = SmppProvider(replace(settings, window=1), sink, sink.on_inbound)
    centre.behave(statuses=[0, 0x58])
    outcomes = list(send(provider, [sms(number) for number in range(5)]).values())
    provider.close()
    assert [type(outcome) for outcome in outcomes] == [Accepted, Throttled, Throttled, Throttled, Throttled]
    assert len(centre.taken()) == 1


def test_a_throttled_part_of_a_begun_text_is_sent_again(centre: MessageCentre, provider: SmppProvider) -> None:
    centre.behave(statuses=[0, 0x58, 0, 0])
    outcomes = send(provider, [sms(1, LONG)])
    assert isinstance(outcomes["d1"], Accepted)
    assert centre.texts() == [("84900000001", LONG)]


def test_a_cut_link_leaves_only_what_was_unanswered_in_doubt(
    centre: MessageCentre, settings: SmppSettings, sink: Sink
) -> None:
    centre.behave(drop_after=30, delay=0.01)
    provider = SmppProvider(replace(settings, window=10), sink, sink.on_inbound)
    outcomes = send(provider, [sms(number) for number in range(100)])
    kinds = [type(outcome) for outcome in outcomes.values()]
    assert 0 < kinds.count(InDoubt) <= 10
    assert kinds.count(InDoubt) + kinds.count(Accepted) + kinds.count(TemporarilyFailed) == 100
    assert kinds.count(Accepted) < 30
    # a window more may have been sent before the end of the link was noticed
    assert kinds.count(TemporarilyFailed) >= 100 - 29 - 10, "what was never sent is not in doubt"
    again = send(provider, [sms(1000)])
    provider.close()
    assert isinstance(again["d1000"], Accepted), "the next batch binds anew"


def test_a_line_that_was_cut_silently_is_noticed(centre: MessageCentre, settings: SmppSettings, sink: Sink) -> None:
    provider = SmppProvider(replace(settings, enquire_seconds=0.3, response_seconds=0.5), sink, sink.on_inbound)
    assert isinstance(send(provider, [sms(1)])["d1"], Accepted)
    wait_until(lambda: centre.seen()["enquiries"] > 0, what="enquire_link on a quiet link")
    centre.behave(silent=True)
    started = time.monotonic()
    outcomes = send(provider, [sms(2), sms(3)])
    assert {type(outcome) for outcome in outcomes.values()} == {InDoubt}
    assert time.monotonic() - started < 5
    centre.behave(silent=False)
    centre.post("/drop", {})
    wait_until(lambda: isinstance(send(provider, [sms(4)])["d4"], Accepted), what="a new link")
    provider.close()


def test_a_slow_network_leaves_in_doubt_what_it_did_not_answer_in_time(
    centre: MessageCentre, settings: SmppSettings, sink: Sink
) -> None:
    centre.behave(delay=1.5)
    provider = SmppProvider(replace(settings, response_seconds=0.4), sink, sink.on_inbound)
    started = time.monotonic()
    outcomes = send(provider, [sms(1), sms(2)])
    provider.close()
    assert {type(outcome) for outcome in outcomes.values()} == {InDoubt}
    assert time.monotonic() - started < 4


def test_a_batch_ends_when_its_time_is_over(centre: MessageCentre, settings: SmppSettings, sink: Sink) -> None:
    centre.behave(delay=0.1)
    provider = SmppProvider(replace(settings, window=1), sink, sink.on_inbound)
    started = time.monotonic()
    outcomes = send(provider, [sms(number) for number in range(100)], seconds=1.0)
    provider.close()
    assert time.monotonic() - started < 2
    assert {type(outcome) for outcome in outcomes.values()} == {Accepted, Throttled}


def test_a_refused_bind_and_a_dead_network_take_nothing(
    centre: MessageCentre, settings: SmppSettings, sink: Sink
) -> None:
    centre.behave(bind_status=0x0E)
    refused = SmppProvider(settings, sink, sink.on_inbound)
    outcome = send(refused, [sms(1)])["d1"]
    assert isinstance(outcome, TemporarilyFailed)
    assert "ESME_RINVPASWD" in outcome.reason
    binds = len(centre.seen()["binds"])
    assert isinstance(send(refused, [sms(1)])["d1"], TemporarilyFailed)
    assert len(centre.seen()["binds"]) == binds, "between two attempts to bind is a pause"
    dead = SmppProvider(replace(settings, port=1), sink, sink.on_inbound)
    assert isinstance(send(dead, [sms(1)])["d1"], TemporarilyFailed)
    assert centre.taken() == []


def test_a_network_that_sends_no_smpp_is_left(centre: MessageCentre, provider: SmppProvider) -> None:
    assert isinstance(send(provider, [sms(1)])["d1"], Accepted)
    centre.post("/raw", {"bytes": b"HTTP/1.1 400 Bad Request\r\n\r\n".hex()})
    wait_until(lambda: centre.seen()["links"] == 0)
    assert isinstance(send(provider, [sms(2)])["d2"], Accepted)


def test_it_unbinds_at_the_end(centre: MessageCentre, settings: SmppSettings, sink: Sink) -> None:
    before = centre.seen()["unbinds"]
    provider = SmppProvider(settings, sink, sink.on_inbound)
    send(provider, [sms(1)])
    provider.close()
    assert centre.seen()["unbinds"] == before + 1


def test_the_link_may_be_encrypted(tmp_path: Path, settings: SmppSettings, sink: Sink) -> None:
    certificate, key = make_certificate(tmp_path)
    with MessageCentre(tmp_path, "tls", (certificate, key)) as encrypted:
        here = replace(settings, port=encrypted.port, host="localhost", tls=True, tls_ca=certificate)
        trusted = SmppProvider(here, sink, sink.on_inbound)
        outcomes = send(trusted, [sms(number, LONG) for number in range(50)])
        trusted.close()
        assert all(isinstance(outcome, Accepted) for outcome in outcomes.values())
        assert len(encrypted.texts()) == 50
        stranger = SmppProvider(replace(here, tls_ca=""), sink, sink.on_inbound)
        outcome = send(stranger, [sms(1)])["d1"]
        assert isinstance(outcome, TemporarilyFailed), "an unknown certificate is not trusted"


def make_certificate(directory: Path) -> tuple[str, str]:
    """A certificate of localhost that signs itself; paths of certificate and key."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = directory / "certificate.pem", directory / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(certificate_file), str(key_file)
