"""Every route of every app declares its roles and admits exactly these."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.registry import SERVICE_NAMES
from shared.auth import ROLES, issue_token
from shared.client.people import own_tokens
from shared.runtime.settings import AuthSettings
from shared.web.authorization import RouteAccess, routes_with_roles, unmarked_routes
from tests.journeys.actors import DESK
from tests.journeys.in_process_platform import InProcessPlatform
from tests.support.routes import filled

FORBIDDEN = "urn:motcua:problem:forbidden"
WHERE = ("home", *SERVICE_NAMES)


def app_of(platform: InProcessPlatform, name: str) -> Flask:
    return platform.home if name == "home" else platform.apps[name]


def path_of(route: RouteAccess) -> str:
    """The route's path with an unknown name for each of its parameters."""
    return filled(route.path, "nothing")


def ask(client: FlaskClient, route: RouteAccess, token: str = "") -> tuple[int, str]:
    """Status and problem type of the answer to an empty request."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body: Any = {} if route.method in ("POST", "PUT", "PATCH") else None
    answer = client.open(path_of(route), method=route.method, json=body, headers=headers)
    problem = answer.get_json(silent=True) if answer.status_code >= 400 else None
    return answer.status_code, (problem or {}).get("type", "")


@pytest.mark.parametrize("name", WHERE)
def test_no_route_is_unmarked(still_platform: InProcessPlatform, name: str) -> None:
    app = app_of(still_platform, name)
    assert unmarked_routes(app) == []
    assert routes_with_roles(app)


@pytest.mark.parametrize("name", WHERE)
def test_every_route_admits_exactly_its_roles(still_platform: InProcessPlatform, name: str) -> None:
    app, issue = app_of(still_platform, name), own_tokens(still_platform.settings)
    client = app.test_client()
    wrong = [
        fault
        for route in routes_with_roles(app)
        for fault in faults(client, route, {role: issue(role, DESK) for role in sorted(ROLES)})
    ]
    assert wrong == []


def faults(client: FlaskClient, route: RouteAccess, tokens: dict[str, str]) -> Iterator[str]:
    """The roles for which a route does not answer as declared."""
    status, _ = ask(client, route)
    if (status == 401) is route.access.public:
        yield f"{route.method} {route.path} without a token: {status}"
    for role, token in tokens.items():
        status, problem = ask(client, route, token)
        allowed = route.access.public or role in route.access.roles
        shut = status == 401 or (status == 403 and problem == FORBIDDEN)
        if shut is allowed or status >= 500:
            yield f"{route.method} {route.path} as {role}: {status} {problem}"
    forged = tokens["leader"][:-4] + ("AAAA" if not tokens["leader"].endswith("AAAA") else "BBBB")
    status, _ = ask(client, route, forged)
    if not route.access.public and status != 401:
        yield f"{route.method} {route.path} with a forged token: {status}"


def test_an_expired_or_foreign_token_opens_nothing(still_platform: InProcessPlatform) -> None:
    expired = issue_token(still_platform.settings.auth, "x", "clerk", DESK, timedelta(hours=-1))
    foreign = issue_token(AuthSettings(hs256_key="another key of another platform, long too"), "x", "clerk", DESK)
    client = still_platform.apps["intake"].test_client()
    for token in (expired, foreign, "nonsense"):
        answer = client.get("/intake/api/dossiers", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401
        assert "error" in answer.headers["WWW-Authenticate"]
