"""The fake of the platform's HTTP routes answers as the platform does, with the same fields."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from services.intake.filing.schemas import ApplicantSchema
from services.intake.plugin_access.schemas import StepPapersSchema
from shared.contracts.agency_asyncapi import PAPERS_ANSWERS, PAPERS_ROUTE, TOKEN_ROUTE
from shared.plugin_sdk.conformance.fake_platform import FakePlatform
from shared.plugin_sdk.conformance.fixtures import FakeEvent, assigned_step, make_event

CODE = "H12.14.01"
CLIENT = f"agency.{CODE}"


@pytest.fixture
def platform() -> Iterator[FakePlatform]:
    """A fake platform with no step."""
    with FakePlatform(CLIENT) as fake:
        yield fake


@pytest.fixture
def step(platform: FakePlatform) -> FakeEvent:
    """A step that the platform knows."""
    event = assigned_step(CODE)
    platform.add(event)
    return event


def ask(platform: FakePlatform, path: str, authorization: str, form: bytes | None = None) -> tuple[int, dict[str, Any]]:
    """The status and the content of an answer."""
    request = Request(platform.url + path, form, {"Authorization": authorization})
    try:
        with urlopen(request, timeout=10) as response:
            return response.status, json.load(response)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


def papers(platform: FakePlatform, event: FakeEvent) -> tuple[int, dict[str, Any]]:
    """The answer to a request for the papers of a step."""
    path = PAPERS_ROUTE.replace("{task}", str(event.data["task"]))
    return ask(platform, path, f"Bearer {platform.token}")


def basic(secret: str) -> str:
    """The header with which the client asks for a token."""
    return f"Basic {base64.b64encode(f'{CLIENT}:{secret}'.encode()).decode()}"


def test_papers_have_the_fields_of_the_real_route(platform: FakePlatform, step: FakeEvent) -> None:
    status, content = papers(platform, step)
    assert (status, content["dossier"]) == (200, step.dossier)
    assert content.keys() == StepPapersSchema().fields.keys()
    assert content["applicant"].keys() == ApplicantSchema().fields.keys()


def test_other_answers_are_those_of_the_contract(platform: FakePlatform, step: FakeEvent) -> None:
    platform.refusal = 503
    assert (papers(platform, step)[0], papers(platform, step)[1]["code"]) == (503, "step_not_yet_known")
    platform.refusal = 401
    assert papers(platform, step)[0] == 401
    platform.refusal = 0
    assert papers(platform, assigned_step(CODE))[0] == 404
    cancelled = {"dossier": step.dossier, "task": step.data["task"], "agency": CODE, "cancelled_at": "x"}
    platform.add(make_event("agency.step.cancelled", cancelled))
    assert papers(platform, step)[0] == 410
    assert {"401", "404", "410", "503"} <= PAPERS_ANSWERS.keys()


def test_token_is_given_for_the_secret_only(platform: FakePlatform) -> None:
    form = b"grant_type=client_credentials"
    status, content = ask(platform, TOKEN_ROUTE, basic(platform.secret), form)
    assert (status, content["access_token"], content["token_type"]) == (200, platform.token, "Bearer")
    in_form = f"grant_type=client_credentials&client_id={CLIENT}&client_secret={platform.secret}".encode()
    assert ask(platform, TOKEN_ROUTE, "", in_form)[0] == 200
    assert ask(platform, TOKEN_ROUTE, basic("guessed"), form) == (401, {"error": "invalid_client"})
    assert ask(platform, TOKEN_ROUTE, basic(platform.secret), b"grant_type=password") == (
        400,
        {"error": "unsupported_grant_type"},
    )
    assert ask(platform, TOKEN_ROUTE, basic(platform.secret), b"x=1") == (400, {"error": "invalid_request"})
