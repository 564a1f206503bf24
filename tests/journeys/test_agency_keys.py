"""An agency's own software exchanges the secret of its key for a token, and reads with it the papers of its step in intake."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import requests

from services.operations.agency_keys import make_agency_key, revoke_agency_key
from shared.client.http import Client, wait_for
from shared.client.tracked_dossier import LAND_TRANSFER
from tests.journeys.actors import DESK, LAND_REGISTRY, TAX_OFFICE, TIMEOUT, refused, step_at
from tests.journeys.in_process_platform import InProcessPlatform

BY = "cli:operator"


def ask(platform: InProcessPlatform, agency: str, secret: str) -> requests.Response:
    pair = b64encode(f"agency.{agency}:{secret}".encode()).decode()
    return requests.post(
        f"{platform.address}/routing/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": f"Basic {pair}"},
        timeout=20,
    )


def read(platform: InProcessPlatform, token: str, path: str) -> dict[str, Any] | None:
    """The papers of a step; None while intake does not know the step."""
    answer = requests.get(f"{platform.address}{path}", headers={"Authorization": f"Bearer {token}"}, timeout=20)
    assert answer.status_code in (200, 404, 503), answer.text
    found: dict[str, Any] | None = answer.json() if answer.ok else None
    return found


def test_a_token_for_a_key_reads_the_papers_of_the_agencys_step(platform: InProcessPlatform) -> None:
    store, people = platform.context("routing").store, platform.people()
    old = make_agency_key(store, LAND_REGISTRY, BY)
    code = people.file(DESK, LAND_TRANSFER)["code"]
    people.complete(step_at(people, code, "transfer"), "completed")
    task = step_at(people, code, "assessment")
    papers = f"/intake/api/agency/steps/{task['id']}/papers"

    token = ask(platform, LAND_REGISTRY, old.secret).json()["access_token"]
    found = wait_for(lambda: read(platform, token, papers), TIMEOUT, "the step in intake")
    assert (found["dossier"], len(found["papers"])) == (code, len(LAND_TRANSFER["papers"]))

    new = make_agency_key(store, LAND_REGISTRY, BY)
    revoke_agency_key(store, LAND_REGISTRY, old.id, BY)
    assert ask(platform, LAND_REGISTRY, old.secret).json()["error"] == "invalid_client"
    renewed = ask(platform, LAND_REGISTRY, new.secret).json()["access_token"]
    for given in (renewed, token):  # what the old key gave before stays good until its end
        assert Client(platform.address, given).get(papers)["dossier"] == code

    assert ask(platform, TAX_OFFICE, new.secret).json()["error"] == "invalid_client"
    other = make_agency_key(store, TAX_OFFICE, BY)
    of_other = ask(platform, TAX_OFFICE, other.secret).json()["access_token"]
    refused(403, Client(platform.address, of_other).get, papers)
    refused(403, Client(platform.address, renewed).get, "/routing/api/queues")
