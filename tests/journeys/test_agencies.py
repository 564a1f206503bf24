"""Land transfer with tax, birth and death over all five services: agencies' programs in Python and Node decide steps, people the others."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.registry import SERVICE_NAMES
from services.routing.agency_keys.commands import new_key
from services.routing.commands.sweeps import send_unanswered
from services.routing.plugins.registry import plug_in
from shared.client.people import People
from shared.client.tracked_dossier import LAND_TRANSFER
from shared.plugin_sdk.admin import grants
from shared.plugin_sdk.admin.management import Management
from shared.plugin_sdk.scaffold import scaffold
from tests.faults.delivery_audit import pending_work
from tests.journeys import actors
from tests.journeys.actors import DESK, LAND_REGISTRY, TAX_OFFICE
from tests.journeys.conftest import MONDAY
from tests.journeys.in_process_platform import InProcessPlatform, manual_clock
from tests.support.backends import Backends, fresh_backends
from tests.support.prepared import PreparedDatabases
from tests.support.processes import Proc, wait_until
from tests.support.rabbitmq import RabbitServer, vhost_of

TAX = 12_500_000
PYTHON = """
from motcua_agency import AgencyService, completed, obligation

service = AgencyService.from_environment()


@service.on("step.assigned")
def decide(step):
    papers = step.papers()
    if step.obligation_outcome:
        return obligation(step.obligation_outcome, 12_500_000, note=f"{len(papers)} giấy tờ", by="cb-thuế-01")
    return completed("completed", note=f"{len(papers)} giấy tờ")


if __name__ == "__main__":
    service.run()
"""
NODE = """
import { AgencyService, completed } from './motcua-agency/index.js'

export const service = AgencyService.fromEnvironment()

service.on('step.assigned', async (step) => {
  const { papers, applicant } = await step.readDossier()
  if (papers.length === 0 || applicant.name === '') throw new Error('a dossier without papers or applicant')
  return completed('completed', { note: `Đã giải quyết: ${step.name}` })
})
"""
LOSING = """
import os

import pika

connection = pika.BlockingConnection(pika.URLParameters(os.environ["MOTCUA_AMQP_URL"]))
channel = connection.channel()


def lose(channel, method, _properties, body):
    channel.basic_ack(method.delivery_tag)
    print("acknowledged", body.decode(), flush=True)


