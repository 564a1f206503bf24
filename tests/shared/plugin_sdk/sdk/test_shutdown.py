"""How the service ends: stop and SIGTERM."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from shared.plugin_sdk import sdk
from shared.plugin_sdk.conformance.fixtures import assigned_step
from shared.plugin_sdk.conformance.harness import Harness
from shared.plugin_sdk.sdk import Step
from tests.shared.plugin_sdk.support import agency_service, decision_events, running
from tests.support.processes import Proc, python, wait_until
from tests.support.rabbitmq import RabbitServer

SECONDS = 30.0


def test_stop_waits_for_a_handler_whose_connection_was_lost(harness: Harness, rabbit: RabbitServer) -> None:
    service = agency_service(harness)
    started, proceed = Event(), Event()

    @service.on("step.assigned")
    def decide(_step: Step) -> sdk.Decision:
        started.set()
        assert proceed.wait(SECONDS)
        return sdk.completed("completed")

    harness.send(assigned_step(harness.agency))
    with running(service):
        assert started.wait(SECONDS)
        rabbit.api("DELETE", f"connections/username/agency.{harness.agency}")
        wait_until(lambda: service.metrics.value("connections_lost_total") >= 2, SECONDS)
        service.stop()
        proceed.set()
    wait_until(lambda: harness.queued() == 1, SECONDS)


def test_a_handler_may_end_the_service(harness: Harness) -> None:
    service = agency_service(harness)

    @service.on("step.assigned")
    def decide(_step: Step) -> sdk.Decision:
        service.stop()
        return sdk.completed("completed")

    step = assigned_step(harness.agency)
    harness.send(step)
    service.run()  # returns by itself
    assert decision_events(harness, step) == ["step.completed"]
    assert harness.queued() == 0


SLOW_SERVICE = """
import sys, time
from shared.plugin_sdk.sdk import AgencyService, completed
service = AgencyService.from_environment()
@service.on("step.assigned")
def decide(step):
    print("started", flush=True)
    time.sleep(1)
    return completed(step.outcomes[0])
service.run()
print("stopped cleanly", flush=True)
"""


@pytest.fixture
def start(harness: Harness, spawn_process: Callable[..., Proc], tmp_path: Path) -> Callable[..., Proc]:
    """Starts the slow service in its own process."""
    program = tmp_path / "slow.py"
    program.write_text(SLOW_SERVICE)

    def started(**settings: str) -> Proc:
        environment = {**harness.environment(), "PYTHONPATH": str(Path.cwd()), **settings}
        return spawn_process(python(str(program)), env=environment)

    return started


def test_sigterm_finishes_running_work_and_leaves_the_rest(harness: Harness, start: Callable[..., Proc]) -> None:
    steps = [assigned_step(harness.agency) for _ in range(3)]
    for step in steps:
        harness.send(step)
    process = start()
    wait_until(lambda: "started" in process.output(), SECONDS)
    assert process.terminate() == 0
    assert "stopped cleanly" in process.output()
    assert decision_events(harness, steps[0]) == ["step.completed"]
    wait_until(lambda: harness.queued() == 2, SECONDS)


def test_sigterm_ends_a_service_without_a_broker(start: Callable[..., Proc]) -> None:
    process = start(MOTCUA_AMQP_URL="amqp://agency.X:secret@127.0.0.1:1/")
    wait_until(lambda: "not connected" in process.output(), SECONDS)
    process.signal(signal.SIGTERM)
    assert process.wait(SECONDS) == 0
    assert "stopped cleanly" in process.output()
    assert "secret" not in process.output()
