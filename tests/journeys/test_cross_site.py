"""No form of any service takes effect when a page of another site sends it, with or without a session."""

from __future__ import annotations

from typing import Any

import pytest

from services.registry import SERVICE_NAMES
from shared.web.authorization import OPERATION, routes_with_roles
from tests.journeys.in_process_platform import InProcessPlatform
from tests.support.routes import filled

FOREIGN = (
    {"Origin": "https://evil.vn"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
)


@pytest.mark.parametrize("service", SERVICE_NAMES)
def test_no_form_is_accepted_from_another_site(still_platform: InProcessPlatform, service: str) -> None:
    app = still_platform.apps[service]
    forms = [
        route.path
        for route in routes_with_roles(app)
        if route.method not in ("GET", "HEAD") and not hasattr(app.view_functions[route.endpoint], OPERATION)
    ]
    assert {f"/{service}/sign-in", f"/{service}/sign-out"} <= set(forms)
    for path in forms:
        for headers in FOREIGN:
            answer: Any = app.test_client().post(filled(path), data={"a": "b"}, headers=headers)
            assert (answer.status_code, answer.json["type"]) == (400, "urn:motcua:problem:cross-site"), path
            assert "Set-Cookie" not in answer.headers
