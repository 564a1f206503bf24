"""Webhooks: signed, in order per dossier, tried again, given up or disabled after days, and only to addresses that are allowed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import select, update

from services.routing.agency_http import commands, queries, signature, store, webhook_store, webhooks
from services.routing.agency_http.domain import Answer, Verdict
from services.routing.agency_http.metrics import AGENCY_BACKLOG
from services.routing.agency_http.outgoing import keep_event
from services.routing.agency_http.retention import delete_old
from services.routing.agency_http.sender import AT_ONCE, AT_ONCE_TO_ONE, WebhookSender
from services.routing.agency_http.settings import http_rules
from services.routing.plugins.ways import Way
from shared.observability.metrics import exposition
from shared.runtime.clock import VIETNAM
from tests.routing.service_fixture import CODE, REGISTRY, TAX, RoutingFixture, decision
from tests.support import webhook_receiver as behave
from tests.support.processes import Proc, wait_until
from tests.support.webhook_receiver import Receiver, receiver

HASH_KEY = "0123456789abcdef" * 3 + "fedcba98"
SECOND = "000.00.14.H57-251120-0119"
RULES = replace(http_rules(), retries=(timedelta(0),), jitter=0.0, call=timedelta(seconds=2))
NOW = datetime(2026, 11, 30, 9, 0, tzinfo=VIETNAM)


@pytest.fixture
def agency(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """The land registry's server, whose certificate this machine trusts."""
    with receiver(tmp_path) as made:
        monkeypatch.setenv("SSL_CERT_FILE", made.ca_file)
        yield made


class Sending:
    """Routing with the land registry connected by a webhook."""

    def __init__(self, land: RoutingFixture, agency: Receiver) -> None:
        self.land, self.agency = land, agency
        self.context = replace(land.context, settings=replace(land.context.settings, hash_key=HASH_KEY))
        self.secret = self.connect().secret
        self.sender = WebhookSender(RULES)

    def connect(self, **options: Any) -> webhooks.WebhookSet:
        return webhooks.connect_webhook(
            self.land.store, REGISTRY, self.agency.url, HASH_KEY, RULES, **{"allow_private": True, **options}
        )

    def run(self, until: Callable[[], bool], rounds: int = 200) -> None:
        """Runs the sweep until something is so, and until all calls that run are recorded."""
        for _ in range(rounds):
            self.sender.run(self.context)
            if until() and not self.sender._running:
                return
        raise AssertionError("it did not come to that")

    def events(self) -> list[store.AgencyEvent]:
        with self.land.store.read() as connection:
            rows = connection.execute(select(*store.agency_events.c).order_by(store.agency_events.c.number))
            return [store.AgencyEvent(*row) for row in rows]

    def states(self) -> list[str]:
        return [event.state for event in self.events()]

    def subscription(self) -> webhook_store.Subscription:
        with self.land.store.read() as connection:
            found = webhook_store.subscription_of(connection, REGISTRY)
        assert found is not None
        return found

    def attempts(self) -> list[webhook_store.Attempt]:
        with self.land.store.read() as connection:
            return webhook_store.last_attempts(connection, REGISTRY, 100)

    def done(self) -> bool:
        return set(self.states()) == {"done"}

    def failing_for(self, event: timedelta, target: timedelta) -> None:
        """All events have failed for so long, and the address for so long."""
        wall = self.land.store.clock.wall()
        events, subscriptions = store.agency_events, webhook_store.agency_subscriptions
        self.land.run(
            lambda work: (
                work.execute(update(events).values(failing_since=wall - event)),
                work.execute(update(subscriptions).values(failing_since=wall - target)),
            )
        )


@pytest.fixture
def sending(land: RoutingFixture, agency: Receiver) -> Iterator[Sending]:
    made = Sending(land, agency)
    land.complete("transfer")
    yield made
    made.sender.close(made.context)


