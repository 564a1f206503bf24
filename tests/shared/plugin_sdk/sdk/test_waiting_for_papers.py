"""A step whose papers cannot be had now waits as long as it takes, whatever the reason, and holds up no other."""

from __future__ import annotations

import logging

import pytest

from shared.plugin_sdk import sdk
from shared.plugin_sdk.conformance.fixtures import assigned_step, make_event
from shared.plugin_sdk.conformance.harness import Harness
from shared.plugin_sdk.sdk import AgencyService, DossierEvent, Step, consumer, handler_thread, platform_client
from tests.shared.plugin_sdk.fake_platform import DETAILS, NOT_YET_KNOWN, FakePlatform, Reply
from tests.shared.plugin_sdk.support import agency_service, decision_events, running
from tests.support.processes import wait_until

SECONDS = 30.0
PAPERS = Reply(200, DETAILS)


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handler_thread, "FIRST_WAIT_SECONDS", 0.02)
    monkeypatch.setattr(handler_thread, "MAX_WAIT_SECONDS", 0.05)
    monkeypatch.setattr(handler_thread, "MAX_RETRY_AFTER_SECONDS", 0.05)
    monkeypatch.setattr(platform_client, "PAUSE_SECONDS", 0.02)


def service_that_reads_papers(harness: Harness, platform: FakePlatform) -> AgencyService:
    """A service that gives up after two failures."""
    service = agency_service(harness, **platform.settings(MOTCUA_ATTEMPTS="2"))

    @service.on("step.assigned")
    def decide(step: Step) -> sdk.Decision:
        if step.name == "needs no papers":
            return sdk.completed("completed")
        return sdk.needs_supplement("Nộp bản chính", [paper.name for paper in step.papers()])

    return service


@pytest.mark.parametrize(
    "reply", [NOT_YET_KNOWN, Reply(0), Reply(500), Reply(429, {}, {"Retry-After": "1"}), Reply(200, b"<html>")]
)
def test_papers_that_come_late_lose_no_step(harness: Harness, reply: Reply, caplog: pytest.LogCaptureFixture) -> None:
    step, other = assigned_step(harness.agency), assigned_step(harness.agency, name="needs no papers")
    with FakePlatform(reply) as platform, caplog.at_level(logging.WARNING, logger="motcua.agency"):
        service = service_that_reads_papers(harness, platform)
        harness.send(step)
        harness.send(other)
        with running(service):
            wait_until(lambda: service.metrics.value("papers_unavailable_total") >= 8, SECONDS)
            assert decision_events(harness, other) == ["step.completed"]
            wait_until(lambda: service.metrics.value("waiting_for_papers") == 1, SECONDS)
            platform.papers = [PAPERS]
            assert decision_events(harness, step) == ["supplement.requested"]
        assert service.metrics.value("waiting_for_papers") == service.metrics.value("failures_total") == 0
    assert f"step.assigned of task {step.data['task']} waits 0 s for the papers: http" in caplog.text
    assert harness.collector.dead_letters() == []
    assert harness.queued() == 0


def test_a_token_that_the_platform_does_not_accept_is_no_verdict_on_a_step(harness: Harness) -> None:
    step = assigned_step(harness.agency)
    with FakePlatform(PAPERS) as platform:
        platform.token_replies = [Reply(401, {"error": "invalid_client"})] * 5
        service = service_that_reads_papers(harness, platform)
        harness.send(step)
        with running(service):
            assert decision_events(harness, step) == ["supplement.requested"]
        assert platform.requests.count("token") == 6
    assert service.metrics.value("failures_total") == 0


def test_refused_papers_are_a_failure(harness: Harness) -> None:
    step = assigned_step(harness.agency)
    with FakePlatform(Reply(410)) as platform:
        service = service_that_reads_papers(harness, platform)
        harness.send(step)
        with running(service):
            assert harness.collector.wait(lambda: bool(harness.collector.dead_letters()), SECONDS, lambda: True)
    assert service.metrics.value("failures_total") == 2
    assert harness.collector.dead_letters() == [step.to_json()]


def test_a_platform_away_for_days_uses_up_no_delivery_limit(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "HOLD_SECONDS", 0.04)
    monkeypatch.setattr(consumer, "FIRST_SUSPECT_SECONDS", 0.001)
    monkeypatch.setattr(consumer, "MAX_SUSPECT_SECONDS", 0.001)
    step = assigned_step(harness.agency)
    with FakePlatform(NOT_YET_KNOWN) as platform:
        service = service_that_reads_papers(harness, platform)
        harness.send(step)
        with running(service):
            wait_until(lambda: service.metrics.value("received_total", event="step.assigned") > 60, SECONDS)
            platform.papers = [PAPERS]
            assert decision_events(harness, step) == ["supplement.requested"]
    assert harness.collector.dead_letters() == []


def test_other_handlers_wait_for_papers_too(harness: Harness) -> None:
    rejected = make_event("agency.decision.rejected", {"dossier": "D-2", "task": "T-2", "agency": harness.agency})
    with FakePlatform(NOT_YET_KNOWN, NOT_YET_KNOWN, NOT_YET_KNOWN, PAPERS) as platform:
        service = agency_service(harness, **platform.settings(MOTCUA_ATTEMPTS="2"))

        @service.on("decision.rejected")
        def decide_again(event: DossierEvent) -> sdk.Decision:
            return sdk.returned(service.read_dossier(event.task).papers[0].name)

        harness.send(rejected)
        with running(service):
            assert decision_events(harness, rejected) == ["step.returned"]
    assert service.metrics.value("failures_total") == 0


def test_pauses_double_up_to_a_minute_and_are_never_shorter_than_the_platform_asks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in (("FIRST_WAIT_SECONDS", 1.0), ("MAX_WAIT_SECONDS", 60.0), ("MAX_RETRY_AFTER_SECONDS", 1200.0)):
        monkeypatch.setattr(handler_thread, name, value)
    for asked, expected in (
        (None, [1, 2, 4, 8, 16, 32, 60, 60]),
        (2.0, [2, 2, 4, 8, 16, 32, 60, 60]),
        (0.0, [1, 2, 4, 8, 16, 32, 60, 60]),
        (86400.0, [1200] * 8),
    ):
        error = sdk.PapersUnavailable("away", asked)
        job = handler_thread.Job(None, 1, b"")
        assert [handler_thread.wait_seconds(job, error) for _ in range(8)] == expected
