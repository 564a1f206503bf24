"""Web processes keep nothing between two requests: each request of a visitor goes to the other of two replicas, and nobody notices."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
import requests

from services.intake.lookup.throttle import MAX_FAILURES
from shared.client.people import own_tokens
from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.faults.load_and_kill import COPY, DESK
from tests.intake.online_fixture import pdf
from tests.support.backends import Backends, fresh_backends
from tests.support.platform import Running
from tests.support.prepared import PreparedDatabases
from tests.support.processes import Proc, wait_port

LAND = "1.013831"


class TwoReplicas:
    """A browser behind a load balancer that never sends two requests in a row to the same of two web processes.

    Args:
        ports: of the processes.
    """

    def __init__(self, ports: tuple[int, int]) -> None:
        self._session = requests.Session()
        self._ports = itertools.cycle(ports)
        self._host = f"localhost:{ports[0]}"

    def send(self, method: str, place: str, **arguments: Any) -> requests.Response:
        """Sends one request, with the public address that the balancer keeps; follows no redirect."""
        parts = urlsplit(place)
        address = f"http://localhost:{next(self._ports)}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        own = {"Host": self._host, "Origin": f"http://{self._host}", "Accept": "text/html"}
        headers = own | arguments.pop("headers", {})
        return self._session.request(method, address, headers=headers, allow_redirects=False, timeout=60, **arguments)

    def form(self, place: str, typed: Mapping[str, str] | None = None, files: Mapping[str, Any] | None = None) -> str:
        """Sends a form and returns where it leads."""
        answer = self.send("POST", place, data=typed or {}, files=files)
        assert answer.status_code == 303, (place, answer.status_code, answer.text)
        return answer.headers["Location"]

    def page(self, place: str) -> str:
        """Opens a page, over redirects."""
        for _ in range(5):
            answer = self.send("GET", place)
            if answer.status_code == 200:
                return answer.text
            place = answer.headers["Location"]
        raise AssertionError(f"{place}: no page after five redirects")

    def sign_in(self) -> None:
        """Signs in with the first of the built-in provider's sample citizens."""
        asked = urlsplit(self.send("GET", "/intake/online/sign-in/start").headers["Location"])
        chosen = re.search(r'name="citizen" value="([^"]+)"', self.page(f"{asked.path}?{asked.query}"))
        assert chosen
        back = self.form(asked.path, {"citizen": chosen[1], **dict(parse_qsl(asked.query))})
        home = self.send("GET", back)
        assert home.headers["Location"].endswith("/intake/mine"), home.headers


@pytest.fixture
def servers(prepared_databases: PreparedDatabases, tmp_path: Path) -> Iterator[Backends]:
    with fresh_backends(tmp_path, prepared_databases) as made:
        yield made


@pytest.fixture
def replicas(servers: Backends, tmp_path: Path) -> Iterator[tuple[TwoReplicas, Running]]:
    with Running(tmp_path, servers, {"web": ("web", "all"), "worker": ("worker", "all")}) as platform:
        port = free_port()
        environ = {**platform.environ, "MOTCUA_PORT": str(port), "MOTCUA_PUBLIC_URL": platform.public_address}
        (tmp_path / "other").mkdir()
        environ["PROMETHEUS_MULTIPROC_DIR"] = str(tmp_path / "other")
        with Proc(["shared.cli", "web", "all"], log=tmp_path / "other.log", env=environ, forked=True) as second:
            wait_port(port, process=second)
            yield TwoReplicas((platform.port, port)), platform


@pytest.mark.timeout(240)
def test_a_visitor_whose_every_request_goes_to_the_other_replica_notices_nothing(
    replicas: tuple[TwoReplicas, Running],
) -> None:
    visitor, platform = replicas
    visitor.sign_in()
    place = visitor.form("/intake/online/drafts", {"procedure": LAND})
    found = re.search(r"/intake/online/drafts/[0-9a-f-]{36}", place)
    assert found, place
    draft = found[0]
    visitor.form(f"{draft}/case", {"case": "transfer"})
    visitor.form(f"{draft}/desk", {"desk": DESK})
    visitor.form(f"{draft}/applicant", {"phone": "0912 345 670", "email": "", "address": "Khóm 3"})
    visitor.form(f"{draft}/others")
    for paper in ("application", "certificate", "contract"):
        visitor.form(f"{draft}/papers/{paper}", files={"file": ("don.pdf", pdf(), "application/pdf")})
        assert "don.pdf" in visitor.page(f"{draft}/papers/{paper}")
    visitor.form(f"{draft}/papers")
    visitor.form(f"{draft}/result", {"delivery": "electronic"})
    visitor.form(f"{draft}/fee")
    submitted = visitor.page(visitor.form(f"{draft}/check", {"confirmed": "yes"}))
    assert "Hồ sơ đã được gửi" in submitted

    token = {"Authorization": f"Bearer {own_tokens(platform.settings)('clerk', DESK)}", "Accept": "application/json"}
    body = COPY | {"channel": "counter", "receiving_agency": DESK}
    once = token | {"Idempotency-Key": "the-same-form-sent-again"}
    first, again = (visitor.send("POST", "/intake/api/dossiers", json=body, headers=once) for _ in range(2))
    assert first.status_code == again.status_code == 201, first.text
    assert first.json() == again.json(), "with the same code and the same secret"
    kept, repeated = (visitor.send("POST", "/intake/api/dossiers", json=body, headers=token) for _ in range(2))
    assert (kept.status_code, repeated.status_code) == (201, 409)
    assert kept.json()["code"] in repeated.text, "the same within a minute"

    guess = urlencode({"code": first.json()["code"], "secret": "00000000"})
    tries = [visitor.send("GET", f"/intake/api/lookup?{guess}", headers=token) for _ in range(MAX_FAILURES + 2)]
    assert [answer.status_code for answer in tries] == [404] * MAX_FAILURES + [429] * 2, "both count for both"

    visitor.form(
        "/intake/sign-in", {"token": token["Authorization"].removeprefix("Bearer "), "next": "/intake/dossiers"}
    )
    pages = [visitor.page(f"/intake/dossiers/{first.json()['code']}") for _ in range(2)]
    assert all(first.json()["code"] in page for page in pages)
    visitor.form("/intake/sign-out")
    for _ in range(2):
        assert visitor.send("GET", f"/intake/dossiers/{first.json()['code']}").status_code in (302, 303, 401)
