"""Under overload each request is of the right kind, found in its first bytes: that of its route, and of a filing its field."""

from __future__ import annotations

import json

import pytest

from services.registry import SERVICE_NAMES
from shared.web.admission.request_kinds import UNKNOWN, RequestKinds
from shared.web.authorization import routes_with_roles
from tests.journeys.in_process_platform import InProcessPlatform
from tests.support.routes import filled

LAND, JUSTICE = "1.013831", "2.000815"


@pytest.fixture
def kinds(still_platform: InProcessPlatform) -> RequestKinds:
    assert still_platform.apps["intake"].test_client().get("/intake/api/procedures").status_code == 200
    return RequestKinds([*still_platform.apps.values(), still_platform.home])


def filing(procedure: object) -> bytes:
    body = json.dumps({"applicant": {"name": "Bưởi"}, "procedure": procedure, "papers": []})
    return b"POST /intake/api/dossiers HTTP/1.1\r\nHost: x\r\n\r\n" + body.encode()


def test_every_route_has_a_kind_that_fits_its_roles(still_platform: InProcessPlatform, kinds: RequestKinds) -> None:
    wrong = []
    for name in SERVICE_NAMES:
        for route in routes_with_roles(still_platform.apps[name]):
            kind, _ = kinds.key_of(f"{route.method} {filled(route.path, 'x1')}?q=1 HTTP/1.1\r\n\r\n".encode())
            if route.endpoint in ("health_live", "health_ready", "metrics"):
                fits = kind == "probe"
            elif route.access.public:
                fits = kind in (("public", "vital") if route.method == "GET" else ("citizen", "vital"))
            elif "citizen" in route.access.roles:
                fits = kind == "citizen"
            else:
                fits = kind in ("staff", "filing", "vital")
            if not fits:
                wrong.append(f"{route.method} {route.path}: {kind}")
    assert wrong == []


@pytest.mark.parametrize(
    ("request_bytes", "key"),
    [
        (filing(LAND), ("filing", "land")),
        (filing(JUSTICE), ("filing", "justice")),
        (filing("9.999999"), ("filing", "")),
        (filing(None), ("filing", "")),
        (b'POST /intake/api/dossiers HTTP/1.1\r\nX: "procedure":"1.013831"\r\n\r\n{}', ("filing", "")),
        (f"POST /intake/desk/{LAND}?case=1 HTTP/1.1\r\n\r\n".encode(), ("filing", "land")),
        (b"POST /intake/desk/declined HTTP/1.1\r\n\r\n", ("staff", "")),
        (b"POST /intake/api/payment-notices/sample HTTP/1.1\r\n\r\n", ("vital", "")),
        (b"POST /routing/sign-in HTTP/1.1\r\n\r\n", ("vital", "")),
        (b"GET /intake/static/motcua.css HTTP/1.1\r\n\r\n", ("public", "")),
        (b"GET / HTTP/1.1\r\n\r\n", ("public", "")),
        (b"GET /nothing/of/the/kind HTTP/1.1\r\n\r\n", UNKNOWN),
        (b"GET /" + b"intake/" * 500 + b" HTTP/1.1\r\n\r\n", UNKNOWN),
        (b"GET /intake/static/" + b"a/" * 500 + b" HTTP/1.1\r\n\r\n", UNKNOWN),
        (b"", UNKNOWN),
        (b"\x00\xff\r\n\r\n", UNKNOWN),
    ],
)
def test_the_kind_is_found_without_parsing(kinds: RequestKinds, request_bytes: bytes, key: tuple[str, str]) -> None:
    assert kinds.key_of(request_bytes) == key
