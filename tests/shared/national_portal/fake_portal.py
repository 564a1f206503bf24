"""A fake national portal with requested faults, and a fake intake, as a real HTTP server."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from threading import Lock, Thread
from typing import Any, Self
from urllib.parse import quote_plus

from shared.national_portal.delivery import KEY_HEADER, Endpoints
from shared.national_portal.history import PROGRESS, SYNC
from tests.shared.national_portal.sample_history import dossier

KEY, SECRET = "khóa-của-tỉnh".encode().hex(), "the observer's secret"
ALREADY, MISSING, WRONG = "HS_DA_TON_TAI", "HS_KHONG_TON_TAI", "DU_LIEU_SAI"


@dataclass(frozen=True)
class Attempt:
    """One received message.

    Attributes:
        service, updating, record: of the envelope.   key: of the header.   fault: what the portal did instead of answering well.
    """

    service: str
    updating: bool
    record: dict[str, Any]
    key: str | None
    fault: str

    @property
    def dossier(self) -> str:
        return str(self.record["MaHoSo"])

    @property
    def shown(self) -> tuple[str, str]:
        """What distinguishes it from the other messages of its dossier."""
        if self.service == SYNC:
            return SYNC, json.dumps(self.record, sort_keys=True)
        return PROGRESS, self.record["ThoiDiemXuLy"] + self.record["NoiDungXuLy"]


class FakePortal:
    """A context manager. Faults are requested for a dossier or for all; each is used once.

    Faults: ``500``, ``408``, ``429``, ``400``, ``302`` (HTTP statuses), ``silent`` (no answer in time), ``drip`` (an answer that
    never ends), ``garbage``, ``drop`` (has stored it, then closes the connection), ``late`` (has stored it, then is silent), and any
    error code.

    Attributes:
        faults: dossier → what to do next.
        attempts: everything that arrived, in order.
        read: dossiers that were asked for at intake, in order.
        intake: what intake says of a dossier; a status instead if it refuses.
        silence: seconds that count as no answer.
        pause: seconds before each answer.
        token_number: of the token that intake accepts and the token route gives; another one makes those before it invalid.
    """

    def __init__(self) -> None:
        self.faults: dict[str, deque[str]] = defaultdict(deque)
        self.attempts: list[Attempt] = []
        self.read: list[str] = []
        self.intake: Callable[[str], dict[str, Any] | int] = dossier
        self.silence, self.pause, self.token_number = 1.0, 0.0, 1
        self._stored: dict[str, list[Attempt]] = defaultdict(list)
        self._lock = Lock()

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(f"{self.address}/portal", KEY, self.address)

    @property
    def token(self) -> str:
        """The one that intake accepts."""
        return f"token {self.token_number}"

    def states(self, code: str) -> list[int]:
        """The states that a dossier has had at the portal, in order."""
        states = [int(one.record["TrangThaiHoSo"]) for one in self._stored[code] if one.service == SYNC]
        return [state for state, _ in groupby(states)]

    def progress(self, code: str) -> list[str]:
        """A dossier's progress at the portal; the same entry twice is one."""
        contents = [one.shown for one in self._stored[code] if one.service == PROGRESS]
        return list(dict.fromkeys(content for _, content in contents))

    def stored(self, code: str) -> list[Attempt]:
        """All messages that the portal accepted, including repeated ones."""
        return list(self._stored[code])

    def take(self, attempt: Attempt) -> str:
        """Stores a message as the portal does; returns its error code."""
        with self._lock:
            known = any(one.service == SYNC for one in self._stored[attempt.dossier])
            if attempt.service == SYNC and known is not attempt.updating:
                return ALREADY if known else MISSING
            if attempt.service == PROGRESS and not known:
                return MISSING
            self._stored[attempt.dossier].append(attempt)
            return "0"

    def next_fault(self, code: str) -> str:
        with self._lock:
            waiting = self.faults[code]
            return waiting.popleft() if waiting else ""


def _handler(portal: FakePortal) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code = self.path.rpartition("/")[2]
            portal.read.append(code)
            found = portal.intake(code)
            if self.headers["Authorization"] != f"Bearer {portal.token}":
                found = 401
            self._answer(found, {}) if isinstance(found, int) else self._answer(200, found)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/routing/oauth/token":
                self._give_token(body)
                return
            envelope = json.loads(body)
            [record] = envelope["data"]
            fault = portal.next_fault(record["MaHoSo"])
            attempt = Attempt(envelope["service"], envelope["isUpdating"], record, self.headers.get(KEY_HEADER), fault)
            portal.attempts.append(attempt)
            time.sleep(portal.pause)
            if fault.isdigit():
                self._answer(int(fault), {"error_code": fault, "message": f"status {fault}"})
            elif fault in ("silent", "late"):
                if fault == "late":
                    portal.take(attempt)
                time.sleep(portal.silence)
            elif fault == "drop":
                portal.take(attempt)
            elif fault == "drip":
                self._drip()
            elif fault == "garbage":
                self._send(200, b"<html>502 from a proxy that says 200</html>")
            elif fault:
                self._answer(200, {"error_code": fault, "message": f"không nhận {record.get('MaDoiTuong', '')}"})
            else:
                self._answer(200, {"error_code": portal.take(attempt), "message": ""})

        def _give_token(self, body: bytes) -> None:
            pair = f"agency.G22.01:{quote_plus(SECRET)}".encode()
            known = self.headers["Authorization"] == f"Basic {b64encode(pair).decode()}"
            if known and body == b"grant_type=client_credentials":
                self._answer(200, {"access_token": portal.token, "token_type": "Bearer", "expires_in": 3600})
            else:
                self._answer(401, {"error": "invalid_client"})

        def _drip(self) -> None:
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            ends = time.monotonic() + 2 * portal.silence
            while time.monotonic() < ends:
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(portal.silence / 20)

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            self._send(status, json.dumps(body, ensure_ascii=False).encode())

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:
                self.close_connection = True  # the caller did not read the whole answer

        def log_message(self, format: str, *args: object) -> None:
            """Logs nothing."""

    return Handler
