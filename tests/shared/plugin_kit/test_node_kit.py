"""The Node kit against the same facts as the Python one, and against a real broker."""

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
from shared.plugin_sdk.conformance.fixtures import assigned
from shared.plugin_sdk.conformance.harness import Bench
from shared.plugin_sdk.devtools.temp_resources import free_port
from shared.plugin_sdk.scaffold import scaffold
from shared.plugin_sdk.sdk import Step
from shared.plugin_sdk.sdk.events import answer, step_of
from tests.shared.plugin_kit.support import OpenBench
from tests.support.processes import Proc, wait_until
from tests.support.rabbitmq import RabbitServer

CODE = "H12.14.01"
SECONDS = 30.0
RULES = """
import { Agency, completed, later, needsSupplement, accepted } from './motcua-agency/index.js'
export const agency = Agency.fromEnvironment()
const asked = new Map()
agency.on('step.assigned', async (step) => {
  const times = (asked.get(step.task) ?? 0) + 1
  asked.set(step.task, times)
  console.log(`asked ${step.name} ${times}`)
  if (step.name === 'later' && times < 3) return later(0.1)
  if (step.name === 'fails') throw new Error('the register does not know it')
  if (step.name === 'recovers' && times < 2) throw new Error('the register is away')
  if (step.name === 'papers') return needsSupplement('Nộp bản chính', (await step.papers()).map(({ name }) => name))
  if (step.name === 'accepted') {
    setTimeout(() => agency.answer(step, completed('refused')), 100)
    return accepted()
  }
  if (step.name === 'slow') await new Promise((resolve) => setTimeout(resolve, 1000))
  return completed(step.outcomes[0])
})
"""


def test_the_kit_without_a_broker(tmp_path: Path) -> None:
    scaffold(CODE, "node", tmp_path)
    event_id = str(uuid.uuid4())
    environment = {**os.environ, "KIT": str(tmp_path), "EVENT_ID": event_id, "PORT": str(free_port())}
    tests = Path(__file__).parent / "node" / "kit.test.mjs"
    done = subprocess.run(
        ["node", "--test", "--test-reporter=tap", str(tests)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answers = re.findall(r"ANSWER agency\.H12\.14\.01\.(\S+) (\{.*\})$", done.stdout, re.MULTILINE)
    assert len(answers) == 5
    step = step_of(event_id, Step.example().data)
    for kind, body in answers:
        event = read_event(body, CODE)
        assert read_data(event)["in_reply_to"] == event_id
        assert event.id == answer(CODE, step, sdk.Decision(kind)).id, "both kits derive the same id"


@pytest.fixture
def bench(open_bench: OpenBench, request: pytest.FixtureRequest) -> Bench:
    """A bench for an agency of the test's own."""
    return open_bench(f"N.{abs(hash(request.node.nodeid)):x}")


@pytest.fixture
def start(bench: Bench, spawn_process: Callable[..., Proc], node_service: Path) -> Callable[..., Proc]:
    """Starts a Node service whose rules depend on the step's name."""
    (node_service / "rules.js").write_text(RULES)
    (node_service / "run.js").write_text(
        "import { agency } from './rules.js'\nawait agency.run()\nconsole.log('ended well')\n"
    )
    settings = {"MOTCUA_RETRY_SECONDS": "0.05", "MOTCUA_ATTEMPTS": "3", "MOTCUA_STOP_SECONDS": "3600"}
    return lambda **more: spawn_process(
        ["node", "run.js"], env={**bench.environment(), **settings, **more}, cwd=node_service
    )


def kinds(bench: Bench, event: object, least: int = 1) -> list[str]:
    """Waits for answers to a step and returns their kinds."""
    collector = bench.collector
    found = lambda: [seen for seen in collector.answers() if seen.about(event)]  # type: ignore[arg-type] # noqa: E731
    assert collector.wait(lambda: len(found()) >= least, SECONDS, lambda: True), "no decision"
    return [seen.event(bench.agency) for seen in found()]


def test_later_failures_papers_and_accepted_steps(bench: Bench, start: Callable[..., Proc]) -> None:
    steps = {name: assigned(bench.agency, name=name) for name in ("later", "fails", "recovers", "papers", "accepted")}
    for step in steps.values():
        bench.send(step)
    process = start()
    assert kinds(bench, steps["later"]) == ["step.completed"]
    assert kinds(bench, steps["recovers"]) == ["step.completed"]
    assert kinds(bench, steps["papers"]) == ["supplement.requested"]
    assert kinds(bench, steps["accepted"], least=2) == ["step.accepted", "step.completed"]
    assert bench.collector.wait(lambda: bool(bench.collector.dead_letters()), SECONDS, lambda: True)
    assert bench.collector.dead_letters() == [steps["fails"].to_json()]
    assert process.output().count("asked fails") == 3
    assert process.terminate(SECONDS) == 0
    assert bench.waiting() == 0


def test_lost_connections_are_opened_again(bench: Bench, start: Callable[..., Proc], rabbit: RabbitServer) -> None:
    process = start()
    first, second = assigned(bench.agency), assigned(bench.agency)
    bench.send(first)
    kinds(bench, first)
    rabbit.api("DELETE", f"connections/username/agency.{bench.agency}")
    wait_until(lambda: process.output().count("not connected") >= 2, SECONDS)
    bench.send(second)
    assert set(kinds(bench, second)) == {"step.completed"}
    assert process.terminate(SECONDS) == 0


def test_sigterm_finishes_what_is_in_hand_and_leaves_the_rest(bench: Bench, start: Callable[..., Proc]) -> None:
    steps = [assigned(bench.agency, name="slow") for _ in range(3)]
    for step in steps:
        bench.send(step)
    process = start()
    wait_until(lambda: "asked slow" in process.output(), SECONDS)
    assert process.terminate(SECONDS) == 0
    assert "ended well" in process.output()
    assert kinds(bench, steps[0]) == ["step.completed"]
    wait_until(lambda: bench.waiting() == 2, SECONDS)


def test_sigterm_ends_a_service_that_has_no_broker(start: Callable[..., Proc]) -> None:
    process = start(MOTCUA_AMQP_URL="amqp://agency.X:secret@127.0.0.1:1/")
    wait_until(lambda: "not connected" in process.output(), SECONDS)
    assert process.terminate(SECONDS) == 0
    assert "ended well" in process.output()
    assert "secret" not in process.output()


def test_a_missing_setting_is_one_line(start: Callable[..., Proc]) -> None:
    process = start(MOTCUA_AGENCY="")
    assert process.wait(SECONDS) == 1
    assert process.output().splitlines()[0] == "motcua: MOTCUA_AGENCY is not set: the agency's code"
