"""An error in the handler of one message never takes another dossier's step with it, not even one that ends the process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shared.plugin_sdk import sdk
from shared.plugin_sdk.conformance.fixtures import FakeEvent, assigned_step, make_event
from shared.plugin_sdk.conformance.harness import Harness
from shared.plugin_sdk.sdk import DossierEvent
from shared.plugin_sdk.sdk.consumer import suspect_pause
from tests.shared.plugin_sdk.support import agency_service, decision_events, running
from tests.support.processes import Proc, python, wait_until

SECONDS = 30.0
MAX_STARTS = 40


def notice(harness: Harness, event: str) -> FakeEvent:
    """An event about another dossier than the steps'."""
    return make_event(f"agency.{event}", {"dossier": "D-1", "task": "T-1", "agency": harness.agency})


@pytest.mark.parametrize("event", ["step.cancelled", "decision.rejected"])
@pytest.mark.parametrize("error", [LookupError("no such dossier"), SystemExit("no licence"), KeyboardInterrupt()])
def test_an_error_in_a_handler_fails_that_message_only(harness: Harness, event: str, error: BaseException) -> None:
    service = agency_service(harness, MOTCUA_ATTEMPTS="2")
    service.on("step.assigned")(lambda _step: sdk.completed("completed"))

    @service.on(event)
    def fail(_event: DossierEvent) -> None:
        raise error

    before, poison, after = assigned_step(harness.agency), notice(harness, event), assigned_step(harness.agency)
    for sent in (before, poison, after):
        harness.send(sent)
    with running(service):
        for step in (before, after):
            assert decision_events(harness, step) == ["step.completed"]
        wait_until(lambda: service.metrics.value("given_up_total") == 1, SECONDS)
        assert harness.collector.wait(lambda: bool(harness.collector.dead_letters()), SECONDS, lambda: True)
    assert harness.collector.dead_letters() == [poison.to_json()]
    assert harness.queued() == 0


DYING_SERVICE = """
import os
from shared.plugin_sdk.sdk import AgencyService, completed, consumer
consumer.FIRST_SUSPECT_SECONDS = 0.5
service = AgencyService.from_environment()
service.on("step.assigned")(lambda step: completed(step.outcomes[0]))
service.on("step.cancelled")(lambda event: os._exit(3))
service.run()
"""


def test_a_message_that_ends_the_process_each_time_does_not_hold_up_the_others(
    harness: Harness, spawn_process: Callable[..., Proc], tmp_path: Path
) -> None:
    program = tmp_path / "dying.py"
    program.write_text(DYING_SERVICE)
    environment = {**harness.environment(), "PYTHONPATH": str(Path.cwd())}
    harness.send(notice(harness, "step.cancelled"))
    steps = [assigned_step(harness.agency) for _ in range(3)]
    for step in steps:
        harness.send(step)
    decided = harness.collector.decisions_on
    for _ in range(MAX_STARTS):
        assert spawn_process(python(str(program)), env=environment).wait(SECONDS) == 3
        if all(decided(step) for step in steps):
            break
    assert [bool(decided(step)) for step in steps] == [True] * 3
    assert harness.collector.dead_letters() == []


def test_only_a_message_that_came_often_waits_and_never_long() -> None:
    assert [suspect_pause({"x-delivery-count": count}) for count in (0, 1, 3)] == [0.0] * 3
    assert suspect_pause({}) == suspect_pause({"x-delivery-count": "many"}) == 0.0
    for count, longest in ((4, 2.0), (5, 4.0), (8, 32.0), (9, 60.0), (200, 60.0), (10**6, 60.0)):
        pauses = [suspect_pause({"x-delivery-count": count}) for _ in range(200)]
        assert longest / 2 < max(pauses) <= longest
        assert min(pauses) < longest / 2
