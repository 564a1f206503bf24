"""A small HTTP server that gives tokens and papers as the platform does, and fails as the test wants."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, unquote, unquote_plus

SECRET = "bí mật/+ of the agency"
APPLICANT = {"name": "Nguyễn Thị Bưởi", "id_number": "095185001234", "id_kind": "citizen_id", "phone": "0912345678"}
DETAILS: dict[str, Any] = {
    "dossier": "H12.20-251120-0118",
    "procedure": "1.012756",
    "case": "default",
    "received_at": "2025-11-20T09:00:00+07:00",
    "papers": [
        {"code": "c", "name": "Hợp đồng", "kind": "original", "copies": 2, "form": "original", "kept": True, "new": 1},
        {"code": "a", "name": "Đơn", "kind": "form", "copies": 1, "given_back_at": "2025-11-20T10:00:00+07:00"},
    ],
    "applicant": APPLICANT,
    "representative": {"name": "Trần Văn An", "relation": "authorised", "authority": "Giấy ủy quyền số 12"},
    "co_applicants": [{"name": "Lê Văn Cam", "sex": "male"}],
    "since_v2": "unknown",
}


@dataclass(frozen=True)
class Reply:
    """An HTTP response; a status of 0 closes the connection without one."""

    status: int
    content: Any = None
    headers: dict[str, str] = field(default_factory=dict)


NOT_YET_KNOWN = Reply(
    503,
    {"type": "urn:motcua:problem:step-not-yet-known", "code": "step_not_yet_known", "title": "…"},
    {"Retry-After": "2"},
)


class FakePlatform:
    """A context manager.

    Attributes:
        url: for ``MOTCUA_URL``.
        papers: the next replies to a valid token; the last one is repeated.
        token_replies: replies to requests for tokens, instead of a token, as long as there are some.
        expires_in: seconds for which a token is said to live.
        key_expires_at: what is said of the agency's key.
        valid: the tokens that are accepted.
        requests: path, or ``token``, of every request.
    """

    def __init__(self, *papers: Reply) -> None:
        self.papers = list(papers) or [Reply(200, DETAILS)]
        self.token_replies: list[Reply] = []
        self.expires_in = 3600
        self.key_expires_at = datetime.now(UTC) + timedelta(days=300)
        self.valid: set[str] = set()
        self.requests: list[str] = []
        self._numbers = count(1)

    @property
    def asked_for_papers(self) -> int:
        """How many requests for papers there were."""
        return sum(request != "token" for request in self.requests)

    def __enter__(self) -> Self:
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                platform.requests.append(unquote(self.path))
                self._answer(platform._give_papers(self.headers.get("Authorization", "")))

            def do_POST(self) -> None:
                platform.requests.append("token")
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                known = self.path == "/routing/oauth/token" and form == {"grant_type": ["client_credentials"]}
                self._answer(platform._give_token(self.headers.get("Authorization", "")) if known else Reply(404))

            def _answer(self, reply: Reply) -> None:
                if reply.status == 0:
                    return
                body = reply.content if isinstance(reply.content, bytes) else json.dumps(reply.content).encode()
                self.send_response(reply.status)
                for name, value in {**reply.headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def settings(self, **more: str) -> dict[str, str]:
        """The environment of an agency's service that uses this platform, without its broker."""
        return {"MOTCUA_URL": self.url, "MOTCUA_TOKEN": "", "MOTCUA_CLIENT_SECRET": SECRET, **more}

    def _give_papers(self, authorization: str) -> Reply:
        if authorization.removeprefix("Bearer ") not in self.valid:
            return Reply(401, {"title": "Unauthorized"})
        return self.papers.pop(0) if len(self.papers) > 1 else self.papers[0]

    def _give_token(self, authorization: str) -> Reply:
        if self.token_replies:
            return self.token_replies.pop(0)
        client, _, secret = b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        if not client.startswith("agency.") or unquote_plus(secret) != SECRET:
            return Reply(401, {"error": "invalid_client"}, {"WWW-Authenticate": "Basic"})
        token = f"token-{next(self._numbers)}"
        self.valid.add(token)
        content = {"access_token": token, "token_type": "Bearer", "expires_in": self.expires_in}
        return Reply(200, content | {"key_expires_at": self.key_expires_at.isoformat()}, {"Cache-Control": "no-store"})
