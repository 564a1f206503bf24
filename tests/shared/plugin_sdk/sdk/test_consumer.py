"""The service with a real broker: retries, failures, slow handlers, lost connections, publishing."""

from __future__ import annotations

import time
from dataclasses import replace
from threading import Event
from urllib.parse import urlsplit

import pika
import pytest

from shared.messaging.sender_identity import AGENCIES_EXCHANGE
from shared.plugin_sdk import sdk
from shared.plugin_sdk.conformance.fixtures import assigned_step, make_event
from shared.plugin_sdk.conformance.harness import Harness
from shared.plugin_sdk.sdk import DossierEvent, Step, connection, consumer, publisher
from tests.shared.plugin_sdk.support import PausableProxy, agency_service, decision_events, running
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitServer

SECONDS = 30.0


def test_retry_later_calls_again_and_does_not_block_other_steps(harness: Harness) -> None:
    service = agency_service(harness)
    calls: list[str] = []

    @service.on("step.assigned")
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
    with running(service):
        assert decision_events(harness, passes) == ["step.completed"]
        assert decision_events(harness, waits) == ["step.completed"]
    assert calls == ["idle_timeout", "quick", "idle_timeout", "idle_timeout"]
    assert harness.queued() == 0


def test_message_held_too_long_goes_back_to_the_queue(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "HOLD_SECONDS", 0.25)
    service = agency_service(harness)
    calls: list[int] = []

    @service.on("step.assigned")
    def decide(step: Step) -> sdk.Decision | sdk.RetryLater:
        calls.append(1)
        return sdk.completed("completed") if len(calls) == 4 else sdk.retry_later(0.2)

    step = assigned_step(harness.agency)
    harness.send(step)
    with running(service):
        assert decision_events(harness, step) == ["step.completed"]
    assert service.metrics.value("received_total", event="step.assigned") == 4
    assert harness.queued() == 0


def test_failing_handler_is_retried_then_the_step_is_dead_lettered(harness: Harness) -> None:
    service = agency_service(harness, MOTCUA_ATTEMPTS="3")
    failing, fine = assigned_step(harness.agency, name="fails"), assigned_step(harness.agency)

    @service.on("step.assigned")
    def decide(step: Step) -> sdk.Decision:
        if step.name == "fails":
            raise LookupError("the register does not know it")
        return sdk.completed("completed")

    harness.send(failing)
    harness.send(fine)
    with running(service):
        decision_events(harness, fine)
        assert harness.collector.wait(lambda: bool(harness.collector.dead_letters()), SECONDS, lambda: True)
        assert harness.collector.dead_letters() == [failing.to_json()]
    assert service.metrics.value("failures_total") == 3
    assert service.metrics.value("given_up_total") == 1
    assert harness.collector.decisions_on(failing) == []


def test_handler_that_recovers_loses_nothing(harness: Harness) -> None:
    service = agency_service(harness)
    calls: list[int] = []

    @service.on("step.assigned")
    def decide(step: Step) -> sdk.Decision:
        calls.append(1)
        if len(calls) < 3:
            raise OSError("the register is away")
        return sdk.completed(step.outcomes[0])

    step = assigned_step(harness.agency)
    harness.send(step)
    with running(service):
        assert decision_events(harness, step) == ["step.completed"]
    assert len(calls) == 3
    assert harness.queued() == 0


def test_cancelled_and_rejected_events_reach_their_handlers(harness: Harness) -> None:
    service = agency_service(harness)
    received: list[DossierEvent] = []
    service.on("step.cancelled")(received.append)
    service.on("decision.rejected")(lambda _notice: sdk.returned("Không thuộc thẩm quyền"))
    cancelled = make_event("agency.step.cancelled", {"dossier": "D-1", "task": "T-1", "agency": harness.agency})
    rejected = make_event("agency.decision.rejected", {"dossier": "D-2", "task": "T-2", "agency": harness.agency})
    harness.send(cancelled)
    harness.send(rejected)
    with running(service):
        assert decision_events(harness, rejected) == ["step.returned"]
    assert [(event.event, event.task) for event in received] == [("step.cancelled", "T-1")]
    assert harness.queued() == 0


def test_handler_slower_than_heartbeats_keeps_its_connection(harness: Harness) -> None:
    service = agency_service(harness, "?heartbeat=1")

    @service.on("step.assigned")
    def decide(_step: Step) -> sdk.Decision:
        time.sleep(3.5)
        return sdk.completed("completed")

    step = assigned_step(harness.agency)
    harness.send(step)
    with running(service):
        assert decision_events(harness, step) == ["step.completed"]
        assert service.metrics.value("connections_lost_total") == 0