def verify(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """As an agency verifies: the specification in four lines."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(
        hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    )
    given_ones = [one.removeprefix("v1,").encode() for one in headers["webhook-signature"].split()]
    return any(hmac.compare_digest(wanted, one) for one in given_ones)


def test_an_event_is_posted_signed_and_done(sending: Sending) -> None:
    sending.run(sending.done)
    (got,) = sending.agency.received
    (event,) = sending.events()
    assert (got.headers["webhook-id"], got.headers["content-type"]) == (event.event_id, "application/cloudevents+json")
    assert got.path == "/steps?from=motcua"
    assert (got.event["id"], got.event["type"], got.key) == (event.event_id, "vn.motcua.agency.step.assigned.v1", CODE)
    assert abs(int(got.headers["webhook-timestamp"]) - sending.land.store.clock.wall().timestamp()) < 120
    assert verify(sending.secret, got.headers, got.body)
    assert not verify(sending.secret, got.headers, got.body + b" ")
    assert not verify(signature.new_secret(), got.headers, got.body)
    ((attempt,), wall) = sending.attempts(), sending.land.store.clock.wall()
    assert (attempt.event_id, attempt.status, attempt.error) == (event.event_id, 200, "")
    assert wall - attempt.at < timedelta(minutes=2)


def test_the_specifications_own_example_is_signed_as_it_says() -> None:
    at = datetime.fromtimestamp(1614265330, UTC)
    made = signature.headers(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', at, ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
    )
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


WRONG: dict[str, tuple[behave.Behave, int | None, str]] = {
    "an error": (behave.status(500), 500, ""),
    "a refusal": (behave.status(400), 400, ""),
    "not found": (behave.status(404), 404, ""),
    "a redirect": (behave.status(307, Location="https://127.0.0.1:1/"), 307, ""),
    "no answer": (behave.cut, None, "no_connection"),
    "not HTTP": (behave.garbage, None, "bad_answer"),
    "an answer without end": (behave.endless, None, "bad_answer"),
    "half an answer": (behave.short, None, "bad_answer"),
    "too late": (behave.late(4, behave.status(200)), None, "timeout"),
    "byte by byte": (behave.trickle, None, "timeout"),
}


@pytest.mark.parametrize("fault", list(WRONG))
def test_what_an_agency_does_not_take_is_sent_again(sending: Sending, fault: str) -> None:
    sending.agency.behave, status, error = WRONG[fault]
    sending.run(lambda: len(sending.attempts()) >= 1)
    first = sending.attempts()[-1]
    # a connection that is cut while it is read looks like either, as the operating system has it
    assert first.status == status
    assert first.error in (
        {error, "no_connection"} if error == "bad_answer" else {error, "bad_answer"} if error else {""}
    )
    assert sending.states() == ["waiting"]
    assert sending.subscription().failing_since is not None
    sending.agency.behave = behave.status(204)
    sending.run(sending.done)
    assert len(set(sending.agency.ids())) == 1, "each attempt has the same id"
    assert sending.subscription().failing_since is None


def test_a_certificate_that_is_not_trusted_gets_nothing(sending: Sending, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    sending.run(lambda: len(sending.attempts()) >= 1)
    assert sending.attempts()[-1].error == "certificate"
    assert sending.agency.received == []


def test_the_next_event_of_a_dossier_waits_and_other_dossiers_go_on(sending: Sending) -> None:
    refused = behave.status(500)
    sending.agency.behave = lambda got, handler: (refused if got.key == CODE else behave.status(200))(got, handler)
    sending.land.receive(SECOND)
    sending.land.complete("transfer", code=SECOND)
    sending.land.withdraw()
    sending.land.withdraw(code=SECOND, sequence=7)
    sending.run(lambda: sorted(sending.states()) == ["done", "done", "waiting", "waiting"])
    assert [got.event["type"].split(".")[-2] for got in sending.agency.received if got.key == SECOND] == [
        "assigned",
        "cancelled",
    ]
    assert {got.event["type"].split(".")[-2] for got in sending.agency.received if got.key == CODE} == {"assigned"}
    sending.agency.behave = behave.status(200)
    sending.run(sending.done)
    order = [got.event["sequence"] for got in sending.agency.received if got.key == CODE]
    assert order == sorted(order)


def test_a_worker_that_dies_after_the_answer_sends_the_event_again(sending: Sending) -> None:
    class Died(BaseException):
        """The process is gone before it could write."""

    def die(work: Any, *_: Any) -> Verdict:
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(webhooks, "record", die)
        sending.run(lambda: len(sending.agency.received) == 1)
    assert sending.states() == ["waiting"]
    assert sending.sender.run(sending.context) == 0, "its lease holds"
    events = store.agency_events
    sending.land.run(lambda work: work.execute(update(events).values(leased_until=NOW - timedelta(days=400))))
    sending.run(sending.done)
    assert len(sending.agency.received) == 2
    assert len(set(sending.agency.ids())) == 1


KILLED = """
import os, signal
from services.routing.agency_http import webhooks
from services.routing.agency_http.sender import WebhookSender
from shared.runtime.context import open_context
from shared.runtime.settings import read_settings

webhooks.record = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
sender, context = WebhookSender(), open_context("routing", read_settings())
while True:
    sender.run(context)
"""


def test_a_killed_worker_loses_nothing_and_its_lease_ends(
    sending: Sending, tmp_path: Path, spawn_process: Callable[..., Proc]
) -> None:
    environ = {
        "MOTCUA_MODE": "test",
        "MOTCUA_DATA": str(tmp_path),
        "MOTCUA_HASH_KEY": HASH_KEY,
        "MOTCUA_ROUTING_DB_URL": sending.land.store.engine.url.render_as_string(hide_password=False),
    }
    worker = spawn_process([sys.executable, "-c", KILLED], env=environ)
    worker.wait()
    assert len(sending.agency.received) == 1, worker.output()
    assert sending.states() == ["waiting"]
    assert sending.sender.run(sending.context) == 0, "its lease holds"
    sending.land.advance_to(datetime.now(VIETNAM) + RULES.lease + timedelta(seconds=5))
    sending.run(sending.done)
    first, second = sending.agency.received
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])


def gauge(name: str) -> dict[tuple[str, str], float]:
    """The values of a metric by agency and way."""
    text = exposition("routing")[0].decode()
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples if one.name == name]
    return {(one.labels["agency"], one.labels.get("way", "")): one.value for one in samples}


def test_what_waits_is_shown_to_prometheus(sending: Sending) -> None:
    commands.connect(sending.land.store, TAX, Way.PULL)
    AGENCY_BACKLOG.run(sending.context)
    (event,) = sending.events()
    assert gauge("motcua_agency_events_waiting") == {(REGISTRY, "webhook"): 1, (TAX, "pull"): 0}
    assert gauge("motcua_agency_events_oldest_timestamp_seconds") == {
        (REGISTRY, "webhook"): event.created_at.timestamp(),
        (TAX, "pull"): 0,
    }
    assert gauge("motcua_agency_webhook_disabled") == {(REGISTRY, ""): 0}
    sending.agency.behave = behave.status(410)
    sending.run(lambda: sending.subscription().disabled_at is not None)
    AGENCY_BACKLOG.run(sending.context)
    assert gauge("motcua_agency_webhook_disabled") == {(REGISTRY, ""): 1}
    assert gauge("motcua_agency_events_given_up") == {(REGISTRY, ""): 0}
    AGENCY_BACKLOG.withdraw()
    assert gauge("motcua_agency_events_waiting") == {}


def test_two_workers_never_send_one_event_at_once(sending: Sending) -> None:
    sending.agency.behave = behave.late(0.3, behave.status(200))
    other = WebhookSender(RULES)
    for _ in range(5):
        sending.sender.run(sending.context)
        other.run(sending.context)
    sending.run(sending.done)
    other.close(sending.context)
    assert len(sending.agency.received) == 1


def test_a_late_record_of_a_lost_lease_changes_nothing(sending: Sending) -> None:
    """The lease was over, another worker has delivered the event: the first one's failure must not bring it back."""
    (event,) = sending.events()
    wall = sending.land.store.clock.wall()

    def claim(until: timedelta) -> store.AgencyEvent:
        def work(unit: Any) -> store.AgencyEvent | None:
            return webhook_store.claim(unit.connection, event.number, wall, wall + until)

        found = sending.land.run(work)
        assert found is not None
        return found

    slow = claim(-timedelta(seconds=1))
    quick = claim(timedelta(minutes=1))
    failed, taken = Answer(None, "timeout", 10_000), Answer(200, "", 20)
    sending.land.run(lambda work: webhooks.record(work, slow, failed, RULES))
    assert sending.events()[0].leased_until is not None, "it is still the second one's"
    sending.land.run(lambda work: webhooks.record(work, quick, taken, RULES))
    sending.land.run(lambda work: webhooks.record(work, slow, failed, RULES))
    assert sending.states() == ["done"]


def test_an_event_that_fails_for_days_is_given_up_and_its_dossier_goes_on(sending: Sending) -> None:
    sending.agency.behave = behave.status(500)
    sending.land.withdraw()
    sending.run(lambda: len(sending.attempts()) >= 1)
    sending.failing_for(RULES.give_up_after, timedelta(hours=1))
    sending.run(lambda: sending.states() == ["given_up", "waiting"])
    sending.agency.behave = behave.status(200)
    sending.run(lambda: sending.states() == ["given_up", "done"])
    with sending.land.store.read() as connection:
        (backlog,) = queries.backlogs(connection)
    assert (backlog.agency, backlog.way, backlog.waiting, backlog.given_up, backlog.disabled) == (
        REGISTRY,
        "webhook",
        0,
        1,
        False,
    )
    assert webhooks.replay(sending.land.store, REGISTRY) == 1
    sending.run(sending.done)


def test_an_address_where_all_fails_for_days_is_disabled_and_goes_on_where_it_stopped(sending: Sending) -> None:
    sending.agency.behave = behave.status(503)
    sending.run(lambda: len(sending.attempts()) >= 1)
    sending.failing_for(RULES.disable_after, RULES.disable_after)
    sending.run(lambda: sending.subscription().disabled_at is not None)
    assert (sending.subscription().disabled_because, sending.states()) == ("failing", ["waiting"])
    before = len(sending.agency.received)
    sending.agency.behave = behave.status(200)
    assert sending.sender.run(sending.context) == 0
    with sending.land.store.read() as connection:
        assert queries.backlogs(connection)[0].disabled
    assert sending.connect() == webhooks.WebhookSet(commands.Connected(False, 0), "")
    sending.run(sending.done)
    assert len(sending.agency.received) == before + 1


def test_410_disables_at_once(sending: Sending) -> None:
    sending.agency.behave = behave.status(410)
    sending.run(lambda: sending.subscription().disabled_at is not None)
    assert (sending.subscription().disabled_because, sending.states()) == ("gone", ["waiting"])
    assert len(sending.agency.received) == 1


def test_retry_after_is_honoured(sending: Sending) -> None:
    sending.agency.behave = behave.status(429, Retry_After="3600")
    sending.run(lambda: len(sending.attempts()) >= 1)
    (event,) = sending.events()
    assert event.next_at - sending.land.store.clock.wall() > timedelta(minutes=50)
    assert sending.sender.run(sending.context) == 0


def test_a_secret_is_replaced_without_a_gap(sending: Sending) -> None:
    first, second = sending.secret, sending.connect(new_secret=True).secret
    assert first != second
    sending.run(sending.done)
    (got,) = sending.agency.received
    assert verify(first, got.headers, got.body)
    assert verify(second, got.headers, got.body)
    subscriptions = webhook_store.agency_subscriptions
    past = sending.land.store.clock.wall() - timedelta(seconds=1)
    sending.land.run(lambda work: work.execute(update(subscriptions).values(old_secret_until=past)))
    sending.land.withdraw()
    sending.run(sending.done)
    last = sending.agency.received[-1]
    assert not verify(first, last.headers, last.body)
    assert verify(second, last.headers, last.body)


def test_the_store_holds_no_secret_in_clear(sending: Sending) -> None:
    sealed = sending.subscription().secret
    assert sending.secret not in sealed
    assert sending.secret.removeprefix("whsec_") not in sealed
    assert signature.unseal(sealed, HASH_KEY, REGISTRY) == sending.secret
    for key, of in ((HASH_KEY + "x", REGISTRY), (HASH_KEY, TAX)):
        with pytest.raises(RuntimeError):
            signature.unseal(sealed, key, of)


def test_a_disconnected_agency_gets_nothing_more(sending: Sending) -> None:
    assert commands.disconnect(sending.land.store, REGISTRY)
    assert sending.sender.run(sending.context) == 0
    assert sending.agency.received == []


def test_an_agency_that_changes_to_pull_keeps_what_waits(sending: Sending) -> None:
    commands.connect(sending.land.store, REGISTRY, Way.PULL)
    assert sending.sender.run(sending.context) == 0
    with sending.land.store.read() as connection:
        assert len(store.heads(connection, REGISTRY, 0, 10)) == 1


def test_a_decision_is_answered_by_a_webhook_too(sending: Sending) -> None:
    sending.run(sending.done)
    sending.land.apply(decision("agency.step.completed", sending.land.step("assessment"), outcome="refused"))
    sending.run(lambda: len(sending.agency.received) == 2)
    assert sending.agency.received[-1].event["data"]["code"] == "unknown_outcome"


def test_one_slow_agency_leaves_room_for_others(sqlite_land: RoutingFixture) -> None:
    """Of thirty dossiers that wait for a slow one, four are sent at once."""
    land = sqlite_land
    running: list[str] = []

    def slow(_subscription: Any, event: store.AgencyEvent, *_: Any) -> Answer:
        running.append(event.agency)
        wait_until(lambda: released, 30, what="the end of the test")
        return Answer(200, "", 1)

    released: list[bool] = []
    for code in (REGISTRY, TAX):
        webhooks.connect_webhook(land.store, code, "https://a.example.vn/", HASH_KEY, RULES)

    def fill(work: Any) -> None:
        for number in range(30):
            for code in (REGISTRY, TAX) if number < 2 else (REGISTRY,):
                data = {"dossier": f"D-{number}", "task": "t", "agency": code, "reason": "x", "cancelled_at": work.now}
                keep_event(work, code, "agency.step.cancelled", data)

    land.run(fill)
    sender = WebhookSender(RULES, slow)
    sender.run(land.context)
    wait_until(lambda: len(running) == AT_ONCE_TO_ONE + 2, 10, what="the first calls")
    assert running.count(REGISTRY) == AT_ONCE_TO_ONE <= AT_ONCE
    released.append(True)
    for _ in range(100):
        if not sender.run(land.context):
            break
    sender.close(land.context)
    assert len(running) == 32


def test_what_is_long_done_is_deleted(sending: Sending) -> None:
    sending.run(sending.done)
    assert delete_old(sending.context) == 0
    events, attempts = store.agency_events, webhook_store.agency_attempts
    past = sending.land.store.clock.wall() - timedelta(days=31)
    sending.land.run(
        lambda work: (
            work.execute(update(events).values(created_at=past, ended_at=past)),
            work.execute(update(attempts).values(at=past)),
        )
    )
    sending.land.withdraw()
    assert delete_old(sending.context) == 1
    assert (len(sending.events()), sending.attempts()) == (1, [])
