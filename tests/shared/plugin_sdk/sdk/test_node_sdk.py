"""The Node SDK: the same rules as the Python SDK, and a real broker."""

from __future__ import annotations

import os
import re
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.contracts import read_data
from shared.messaging.sender_identity import read_event
from shared.plugin_sdk import sdk
from shared.plugin_sdk.conformance.fixtures import FakeEvent, assigned_step
from shared.plugin_sdk.conformance.harness import Harness
from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.plugin_sdk.scaffold import scaffold
from shared.plugin_sdk.sdk import Step
from shared.plugin_sdk.sdk.decision_message import encode_decision
from shared.plugin_sdk.sdk.events import make_step
from tests.support.processes import Proc, wait_until
from tests.support.rabbitmq import RabbitServer

CODE = "H12.14.01"
SECONDS = 30.0
RULES = """
import { AgencyService, completed, retryLater, needsSupplement, accepted } from './motcua-agency/index.js'
export const service = AgencyService.fromEnvironment()
const asked = new Map()
service.on('step.assigned', async (step) => {
  const times = (asked.get(step.task) ?? 0) + 1
  asked.set(step.task, times)
  console.log(`asked ${step.name} ${times}`)
  if (step.name === 'later' && times < 3) return retryLater(0.1)
  if (step.name === 'fails') throw new Error('the register does not know it')
  if (step.name === 'recovers' && times < 2) throw new Error('the register is away')
  if (step.name === 'papers') return needsSupplement('Nộp bản chính', (await step.papers()).map(({ name }) => name))
  if (step.name === 'accepted') {
    setTimeout(() => service.sendDecision(step, completed('refused')), 100)
    return accepted()
  }
  if (step.name === 'slow') await new Promise((resolve) => setTimeout(resolve, 1000))
  return completed(step.outcomes[0])
})
"""


def test_the_sdk_without_a_broker(tmp_path: Path) -> None:
    scaffold(CODE, "node", tmp_path)
    event_id = str(uuid.uuid4())
    environment = {**os.environ, "SDK": str(tmp_path), "EVENT_ID": event_id, "PORT": str(free_port())}
    tests = Path(__file__).parent / "node" / "sdk.test.mjs"
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", str(tests)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    decisions = re.findall(r"DECISION agency\.H12\.14\.01\.(\S+) (\{.*\})$", done.stdout, re.MULTILINE)
    assert len(decisions) == 5
    step = make_step(event_id, Step.example().data)
    for kind, body in decisions:
        event = read_event(body, CODE)
        assert read_data(event)["in_reply_to"] == event_id
        assert event.id == encode_decision(CODE, step, sdk.Decision(kind)).id, "both SDKs derive the same id"


@pytest.fixture
def start(harness: Harness, spawn_process: Callable[..., Proc], node_service: Path) -> Callable[..., Proc]:
    """Starts a Node service whose decision depends on the step's name."""
    (node_service / "rules.js").write_text(RULES)
    (node_service / "run.js").write_text(
        "import { service } from './rules.js'\nawait service.run()\nconsole.log('stopped cleanly')\n"
    )
    settings = {"MOTCUA_RETRY_SECONDS": "0.05", "MOTCUA_ATTEMPTS": "3", "MOTCUA_STOP_SECONDS": "3600"}
    return lambda **more: spawn_process(
        ["node", "run.js"], env={**harness.environment(), **settings, **more}, cwd=node_service
    )


def message_events(harness: Harness, event: FakeEvent, minimum: int = 1) -> list[str]:
    """Waits for messages about a step and returns their event names."""
    collector = harness.collector

    def messages() -> list[str]:
        return [message.event_name(harness.agency) for message in collector.messages() if message.refers_to(event)]

    assert collector.wait(lambda: len(messages()) >= minimum, SECONDS, lambda: True), "no decision"
    return messages()


def test_later_failures_papers_and_accepted_steps(harness: Harness, start: Callable[..., Proc]) -> None:
    steps = {
        name: assigned_step(harness.agency, name=name) for name in ("later", "fails", "recovers", "papers", "accepted")
    }
    for step in steps.values():
        harness.send(step)
    process = start()
    assert message_events(harness, steps["later"]) == ["step.completed"]
    assert message_events(harness, steps["recovers"]) == ["step.completed"]
    assert message_events(harness, steps["papers"]) == ["supplement.requested"]
    assert message_events(harness, steps["accepted"], minimum=2) == ["step.accepted", "step.completed"]
    assert harness.collector.wait(lambda: bool(harness.collector.dead_letters()), SECONDS, lambda: True)
    assert harness.collector.dead_letters() == [steps["fails"].to_json()]
    assert process.output().count("asked fails") == 3
    assert process.terminate(SECONDS) == 0
    assert harness.queued() == 0


def test_service_reconnects(harness: Harness, start: Callable[..., Proc], rabbit: RabbitServer) -> None:
    process = start()
    first, second = assigned_step(harness.agency), assigned_step(harness.agency)
    harness.send(first)
    message_events(harness, first)
    rabbit.api("DELETE", f"connections/username/agency.{harness.agency}")
    wait_until(lambda: process.output().count("not connected") >= 2, SECONDS)
    harness.send(second)
    assert set(message_events(harness, second)) == {"step.completed"}
    assert process.terminate(SECONDS) == 0


def test_sigterm_finishes_running_work_and_leaves_the_rest(harness: Harness, start: Callable[..., Proc]) -> None:
    steps = [assigned_step(harness.agency, name="slow") for _ in range(3)]
    for step in steps:
        harness.send(step)
    process = start()
    wait_until(lambda: "asked slow" in process.output(), SECONDS)
    assert process.terminate(SECONDS) == 0
    assert "stopped cleanly" in process.output()
    assert message_events(harness, steps[0]) == ["step.completed"]
    wait_until(lambda: harness.queued() == 2, SECONDS)


def test_sigterm_ends_a_service_without_a_broker(start: Callable[..., Proc]) -> None:
    process = start(MOTCUA_AMQP_URL="amqp://agency.X:secret@127.0.0.1:1/")
    wait_until(lambda: "not connected" in process.output(), SECONDS)
    assert process.terminate(SECONDS) == 0
    assert "stopped cleanly" in process.output()
    assert "secret" not in process.output()


def test_missing_setting_is_one_line(start: Callable[..., Proc]) -> None:
    process = start(MOTCUA_AGENCY="")
    assert process.wait(SECONDS) == 1
    assert process.output().splitlines()[0] == "motcua: MOTCUA_AGENCY is not set: the agency's code"