def test_service_reconnects_and_decides_the_running_step(harness: Harness, rabbit: RabbitServer) -> None:
    service = agency_service(harness)
    started, proceed = Event(), Event()

    @service.on("step.assigned")
    def decide(_step: Step) -> sdk.Decision:
        started.set()
        assert proceed.wait(SECONDS)
        return sdk.completed("completed")

    step = assigned_step(harness.agency)
    harness.send(step)
    with running(service):
        assert started.wait(SECONDS)
        rabbit.api("DELETE", f"connections/username/agency.{harness.agency}")
        wait_until(lambda: service.metrics.value("connections_lost_total") >= 2, SECONDS)
        proceed.set()
        assert set(decision_events(harness, step)) == {"step.completed"}
        again = assigned_step(harness.agency)
        harness.send(again)
        decision_events(harness, again)
    assert harness.queued() == 0


def test_service_reconnects_after_a_silent_broker(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "MAX_BACKOFF_SECONDS", 0.5)
    settings = agency_service(harness).settings
    parts = urlsplit(settings.amqp_url)
    with PausableProxy(int(parts.port or 0)) as proxy:
        place = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{proxy.port}")
        url = f"{place.geturl()}?heartbeat=1&socket_timeout=1&stack_timeout=2"
        through = sdk.AgencyService(replace(settings, amqp_url=url))
        through.on("step.assigned")(lambda _step: sdk.completed("completed"))
        with running(through):
            wait_until(lambda: through.metrics.value("connected") == 1, SECONDS)
            proxy.pause()
            step = assigned_step(harness.agency)
            harness.send(step)
            wait_until(lambda: through.metrics.value("connections_lost_total") >= 2, SECONDS)
            assert harness.collector.decisions_on(step) == []
            proxy.resume()
            assert set(decision_events(harness, step)) == {"step.completed"}


def test_unroutable_decision_is_sent_again(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, rabbit: RabbitServer
) -> None:
    monkeypatch.setattr(publisher, "RESEND_SECONDS", 0.2)
    service = agency_service(harness)
    service.on("step.assigned")(lambda _step: sdk.completed("completed"))
    step = assigned_step(harness.agency)
    parameters = pika.URLParameters(harness.administrator_url)
    with running(service), pika.BlockingConnection(parameters) as connection:
        channel = connection.channel()
        # the collector's queue stands for routing's queue
        channel.queue_unbind(harness.message_queue, AGENCIES_EXCHANGE, f"agency.{harness.agency}.#")
        harness.send(step)
        wait_until(lambda: service.metrics.value("unconfirmed_total") >= 2, SECONDS)
        assert service.metrics.value("decided_total", event="step.completed") == 0
        channel.queue_bind(harness.message_queue, AGENCIES_EXCHANGE, f"agency.{harness.agency}.#")
        assert decision_events(harness, step) == ["step.completed"]
    assert harness.queued() == 0


def test_accepted_step_is_decided_later_by_another_process(harness: Harness) -> None:
    service = agency_service(harness)
    stored: list[str] = []

    @service.on("step.assigned")
    def decide(step: Step) -> sdk.Decision:
        stored.append(step.to_json())
        return sdk.accepted(by="cb-0417")

    step = assigned_step(harness.agency)
    harness.send(step)
    with running(service):
        wait_until(lambda: service.metrics.value("decided_total", event="step.accepted") == 1, SECONDS)
    assert harness.queued() == 0
    office = agency_service(harness)
    for _ in range(2):
        office.send_decision(Step.from_json(stored[0]), sdk.completed("refused"))
    assert decision_events(harness, step, minimum=2) == ["step.completed"] * 2
    assert len({message.id for message in harness.collector.decisions_on(step)}) == 1
    with pytest.raises(sdk.InvalidDecision):
        office.send_decision(Step.from_json(stored[0]), sdk.completed("approved"))


def test_papers_come_from_the_platform(harness: Harness) -> None:
    service = agency_service(harness)
    service.on("step.assigned")(
        lambda step: sdk.needs_supplement("Nộp bản chính", [paper.name for paper in step.papers()])
    )
    step = assigned_step(harness.agency)
    harness.send(step)
    with running(service):
        assert decision_events(harness, step) == ["supplement.requested"]
    assert "Hợp đồng chuyển nhượng đã công chứng" in harness.collector.decisions_on(step)[0].data["papers"]
