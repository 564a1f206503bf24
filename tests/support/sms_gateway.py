"""A gateway that takes SMS by HTTP, as a process: ``python -m tests.support.sms_gateway PORT LOG``.

``POST /messages`` takes a message, once for each ``Idempotency-Key``; what it takes is written to LOG before it answers. ``GET /seen``
tells how many requests came and over how many connections. ``POST /behaviour`` tells it how to behave: ``status``, ``retry_after``,
``delay`` (seconds), ``silent`` (never answers), ``drop`` (closes so often without an answer), ``trickle`` (answers byte by byte).
"""

from __future__ import annotations

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

BEHAVIOUR: dict[str, Any] = {
    "status": 200,
    "retry_after": "",
    "delay": 0.0,
    "silent": False,
    "drop": 0,
    "trickle": False,
}
SEEN = {"requests": 0, "connections": 0, "most_at_once": 0, "refused_keys": 0}
TAKEN: dict[str, str] = {}
LOCK = threading.Lock()
KEY = "key-of-the-gateway"


class Handler(BaseHTTPRequestHandler):
    """Serves one connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    log_file: Any
    running = 0

    def setup(self) -> None:
        super().setup()
        SEEN["connections"] += 1

    def log_message(self, *_: object) -> None:
        """Nothing: the log is for messages."""

    def reply(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        """Answers with JSON."""
        content = json.dumps(value).encode()
        self.send_response(status)
        for name, text in (headers or {}).items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if BEHAVIOUR["trickle"]:
            for byte in content:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.2)
        else:
            self.wfile.write(content)

    def do_GET(self) -> None:
        """What it has seen."""
        self.reply(200, SEEN)

    def do_POST(self) -> None:
        """A message, or how to behave."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/behaviour":
            BEHAVIOUR.update(body)
            self.reply(200, {})
            return
        with LOCK:
            SEEN["requests"] += 1
            Handler.running += 1
            SEEN["most_at_once"] = max(SEEN["most_at_once"], Handler.running)
        try:
            self.take(body)
        finally:
            with LOCK:
                Handler.running -= 1

    def take(self, body: dict[str, Any]) -> None:
        """Takes a message."""
        if self.headers["Authorization"] != f"Bearer {KEY}":
            self.reply(401, {})
            return
        if BEHAVIOUR["status"] != 200:
            after = {"Retry-After": BEHAVIOUR["retry_after"]} if BEHAVIOUR["retry_after"] else {}
            self.reply(BEHAVIOUR["status"], {}, after)
            return
        with LOCK:
            key = self.headers["Idempotency-Key"]
            if key not in TAKEN:
                TAKEN[key] = f"g{len(TAKEN) + 1}"
                self.log_file.write(json.dumps(body).encode() + b"\n")
            reference = TAKEN[key]
            dropped = BEHAVIOUR["drop"] > 0
            BEHAVIOUR["drop"] -= dropped
        if dropped:
            self.close_connection = True
            return
        if BEHAVIOUR["silent"]:
            time.sleep(60)
        time.sleep(BEHAVIOUR["delay"])
        self.reply(200, {"id": reference})


class Server(ThreadingHTTPServer):
    """Serves each connection in a thread."""

    daemon_threads = True
    request_queue_size = 128


if __name__ == "__main__":
    with Path(sys.argv[2]).open("ab", buffering=0) as Handler.log_file:
        Server(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
