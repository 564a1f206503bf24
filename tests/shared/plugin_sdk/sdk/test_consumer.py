"""The service against a real broker: pauses, failures, restarts, slow handlers, lost connections."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pika
import pytest

from shared.messaging.sender_identity import AGENCIES_EXCHANGE
from shared.plugin_sdk import sdk
from shared.plugin_sdk.conformance.fixtures import FakeEvent, assigned_step, make_event
from shared.plugin_sdk.conformance.harness import Harness
from shared.plugin_sdk.sdk import DossierEvent, Step, connection, consumer, publisher
from tests.shared.plugin_sdk.support import OpenHarness, Relay, agency_service, running
from tests.support.processes import Proc, python, wait_until
from tests.support.rabbitmq import RabbitServer

SECONDS = 30.0


@pytest.fixture
def harness(open_harness: OpenHarness, request: pytest.FixtureRequest) -> Harness:
    """A harness for an agency of the test's own."""
    return open_harness(f"T.{abs(hash(request.node.nodeid)):x}")


def decided(harness: Harness, event: FakeEvent, least: int = 1) -> list[str]:
    """Waits for answers to an event and returns their kinds."""
    collector = harness.collector
    assert collector.wait(lambda: len(collector.decisions_on(event)) >= least, SECONDS, lambda: True), "no decision"
    return [message.event_name(harness.agency) for message in collector.decisions_on(event)]


def test_later_asks_again_and_others_pass_by(harness: Harness) -> None:
    agency = agency_service(harness)
    calls: list[str] = []

    @agency.on("step.assigned")
    def decide(step: Step) -> sdk.Decision | sdk.RetryLater:
        calls.append(step.name)
        return (
            sdk.retry_later(0.3)
            if step.name == "idle_timeout" and calls.count("idle_timeout") < 3
            else sdk.completed("completed")
        )

    waits, passes = assigned_step(harness.agency, name="idle_timeout"), assigned_step(harness.agency, name="quick")
    harness.send(waits)
    harness.send(passes)
    with running(agency):
        assert decided(harness, passes) == ["step.completed"]
        assert decided(harness, waits) == ["step.completed"]
    assert calls == ["idle_timeout", "quick", "idle_timeout", "idle_timeout"]
    assert harness.queued() == 0


def test_what_has_waited_long_enough_goes_back_to_the_queue(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "HOLD_SECONDS", 0.25)
    agency = agency_service(harness)
    calls: list[int] = []

    @agency.on("step.assigned")
    def decide(step: Step) -> sdk.Decision | sdk.RetryLater:
        calls.append(1)
        return sdk.completed("completed") if len(calls) == 4 else sdk.retry_later(0.2)

    step = assigned_step(harness.agency)
    harness.send(step)
    with running(agency):
        assert decided(harness, step) == ["step.completed"]
    assert agency.metrics.value("received_total", event="step.assigned") == 4
    assert harness.queued() == 0


def test_a_failing_handler_is_called_again_then_the_step_is_a_dead_letter(harness: Harness) -> None:
    agency = agency_service(harness, MOTCUA_ATTEMPTS="3")
    failing, fine = assigned_step(harness.agency, name="fails"), assigned_step(harness.agency)

    @agency.on("step.assigned")
    def decide(step: Step) -> sdk.Decision:
        if step.name == "fails":
            raise LookupError("the register does not know it")
        return sdk.completed("completed")

    harness.send(failing)
    harness.send(fine)
    with running(agency):
        decided(harness, fine)
        assert harness.collector.wait(lambda: bool(harness.collector.dead_letters()), SECONDS, lambda: True)
        assert harness.collector.dead_letters() == [failing.to_json()]
    assert agency.metrics.value("failures_total") == 3
    assert agency.metrics.value("given_up_total") == 1
    assert harness.collector.decisions_on(failing) == []


def test_a_handler_that_recovers_loses_nothing(harness: Harness) -> None:
    agency = agency_service(harness)
    calls: list[int] = []

    @agency.on("step.assigned")
    def decide(step: Step) -> sdk.Decision:
        calls.append(1)
        if len(calls) < 3:
            raise OSError("the register is away")
        return sdk.completed(step.outcomes[0])

    step = assigned_step(harness.agency)
    harness.send(step)
    with running(agency):
        assert decided(harness, step) == ["step.completed"]
    assert len(calls) == 3
    assert harness.queued() == 0


