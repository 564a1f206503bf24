"""The HTTP provider against a gateway in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from services.notify.channels.config.model import Senders
from services.notify.channels.http_sms.answers import DEFAULT_PAUSE, LONGEST_PAUSE, outcome_of, pause_of
from services.notify.channels.http_sms.provider import HttpSmsProvider
from services.notify.channels.http_sms.settings import HttpSmsSettings
from services.notify.channels.port import Accepted, InDoubt, PermanentlyFailed, TemporarilyFailed, Throttled
from tests.notify.channels.sms_samples import send, sms
from tests.support.sms_networks import Gateway

NOW = datetime(2025, 11, 20, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with Gateway(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


@pytest.fixture
def gateway(running: Gateway) -> Gateway:
    running.behave(status=200, retry_after="", delay=0.0, silent=False, drop=0, trickle=False)
    running.log.write_bytes(b"")
    return running


@pytest.fixture
def settings(gateway: Gateway) -> HttpSmsSettings:
    return HttpSmsSettings("gateway", gateway.url, gateway.key, Senders("MOTCUA"), response_seconds=1.0)


@pytest.fixture
def provider(settings: HttpSmsSettings) -> Iterator[HttpSmsProvider]:
    made = HttpSmsProvider(settings)
    yield made
    made.close()


_next_id = iter(range(1, 100_000))


def batch(count: int, text: str = "Hồ sơ đã nhận") -> list:
    """Deliveries whose ids no other test has used."""
    return [sms(next(_next_id), text) for _ in range(count)]


def test_messages_arrive_over_a_few_connections(gateway: Gateway, provider: HttpSmsProvider) -> None:
    before = gateway.seen()["connections"]
    deliveries = batch(100)
    outcomes = send(provider, deliveries)
    assert all(isinstance(outcome, Accepted) and outcome.reference for outcome in outcomes.values())
    taken = {entry["id"]: entry for entry in gateway.taken()}
    assert taken.keys() == {one.id for one in deliveries}
    first = taken[deliveries[0].id]
    assert (first["from"], first["to"], first["text"]) == ("MOTCUA", deliveries[0].address, "Hồ sơ đã nhận")
    assert (first["encoding"], first["segments"]) == ("ucs-2", 1)
    assert gateway.seen()["connections"] - before <= 8 + 2, "a connection serves many messages; two are the test's own"
    assert gateway.seen()["most_at_once"] <= 8


@pytest.mark.parametrize(
    ("status", "retry_after", "outcome"),
    [
        (202, "", Accepted("r")),
        (301, "", TemporarilyFailed("HTTP 301")),
        (400, "", PermanentlyFailed("HTTP 400")),
        (401, "", TemporarilyFailed("HTTP 401")),
        (408, "", TemporarilyFailed("HTTP 408")),
        (422, "", PermanentlyFailed("HTTP 422")),
        (429, "", Throttled("HTTP 429", DEFAULT_PAUSE)),
        (429, "7", Throttled("HTTP 429", 7)),
        (500, "", TemporarilyFailed("HTTP 500")),
        (503, "", TemporarilyFailed("HTTP 503")),
        (503, "120", Throttled("HTTP 503", 120)),
    ],
)
def test_what_an_answer_means(status: int, retry_after: str, outcome: object) -> None:
    assert outcome_of(status, "r", retry_after, NOW) == outcome


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(seconds=90), usegmt=True), 0),
        ("999999999999", LONGEST_PAUSE),
        ("soon", DEFAULT_PAUSE),
        ("", DEFAULT_PAUSE),
        ("-3", DEFAULT_PAUSE),
        ("²", DEFAULT_PAUSE),
    ],
)
def test_how_long_a_gateway_asks_to_wait(retry_after: str, seconds: float) -> None:
    assert pause_of(retry_after, NOW) == seconds


def test_a_throttling_stops_the_batch(gateway: Gateway, settings: HttpSmsSettings) -> None:
    gateway.behave(status=429, retry_after="3")
    before = gateway.seen()["requests"]
    provider = HttpSmsProvider(replace(settings, concurrency=2))
    outcomes = send(provider, batch(50))
    provider.close()
    assert set(outcomes.values()) == {Throttled("HTTP 429", 3)}
    assert gateway.seen()["requests"] - before <= 4


def test_a_message_without_an_answer_is_asked_for_again_with_the_same_key(
    gateway: Gateway, provider: HttpSmsProvider
) -> None:
    gateway.behave(drop=2)
    outcomes = send(provider, batch(1))
    assert {type(outcome) for outcome in outcomes.values()} == {Accepted}
    assert len(gateway.taken()) == 1


def test_it_is_in_doubt_where_the_gateway_knows_no_keys(gateway: Gateway, settings: HttpSmsSettings) -> None:
    gateway.behave(drop=1)
    provider = HttpSmsProvider(replace(settings, idempotent=False))
    outcomes = send(provider, batch(1))
    provider.close()
    assert {type(outcome) for outcome in outcomes.values()} == {InDoubt}
    assert len(gateway.taken()) == 1


@pytest.mark.parametrize("behaviour", [{"silent": True}, {"trickle": True}])
def test_a_hanging_gateway_holds_up_nothing_for_long(
    gateway: Gateway, settings: HttpSmsSettings, behaviour: dict[str, bool]
) -> None:
    gateway.behave(**behaviour)
    provider = HttpSmsProvider(replace(settings, response_seconds=0.4, idempotent=False))
    started = time.monotonic()
    outcomes = send(provider, batch(2), seconds=3)
    provider.close()
    assert time.monotonic() - started < 5
    assert {type(outcome) for outcome in outcomes.values()} == {InDoubt}


def test_a_dead_gateway_takes_nothing(settings: HttpSmsSettings) -> None:
    provider = HttpSmsProvider(replace(settings, url="http://127.0.0.1:1/messages"))
    outcomes = send(provider, batch(3))
    provider.close()
    assert {type(outcome) for outcome in outcomes.values()} == {TemporarilyFailed}


def test_a_wrong_key_is_no_fault_of_the_message(gateway: Gateway, settings: HttpSmsSettings) -> None:
    provider = HttpSmsProvider(replace(settings, key="another"))
    outcomes = send(provider, batch(1))
    provider.close()
    assert set(outcomes.values()) == {TemporarilyFailed("HTTP 401")}


def test_a_batch_ends_when_its_time_is_over(gateway: Gateway, settings: HttpSmsSettings) -> None:
    gateway.behave(delay=0.2)
    provider = HttpSmsProvider(replace(settings, concurrency=1))
    started = time.monotonic()
    outcomes = send(provider, batch(50), seconds=1.0)
    provider.close()
    assert time.monotonic() - started < 3
    assert Throttled in {type(outcome) for outcome in outcomes.values()}
    assert Accepted in {type(outcome) for outcome in outcomes.values()}
