"""One land transfer without any broker: the tax office has a webhook, the land registry fetches, and the desk works at its worklist."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import uuid
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from services.operations.agency_keys import make_agency_key
from services.registry import SERVICE_NAMES
from services.routing.agency_http import commands, signature, webhooks
from services.routing.agency_http.settings import http_rules
from services.routing.plugins.ways import Way
from shared.client.people import own_tokens
from shared.client.tracked_dossier import LAND_TRANSFER
from tests.faults.delivery_audit import pending_work
from tests.journeys import actors
from tests.journeys.actors import DESK, LAND_REGISTRY, TAX_OFFICE
from tests.journeys.in_process_platform import InProcessPlatform
from tests.support.processes import REPOSITORY, Proc, wait_until
from tests.support.webhook_receiver import Received, receiver, status

TAX = 12_500_000


def documented(language: str, holding: str) -> str:
    """The program of the document in which a text stands."""
    text = (REPOSITORY / "docs/agency-http.md").read_text(encoding="utf-8")
    (found,) = [one for one in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL) if holding in one]
    return str(found)


def obligation(event: dict[str, Any]) -> dict[str, Any]:
    """The tax office's decision on a step."""
    data = {name: event["data"][name] for name in ("dossier", "task", "agency")}
    data |= {"in_reply_to": event["id"], "decided_at": event["time"], "outcome": event["data"]["obligation_outcome"]}
    return {
        "specversion": "1.0",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{event['id']}/obligation.requested")),
        "source": f"/agency/{TAX_OFFICE}",
        "type": "vn.motcua.agency.obligation.requested.v1",
        "time": event["time"],
        "partitionkey": event["partitionkey"],
        "data": data | {"amount": TAX},
    }


class TaxOffice:
    """Answers the webhook at once, and decides afterwards, twice as if its first answer had been lost."""

    def __init__(self, platform: InProcessPlatform) -> None:
        self._address = platform.address
        self._headers = {"Authorization": f"Bearer {own_tokens(platform.settings)('agency', TAX_OFFICE)}"}
        self.answers: list[tuple[int, bytes]] = []

    def answer(self, got: Received, handler: BaseHTTPRequestHandler) -> None:
        """Takes one event."""
        status(200)(got, handler)
        threading.Thread(target=self._decide, args=(got.event,), daemon=True).start()

    def _decide(self, event: dict[str, Any]) -> None:
        for _ in range(2):
            path = "/routing/api/agency/decisions"
            code, _, body = actors.raw(self._address, "POST", path, obligation(event), self._headers)
            self.answers.append((code, body))


def test_a_step_goes_by_webhook_the_next_by_pull_and_the_others_by_worklist(
    platform: InProcessPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people, routing = platform.people(), platform.context("routing")
    office = TaxOffice(platform)
    program = tmp_path / "agency.py"
    program.write_text(documented("python", "/routing/api/agency/events"), encoding="utf-8")
    environ = {
        "MOTCUA_URL": platform.address,
        "MOTCUA_AGENCY": LAND_REGISTRY,
        "MOTCUA_CLIENT_SECRET": make_agency_key(routing.store, LAND_REGISTRY, "operator").secret,
    }
    with receiver(tmp_path, office.answer) as server:
        monkeypatch.setenv("SSL_CERT_FILE", server.ca_file)
        webhooks.connect_webhook(
            routing.store, TAX_OFFICE, server.url, routing.settings.hash_key, http_rules(), allow_private=True
        )
        commands.connect(routing.store, LAND_REGISTRY, Way.PULL, signs=True)
        code = people.file(DESK, LAND_TRANSFER)["code"]
        with Proc([sys.executable, str(program)], log=tmp_path / "agency.log", env=environ, cwd=tmp_path):
            way = complete(platform, code)
    by = {step["step"]: step["completed_by"] for step in way["steps"] if step["state"] == "done"}
    assert by["tax"] == f"agency:{TAX_OFFICE}"
    assert {by[name] for name in ("assessment", "printing", "checking", "signing", "hand-over")} == {
        f"agency:{LAND_REGISTRY}"
    }
    assert not by["receive-result"].startswith("agency:")
    assert [code for code, _ in office.answers] == [200, 200]
    assert [b'"applied"' in body for _, body in office.answers] == [True, False]
    actors.hand_back(people, code)
    stores = {name: platform.contexts[name].store for name in SERVICE_NAMES}
    wait_until(lambda: not any(pending_work(stores, platform.settings).values()), what="empty outboxes and queues")


def complete(platform: InProcessPlatform, code: str) -> dict[str, Any]:
    """Completes the desk's steps and pays, until the dossier is resolved; returns routing's view of it."""
    people = platform.people()

    def resolved() -> bool:
        way = actors.routing_view_of(people, code)
        for task in way["steps"] if way else ():
            if task["state"] == "open" and task["agency"] not in (TAX_OFFICE, LAND_REGISTRY):
                people.complete(task, "completed", key=f"do-{task['id']}")
        for owed in people.client_for("clerk", DESK).get(f"/intake/api/dossiers/{code}")["obligations"]:
            if not owed["paid_at"]:
                people.pay(DESK, code, owed["amount"], owed["id"], f"pay-{owed['id']}")
        return bool(way and way["state"] == "resolved")

    wait_until(resolved, 90, what=f"the result of {code}")
    found: dict[str, Any] = people.routing_view(DESK, code)
    return found


def test_the_documented_verifications_accept_what_is_signed_and_nothing_else(tmp_path: Path) -> None:
    """Python and Node, as the document shows them."""
    secret, body = signature.new_secret(), '{"note": "Đủ điều kiện"}'.encode()
    signed = signature.headers("id-1", body, datetime.now(UTC), [signature.new_secret(), secret])
    old = signature.headers("id-1", body, datetime.fromtimestamp(1_600_000_000, UTC), [secret])
    space: dict[str, Any] = {}
    exec(documented("python", "def genuine"), space)
    genuine = space["genuine"]
    assert genuine(secret, signed, body)
    cases = [(secret, signed, body + b" "), (signature.new_secret(), signed, body), (secret, old, body)]
    assert not any(genuine(*case) for case in cases)
    script = documented("js", "export function genuine") + (
        "const [secret, headers, body] = JSON.parse(process.argv[2])\n"
        "console.log(genuine(secret, headers, Buffer.from(body, 'utf8')))\n"
    )
    module = tmp_path / "verify.mjs"
    module.write_text(script, encoding="utf-8")

    def by_node(secret: str, headers: dict[str, str], body: bytes) -> str:
        given = json.dumps([secret, headers, body.decode()])
        return subprocess.run(
            ["node", str(module), given], check=True, capture_output=True, text=True, timeout=60
        ).stdout.strip()

    assert by_node(secret, signed, body) == "true"
    assert [by_node(*case) for case in cases] == ["false"] * 3