def test_notices_reach_their_handlers_and_a_refused_decision_can_be_bettered(harness: Harness) -> None:
    agency = agency_service(harness)
    heard: list[DossierEvent] = []
    agency.on("step.cancelled")(heard.append)
    agency.on("decision.rejected")(lambda _notice: sdk.returned("Không thuộc thẩm quyền"))
    cancelled = make_event("agency.step.cancelled", {"dossier": "D-1", "task": "T-1", "agency": harness.agency})
    rejected = make_event("agency.decision.rejected", {"dossier": "D-2", "task": "T-2", "agency": harness.agency})
    harness.send(cancelled)
    harness.send(rejected)
    with running(agency):
        assert decided(harness, rejected) == ["step.returned"]
    assert [(notice.event, notice.task) for notice in heard] == [("step.cancelled", "T-1")]
    assert harness.queued() == 0


def test_a_handler_slower_than_the_heartbeats_keeps_its_connection(harness: Harness) -> None:
    agency = agency_service(harness, "?heartbeat=1")

    @agency.on("step.assigned")
    def decide(_step: Step) -> sdk.Decision:
        time.sleep(3.5)
        return sdk.completed("completed")

    step = assigned_step(harness.agency)
    harness.send(step)
    with running(agency):
        assert decided(harness, step) == ["step.completed"]
        assert agency.metrics.value("connections_lost_total") == 0


def test_lost_connections_are_opened_again_and_the_step_in_hand_is_decided(
    harness: Harness, rabbit: RabbitServer
) -> None:
    agency = agency_service(harness)
    begun, go_on = Event(), Event()

    @agency.on("step.assigned")
    def decide(_step: Step) -> sdk.Decision:
        begun.set()
        assert go_on.wait(SECONDS)
        return sdk.completed("completed")

    step = assigned_step(harness.agency)
    harness.send(step)
    with running(agency):
        assert begun.wait(SECONDS)
        rabbit.api("DELETE", f"connections/username/agency.{harness.agency}")
        wait_until(lambda: agency.metrics.value("connections_lost_total") >= 2, SECONDS)
        go_on.set()
        assert set(decided(harness, step)) == {"step.completed"}
        again = assigned_step(harness.agency)
        harness.send(again)
        decided(harness, again)
    assert harness.queued() == 0


def test_a_stop_waits_for_the_handler_whose_message_was_lost(harness: Harness, rabbit: RabbitServer) -> None:
    agency = agency_service(harness)
    begun, go_on = Event(), Event()

    @agency.on("step.assigned")
    def decide(_step: Step) -> sdk.Decision:
        begun.set()
        assert go_on.wait(SECONDS)
        return sdk.completed("completed")

    harness.send(assigned_step(harness.agency))
    with running(agency):
        assert begun.wait(SECONDS)
        rabbit.api("DELETE", f"connections/username/agency.{harness.agency}")
        wait_until(lambda: agency.metrics.value("connections_lost_total") >= 2, SECONDS)
        agency.stop()
        go_on.set()
    wait_until(lambda: harness.queued() == 1, SECONDS)