channel.basic_consume(f"agency.{os.environ['MOTCUA_AGENCY']}", lose)
channel.start_consuming()
"""
"""Acknowledges everything and decides nothing."""
BIRTH = {
    "procedure": "2.002621",
    "applicant": {"name": "Nguyễn Thị Bưởi", "id_number": "095185001234", "phone": "0912 345 678"},
    "papers": ["application", "birth-certificate"],
}
DEATH = {
    "procedure": "1.011537",
    "applicant": {"name": "Trần Quốc Việt", "id_number": "095090004321", "phone": "0987 654 321"},
    "papers": ["application", "death-notice"],
    "chosen": ["death-registration", "residence-removal", "funeral-allowance"],
}


@pytest.fixture(scope="session")
def node_program(tmp_path_factory: pytest.TempPathFactory, installed_node_sdk: Callable[[Path], None]) -> Path:
    directory = tmp_path_factory.mktemp("node-agency")
    scaffold("H12.14.02", "node", directory)
    (directory / "service.js").write_text(NODE, encoding="utf-8")
    installed_node_sdk(directory)
    return directory


@pytest.fixture(scope="session")
def python_program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("python-agency")
    scaffold("G12.12.01", "python", directory)
    (directory / "service.py").write_text(PYTHON, encoding="utf-8")
    return directory


class Centre:
    """A platform with a broker, and agencies' programs that are connected to it.

    Args:
        platform: the five services in this process.
        rabbit, base: its broker and databases.
        directory: for the programs' logs.
    """

    def __init__(self, platform: InProcessPlatform, rabbit: RabbitServer, base: Backends, directory: Path) -> None:
        self.platform = platform
        self.people = platform.people()
        self.programs = ExitStack()
        self._rabbit, self._base, self._directory = rabbit, base, directory
        self._connected: set[str] = set()

    def connect(self, agency: str, command: list[str], program: Path) -> Proc:
        """Grants an agency access, registers it with routing and starts its program."""
        password, vhost = secrets.token_urlsafe(24), vhost_of(self._base.bus_url)
        grants.grant(Management(self._rabbit.management_url, vhost), agency, password)
        store = self.platform.context("routing").store
        plug_in(store, agency, signs=True)
        _, secret = store.run(lambda work: new_key(work, agency, "cli:operator"))
        environ = {
            "MOTCUA_AGENCY": agency,
            "MOTCUA_AMQP_URL": self._rabbit.url_for(f"agency.{agency}", password, vhost),
            "MOTCUA_URL": self.platform.address,
            "MOTCUA_CLIENT_SECRET": secret,
        }
        log = self._directory / f"{agency}.log"
        self._connected.add(agency)
        return self.programs.enter_context(Proc(command, log=log, env=environ, cwd=program))

    def complete(self, code: str) -> dict[str, Any]:
        """Completes every step of agencies without a program, until the dossier is resolved; returns routing's view of it."""

        def resolved() -> bool:
            way = actors.routing_view_of(self.people, code)
            if way is None:
                return False
            for task in way["steps"]:
                if task["agency"] in self._connected:
                    continue
                if task["state"] == "open":
                    self.people.complete(task, "completed", key=f"do-{task['id']}")
            self._pay(code)
            return bool(way["state"] == "resolved")

        wait_until(resolved, 60, what=f"the result of {code}")
        found: dict[str, Any] = self.people.routing_view(DESK, code)
        return found

    def _pay(self, code: str) -> None:
        dossier = self.people.client_for("clerk", DESK).get(f"/intake/api/dossiers/{code}")
        for owed in dossier["obligations"]:
            if not owed["paid_at"]:
                self.people.pay(DESK, code, owed["amount"], owed["id"], f"pay-{owed['id']}")


@pytest.fixture
def centre(rabbit: RabbitServer, prepared_databases: PreparedDatabases, tmp_path: Path) -> Iterator[Centre]:
    with (
        fresh_backends(tmp_path, prepared_databases, rabbit) as base,
        InProcessPlatform(tmp_path, base, manual_clock(MONDAY)) as platform,
    ):
        centre = Centre(platform, rabbit, base, tmp_path)
        with centre.programs:
            yield centre


def by_software(way: dict[str, Any], agency: str) -> dict[str, str]:
    """The steps that an agency's program completed: step → note."""
    return {
        step["step"]: step["note"]
        for step in way["steps"]
        if step["agency"] == agency and step["completed_by"] and agency in step["completed_by"]
    }


def finish(centre: Centre, people: People, code: str) -> None:
    """Hands the result to the citizen, then checks statistics, control sheet and that all outboxes and queues are empty."""
    actors.hand_back(people, code)
    actors.counts(people, received=1, resolved=1, on_time=1, returned=1, late=0)
    sheet = people.client_for("clerk", DESK).get(f"/routing/api/dossiers/{code}/control-sheet")
    assert sheet["sound"]
    assert len(sheet["entries"]) >= 6
    stores = {name: centre.platform.contexts[name].store for name in SERVICE_NAMES}
    wait_until(
        lambda: not any(pending_work(stores, centre.platform.settings).values()), what="empty outboxes and queues"
    )


