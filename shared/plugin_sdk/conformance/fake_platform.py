"""A fake of the platform's HTTP routes for agencies: the papers of a step and the token, for a developer's machine."""

from __future__ import annotations

import base64
import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, unquote, unquote_plus

from shared.plugin_sdk.conformance.fixtures import FakeEvent

PAPERS = (
    {"code": "application", "name": "Đơn đăng ký biến động (Mẫu số 18)", "kind": "form", "copies": 1},
    {"code": "contract", "name": "Hợp đồng chuyển nhượng đã công chứng", "kind": "original", "copies": 1},
    {"code": "certificate", "name": "Giấy chứng nhận quyền sử dụng đất đã cấp", "kind": "original", "copies": 1},
)
APPLICANT = {
    "name": "Trần Thị Hồ Sơ Giả",
    "id_number": "096000000000",
    "id_kind": "",
    "phone": "0900000000",
    "email": "",
    "address": "ấp Rạch Gốc, xã Phước Long, tỉnh Cà Mau",
    "birth_date": "1990-01-02",
    "sex": "female",
    "old_id_number": "",
}
TOKEN_SECONDS = 3600
MAX_FORM_BYTES = 64_000
_PAPERS_PATH = re.compile(r"/intake/api/agency/steps/([^/]+)/papers")
_TOKEN_PATH = "/routing/oauth/token"


class FakePlatform:
    """A context manager: serves the same papers for every step that was added.

    Args:
        client: the client id that may get a token.

    Attributes:
        secret: the client's secret, for ``MOTCUA_CLIENT_SECRET``.
        token: the bearer token that the client gets for its secret.
        url: its address, for ``MOTCUA_URL``.
        refusal: the status that it answers every request for papers with at present: 503 "not known yet", 401 "token expired";
            0 for the papers.
        asked: the tasks whose papers were asked for.
    """

    def __init__(self, client: str) -> None:
        self.client = client
        self.secret, self.token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self.url = ""
        self.refusal = 0
        self.asked: set[str] = set()
        self._lock = Lock()
        self._steps: dict[str, Mapping[str, Any]] = {}
        self._over: set[str] = set()

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        serve = {"poll_interval": 0.1}
        Thread(target=self._server.serve_forever, kwargs=serve, name="fake-platform", daemon=True).start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def add(self, event: FakeEvent) -> None:
        """Makes the step of an event known; a cancelled one is over."""
        task = str(event.data.get("task", ""))
        with self._lock:
            if "cancelled_at" in event.data:
                self._over.add(task)
            elif "outcomes" in event.data:
                self._steps[task] = event.data

    def papers(self, task: str) -> tuple[int, dict[str, Any]]:
        """The status and the content of the answer to a request for a step's papers."""
        with self._lock:
            self.asked.add(task)
            step = self._steps.get(task)
            if self.refusal == 401:
                return 401, _problem(401, "unauthorized", "The token has expired.")
            if self.refusal == 503:
                return 503, _problem(503, "step-not-yet-known", "The step is not known here yet; ask again.")
            if step is None:
                return 404, _problem(404, "unknown-step", "There is no such step.")
            if task in self._over:
                return 410, _problem(410, "step-over", "The step is over.")
        return 200, {
            "dossier": step["dossier"],
            "procedure": step["procedure"],
            "case": step["case"],
            "received_at": step["assigned_at"],
            "papers": PAPERS,
            "applicant": APPLICANT,
            "representative": None,
            "co_applicants": [],
        }

    def token_answer(self, authorization: str, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """The status and the content of the answer to a request for a token (RFC 6749, section 4.4)."""
        if form.get("grant_type") is None:
            return 400, {"error": "invalid_request"}
        if form["grant_type"] != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        client = _basic(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
        if client != (self.client, self.secret):
            return 401, {"error": "invalid_client"}
        expires = (datetime.now(UTC) + timedelta(days=365)).isoformat(timespec="seconds")
        return 200, {
            "access_token": self.token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "key_expires_at": expires,
        }


class _Handler(BaseHTTPRequestHandler):
    timeout = 10
    fake: FakePlatform

    def do_GET(self) -> None:
        found = _PAPERS_PATH.fullmatch(self.path)
        if found is None:
            self._answer(404, _problem(404, "not-found", "There is no such page."))
        elif self.headers.get("Authorization") != f"Bearer {self.fake.token}":
            self._answer(401, _problem(401, "unauthorized", "The token is missing or not valid."))
        else:
            self._answer(*self.fake.papers(unquote(found[1])))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if self.path != _TOKEN_PATH or length > MAX_FORM_BYTES:
            self._answer(404, _problem(404, "not-found", "There is no such page."))
            return
        form = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode(errors="replace")).items()}
        self._answer(*self.fake.token_answer(self.headers.get("Authorization", ""), form))

    def _answer(self, status: int, content: object) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        problem = status != 200 and self.path != _TOKEN_PATH
        self.send_response(status)
        self.send_header("Content-Type", "application/problem+json" if problem else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if status == 503:
            self.send_header("Retry-After", "2")
        if status == 401:
            self.send_header("WWW-Authenticate", "Bearer" if problem else "Basic")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Logs nothing: the developer wants to see the output of their own program."""


def _basic(authorization: str) -> tuple[str, str] | None:
    kind, _, value = authorization.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return ("", "")
    return unquote_plus(name), unquote_plus(secret)


def _problem(status: int, code: str, title: str) -> dict[str, Any]:
    return {
        "type": f"urn:motcua:problem:{code}",
        "title": title,
        "title_en": title,
        "status": status,
        "code": code.replace("-", "_"),
    }