def test_a_silent_broker_is_given_up_and_found_again(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_BACKOFF_SECONDS", 0.5)
    settings = agency_service(harness).settings
    parts = urlsplit(settings.amqp_url)
    with Relay(int(parts.port or 0)) as relay:
        place = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{relay.port}")
        url = f"{place.geturl()}?heartbeat=1&socket_timeout=1&stack_timeout=2"
        through = sdk.AgencyService(replace(settings, amqp_url=url))
        through.on("step.assigned")(lambda _step: sdk.completed("completed"))
        with running(through):
            wait_until(lambda: through.metrics.value("connected") == 1, SECONDS)
            relay.fall_silent()
            step = assigned_step(harness.agency)
            harness.send(step)
            wait_until(lambda: through.metrics.value("connections_lost_total") >= 2, SECONDS)
            assert harness.collector.decisions_on(step) == []
            relay.speak()
            assert set(decided(harness, step)) == {"step.completed"}


def test_a_decision_without_a_queue_at_the_platform_is_sent_again(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, rabbit: RabbitServer
) -> None:
    monkeypatch.setattr(publisher, "RESEND_SECONDS", 0.2)
    agency = agency_service(harness)
    agency.on("step.assigned")(lambda _step: sdk.completed("completed"))
    step = assigned_step(harness.agency)
    parameters = pika.URLParameters(harness.administrator_url)
    with running(agency), pika.BlockingConnection(parameters) as connection:
        channel = connection.channel()
        # the collector's own queue is what the platform's would be
        channel.queue_unbind(harness.message_queue, AGENCIES_EXCHANGE, f"agency.{harness.agency}.#")
        harness.send(step)
        wait_until(lambda: agency.metrics.value("unconfirmed_total") >= 2, SECONDS)
        assert agency.metrics.value("decided_total", event="step.completed") == 0
        channel.queue_bind(harness.message_queue, AGENCIES_EXCHANGE, f"agency.{harness.agency}.#")
        assert decided(harness, step) == ["step.completed"]
    assert harness.queued() == 0


def test_an_accepted_step_is_answered_from_elsewhere_later(harness: Harness) -> None:
    agency = agency_service(harness)
    stored: list[str] = []

    @agency.on("step.assigned")
    def decide(step: Step) -> sdk.Decision:
        stored.append(step.to_json())
        return sdk.accepted(by="cb-0417")

    step = assigned_step(harness.agency)
    harness.send(step)
    with running(agency):
        wait_until(lambda: agency.metrics.value("decided_total", event="step.accepted") == 1, SECONDS)
    assert harness.queued() == 0
    office = agency_service(harness)
    for _ in range(2):
        office.send_decision(Step.from_json(stored[0]), sdk.completed("refused"))
    assert decided(harness, step, least=2) == ["step.completed"] * 2
    assert len({message.id for message in harness.collector.decisions_on(step)}) == 1
    with pytest.raises(sdk.InvalidDecision):
        office.send_decision(Step.from_json(stored[0]), sdk.completed("approved"))


def test_papers_come_from_the_platform(harness: Harness) -> None:
    agency = agency_service(harness)
    agency.on("step.assigned")(
        lambda step: sdk.needs_supplement("Nộp bản chính", [paper.name for paper in step.papers()])
    )
    step = assigned_step(harness.agency)
    harness.send(step)
    with running(agency):
        assert decided(harness, step) == ["supplement.requested"]
    assert "Hợp đồng chuyển nhượng đã công chứng" in harness.collector.decisions_on(step)[0].data["papers"]


def test_a_handler_that_ends_the_program_ends_the_service(harness: Harness) -> None:
    agency = agency_service(harness)
    raised: list[BaseException] = []

    @agency.on("step.assigned")
    def decide(_step: Step) -> sdk.Decision:
        raise SystemExit("no licence")

    def run() -> None:
        try:
            agency.run()
        except SystemExit as error:
            raised.append(error)

    harness.send(assigned_step(harness.agency))
    thread = Thread(target=run)
    thread.start()
    thread.join(SECONDS)
    assert [str(error) for error in raised] == ["no licence"]
    wait_until(lambda: harness.queued() == 1, SECONDS)


SLOW_SERVICE = """
import sys, time
from shared.plugin_sdk.sdk import AgencyService, completed
service = AgencyService.from_environment()
@service.on("step.assigned")
def decide(step):
    print("begun", flush=True)
    time.sleep(1)
    return completed(step.outcomes[0])
service.run()
print("ended well", flush=True)
"""


@pytest.fixture
def start(harness: Harness, spawn_process: Callable[..., Proc], tmp_path: Path) -> Callable[..., Proc]:
    """Starts the slow service as a process of its own."""
    program = tmp_path / "slow.py"
    program.write_text(SLOW_SERVICE)

    def started(**settings: str) -> Proc:
        environment = {**harness.environment(), "PYTHONPATH": str(Path.cwd()), **settings}
        return spawn_process(python(str(program)), env=environment)

    return started


def test_sigterm_finishes_what_is_in_hand_and_leaves_the_rest(harness: Harness, start: Callable[..., Proc]) -> None:
    steps = [assigned_step(harness.agency) for _ in range(3)]
    for step in steps:
        harness.send(step)
    process = start()
    wait_until(lambda: "begun" in process.output(), SECONDS)
    assert process.terminate() == 0
    assert "ended well" in process.output()
    assert decided(harness, steps[0]) == ["step.completed"]
    wait_until(lambda: harness.queued() == 2, SECONDS)


def test_sigterm_ends_a_service_that_has_no_broker(start: Callable[..., Proc]) -> None:
    process = start(MOTCUA_AMQP_URL="amqp://agency.X:secret@127.0.0.1:1/")
    wait_until(lambda: "not connected" in process.output(), SECONDS)
    process.signal(signal.SIGTERM)
    assert process.wait(SECONDS) == 0
    assert "ended well" in process.output()
    assert "secret" not in process.output()