def test_land_with_tax(centre: Centre, python_program: Path, node_program: Path) -> None:
    centre.connect(TAX_OFFICE, [sys.executable, "service.py"], python_program)
    centre.connect(LAND_REGISTRY, ["node", "main.js"], node_program)
    code = centre.people.file(DESK, LAND_TRANSFER)["code"]
    way = centre.complete(code)
    assert by_software(way, TAX_OFFICE) == {"tax": f"{len(LAND_TRANSFER['papers'])} giấy tờ"}
    assert set(by_software(way, LAND_REGISTRY)) == {"assessment", "printing", "checking", "signing", "hand-over"}
    assert all(note.startswith("Đã giải quyết: ") for note in by_software(way, LAND_REGISTRY).values())
    assert [step["amount"] for step in way["steps"] if step["amount"]] == [TAX]
    audit = centre.people.client_for("agency", TAX_OFFICE)
    actors.refused(410, audit.get, f"/intake/api/agency/steps/{task_of(way, 'tax')['id']}/papers")
    actors.sms(centre.people, code, "obligation")
    finish(centre, centre.people, code)


def test_steps_that_a_program_has_lost_come_again(centre: Centre, python_program: Path, tmp_path: Path) -> None:
    losing = tmp_path / "losing"
    losing.mkdir()
    (losing / "program.py").write_text(LOSING)
    program = centre.connect(LAND_REGISTRY, [sys.executable, "program.py"], losing)
    code = centre.people.file(DESK, LAND_TRANSFER)["code"]
    centre.people.complete(actors.step_at(centre.people, code, "transfer"), "completed")
    lost = actors.step_at(centre.people, code, "assessment")["id"]
    wait_until(lambda: lost in program.log.read_text(), 30, what="a program that acknowledges the step")
    program.kill9()
    centre.connect(LAND_REGISTRY, [sys.executable, "service.py"], python_program)
    centre.platform.clock.pass_(timedelta(days=1))
    assert send_unanswered(centre.platform.context("routing")) == 1  # as the worker does within a minute
    way = centre.complete(code)
    assert {"assessment", "printing"} <= set(by_software(way, LAND_REGISTRY))
    finish(centre, centre.people, code)


def test_birth(centre: Centre, python_program: Path, node_program: Path) -> None:
    code = centre.people.file(DESK, BIRTH)["code"]
    police, insurance = agencies_of(centre, "police"), agencies_of(centre, "social_insurance")
    centre.connect(police, [sys.executable, "service.py"], python_program)
    centre.connect(insurance, ["node", "main.js"], node_program)
    way = centre.complete(code)
    assert set(by_software(way, police)) == {"residence"}
    assert set(by_software(way, insurance)) == {"insurance"}
    steps = {step["step"]: step for step in way["steps"]}
    assert steps["residence"]["assigned_at"] == steps["insurance"]["assigned_at"], "all agencies at once"
    assert steps["receive-result"]["assigned_at"] >= max(
        steps[name]["completed_at"] for name in ("residence", "insurance")
    )
    finish(centre, centre.people, code)


def test_death_with_three_linked_procedures(centre: Centre, python_program: Path, node_program: Path) -> None:
    police, labour = agencies_of(centre, "police"), agencies_of(centre, "labour")
    centre.connect(police, ["node", "main.js"], node_program)
    centre.connect(labour, [sys.executable, "service.py"], python_program)
    code = centre.people.file(DESK, DEATH)["code"]
    way = centre.complete(code)
    assert by_software(way, labour), "steps of the sub-dossier too"
    steps = {step["step"]: step for step in way["steps"]}
    assert set(by_software(way, police)) == {"residence"}
    assert steps["survivors"]["state"] == "cancelled", "not chosen, so skipped"
    sub = steps["funeral"]["sub"]
    assert steps["funeral"]["state"] == "done"
    assert {step["dossier"] for step in way["steps"]} == {code, sub}
    finish(centre, centre.people, code)
    notified = {json.loads(path.read_bytes())["dossier"] for path in centre.platform.spool.glob("[!.]*.json")}
    assert notified == {code}, "the citizen gets messages about one dossier only"


def task_of(way: dict[str, Any], step: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in way["steps"] if one["step"] == step)
    return found


def agencies_of(centre: Centre, role: str) -> str:
    """The agency that has a role for the desk."""
    return centre.platform.reference.agencies.resolve(role, DESK, MONDAY.date()).code
