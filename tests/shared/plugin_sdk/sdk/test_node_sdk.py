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
from shared.messaging.event import SEQUENCE_DIGITS
from shared.messaging.sender_identity import read_event
from shared.plugin_sdk import sdk
from shared.plugin_sdk.admin import grants
from shared.plugin_sdk.admin.management import Management
from shared.plugin_sdk.conformance.fixtures import FakeEvent, assigned_step, make_event
from shared.plugin_sdk.conformance.harness import Harness
from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.plugin_sdk.scaffold import scaffold
from shared.plugin_sdk.sdk import Step
from shared.plugin_sdk.sdk.decision_message import NO_SEQUENCE, encode_decision
from shared.plugin_sdk.sdk.events import make_step
from tests.shared.plugin_sdk.fake_platform import DETAILS, NOT_YET_KNOWN, FakePlatform, Reply
from tests.support.processes import Proc, wait_until
from tests.support.rabbitmq import RabbitServer, vhost_of

CODE = "H12.14.01"
SECONDS = 30.0
MAX_STARTS = 40
NODE_SDK = Path(__file__).parents[4] / "shared" / "plugin_sdk" / "templates" / "node" / "motcua-agency"
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
  if (step.name === 'throws in a timer') await new Promise(() => setTimeout(() => { throw new Error('later') }, 10))
  if (step.name === 'rejects unseen') Promise.reject(new Error('unseen'))
  if (step.name === 'slow') await new Promise((resolve) => setTimeout(resolve, 1000))
  return completed(step.outcomes[0])
})
service.on('step.cancelled', () => new Promise(() => setTimeout(() => { throw new Error('cancelled') }, 10)))
service.on('decision.rejected', () => process.exit(3))
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


def test_papers_that_come_late_lose_no_step(harness: Harness, start: Callable[..., Proc]) -> None:
    step, other = assigned_step(harness.agency, name="papers"), assigned_step(harness.agency)
    with FakePlatform(NOT_YET_KNOWN, Reply(500), Reply(200, DETAILS)) as platform:
        harness.send(step)
        harness.send(other)
        process = start(**platform.settings(MOTCUA_ATTEMPTS="1"))
        assert message_events(harness, other) == ["step.completed"]
        assert message_events(harness, step) == ["supplement.requested"]
        assert process.terminate(SECONDS) == 0
    assert (
        process.output().count("waits 2 s for the papers") == 2
    )  # as the platform asks; then the second pause of its own
    assert harness.collector.dead_letters() == []
    assert harness.queued() == 0


def test_an_error_outside_the_handlers_promise_fails_that_message_only(
    harness: Harness, start: Callable[..., Proc]
) -> None:
    cancelled = make_event("agency.step.cancelled", {"dossier": "D-1", "task": "T-1", "agency": harness.agency})
    throws, unseen, fine = (
        assigned_step(harness.agency, name=name) for name in ("throws in a timer", "rejects unseen", "fine")
    )
    for event in (cancelled, throws, unseen, fine):
        harness.send(event)
    process = start()
    for step in (unseen, fine):
        assert message_events(harness, step) == ["step.completed"]
    dead = harness.collector.dead_letters
    assert harness.collector.wait(lambda: len(dead()) == 2, SECONDS, lambda: True)
    assert set(dead()) == {cancelled.to_json(), throws.to_json()}
    assert process.terminate(SECONDS) == 0


def test_a_message_that_ends_the_process_each_time_does_not_hold_up_the_others(
    harness: Harness, start: Callable[..., Proc]
) -> None:
    rejected = make_event("agency.decision.rejected", {"dossier": "D-1", "task": "T-1", "agency": harness.agency})
    steps = [assigned_step(harness.agency) for _ in range(3)]
    for event in (rejected, *steps):
        harness.send(event)
    decided = harness.collector.decisions_on
    for _ in range(MAX_STARTS):
        assert start().wait(SECONDS) == 3
        if all(decided(step) for step in steps):
            break
    assert [bool(decided(step)) for step in steps] == [True] * 3
    assert harness.collector.dead_letters() == []


def test_service_comes_back_to_a_queue_that_was_deleted(
    harness: Harness, start: Callable[..., Proc], rabbit: RabbitServer
) -> None:
    management = Management(rabbit.management_url, vhost_of(harness.administrator_url))
    process = start()
    wait_until(lambda: "receiving from" in process.output(), SECONDS)
    management.call("DELETE", "queues", management.vhost, f"agency.{harness.agency}")
    wait_until(lambda: "the platform deleted this agency's queue" in process.output(), SECONDS)
    password = harness.environment()["MOTCUA_AMQP_URL"].split(":")[2].partition("@")[0]
    grants.grant(management, harness.agency, password)
    wait_until(lambda: process.output().count("receiving from") >= 2, SECONDS)
    step = assigned_step(harness.agency)
    harness.send(step)
    assert message_events(harness, step) == ["step.completed"]
    assert process.terminate(SECONDS) == 0


def test_both_sdks_have_the_same_version_and_sequence() -> None:
    node = NODE_SDK / "version.js"
    assert f"export const VERSION = '{sdk.__version__}'" in node.read_text(encoding="utf-8")
    assert f"'0'.repeat({SEQUENCE_DIGITS})" in (NODE_SDK / "decision-message.js").read_text(encoding="utf-8")
    assert NO_SEQUENCE == "0" * SEQUENCE_DIGITS


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
