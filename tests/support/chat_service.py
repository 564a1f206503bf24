"""A chat service with official accounts as a process: ``python -m tests.support.chat_service PORT FOLDER``.

It answers as the user's id says (up to a ``-``), renews access tokens by refresh tokens that are good for one renewal, and keeps each
message that it takes as one line of ``messages.jsonl``. A ``tracking_id`` that it knows is not taken again. ``POST /control`` changes what
it does; ``GET /state`` says what has happened.
"""

from __future__ import annotations

import itertools
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

APP, SECRET, FIRST_TOKEN = "4711", "a secret of the application, long enough", "refresh-0"
ERRORS = {
    "unknown": (200, {"error": -118, "message": "user not found"}),
    "stranger": (200, {"error": -213, "message": "user has not followed"}),
    "blocked": (200, {"error": -141, "message": "user has blocked"}),
    "quota": (200, {"error": -144, "message": "quota exceeded"}),
    "odd": (200, {"error": -9999, "message": "something else"}),
    "broken": (500, {"error": 1, "message": "internal error"}),
    "gateway": (502, {}),
    "bad": (400, {}),
}
_LOCK = threading.Lock()
_NUMBERS = itertools.count(1)
STATE: dict[str, Any] = {
    "access": "",
    "refresh": FIRST_TOKEN,
    "renewals": 0,
    "refused": 0,
    "asked": 0,
    "repeated": 0,
    "stopped": False,
}
CONTROL: dict[str, Any] = {"expires_in": 3600, "renewal_seconds": 0.0, "renewal_status": 200, "dedupe": True}
TAKEN: dict[str, str] = {}


class Handler(BaseHTTPRequestHandler):
    """Answers one request after the other of a connection."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """The state."""
        self.send({key: STATE[key] for key in ("renewals", "refused", "asked", "repeated")})

    def do_POST(self) -> None:
        """A message, a renewal, or a change of what it does."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/control":
            asked = json.loads(body)
            if asked.pop("expire", False):
                STATE["access"] = ""
            CONTROL.update(asked)
            self.send({})
        elif self.path == "/oauth/access_token":
            self.renew({name: values[0] for name, values in parse_qs(body.decode()).items()})
        else:
            self.take(json.loads(body))

    def renew(self, form: dict[str, str]) -> None:
        """The next pair of tokens, for the newest refresh token only."""
        time.sleep(CONTROL["renewal_seconds"])
        answer: dict[str, Any]
        with _LOCK:
            known = form["refresh_token"] == STATE["refresh"]
            if CONTROL["renewal_status"] != 200:
                answer, status = {"error": 1}, CONTROL["renewal_status"]
            elif not known or form["app_id"] != APP or self.headers["secret_key"] != SECRET:
                STATE["refused"] += 1
                answer, status = {"error": -14014, "error_name": "Invalid refresh token."}, 200
            else:
                STATE["renewals"] += 1
                STATE["refresh"] = f"refresh-{STATE['renewals']}"
                STATE["access"] = f"access-{STATE['renewals']}"
                status = 200
                answer = {"access_token": STATE["access"], "refresh_token": STATE["refresh"]}
                answer["expires_in"] = str(CONTROL["expires_in"])  # a number as a text: services do that
        self.send(answer, status)

    def take(self, message: dict[str, Any]) -> None:
        """One message, or an error."""
        STATE["asked"] += 1
        kind = message["user_id"].partition("-")[0]
        if not STATE["access"] or self.headers["access_token"] != STATE["access"]:
            self.send({"error": -124, "message": "access token invalid"}, 401 if kind == "strict" else 200)
        elif kind in ERRORS:
            self.send(ERRORS[kind][1], ERRORS[kind][0])
        elif kind == "busy":
            self.send({}, 429, {"Retry-After": "7"})
        elif kind == "garbage":
            self.raw(b"<html>Welcome", 200, {})
        elif kind == "hang":
            time.sleep(600)
        elif kind == "drip":
            self.drip()
        elif kind == "cut":
            self.close_connection = True  # no answer, and nothing taken
        else:
            reference = self.keep(message)
            if kind == "stop" and not STATE["stopped"]:  # taken, and nobody hears of it, the first time only
                STATE["stopped"] = True
                time.sleep(600)
            if kind == "drop":
                self.close_connection = True
                return
            self.send({"error": 0, "message": "Success", "data": {"msg_id": reference}})

    def keep(self, message: dict[str, Any]) -> str:
        """Writes a message down, once."""
        with _LOCK:
            known = TAKEN.get(message["tracking_id"])
            if known is not None and CONTROL["dedupe"]:
                STATE["repeated"] += 1
                return known
            reference = f"msg-{next(_NUMBERS)}"
            TAKEN[message["tracking_id"]] = reference
            with (Path(sys.argv[2]) / "messages.jsonl").open("a") as file:
                file.write(json.dumps(message | {"msg_id": reference}) + "\n")
        return reference

    def drip(self) -> None:
        """Sends byte after byte, for a minute."""
        self.send_response(200)
        self.send_header("Content-Length", "600")
        self.end_headers()
        for _ in range(600):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.1)

    def send(self, value: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        """Answers with JSON."""
        self.raw(json.dumps(value).encode(), status, headers or {})

    def raw(self, content: bytes, status: int, headers: dict[str, str]) -> None:
        """Answers with anything."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    server.daemon_threads = True
    server.serve_forever()
