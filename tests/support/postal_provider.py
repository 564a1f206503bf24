"""A postal provider as a process of its own: ``python -m tests.support.postal_provider PORT KEY``.

It speaks what `services.notify.post.providers.http_post` speaks. Whoever posts to ``/faults`` makes it fail: ``slow`` (answers too late),
``silent`` (never), ``lose_answer`` (registers and hangs up), ``error`` (500), ``refuse`` (422), ``html`` (an answer that cannot be read).
``/report`` makes it post reports to a call-back, by its own key or a wrong one; ``/seen`` tells what it has got, ``/reset`` forgets it.
"""

from __future__ import annotations

import base64
import json
import sys
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from shared.auth.message_signature import HEADER, BadSignature, check_signature, sign
from shared.runtime.http_call import http_call

KEY = sys.argv[2] if len(sys.argv) > 2 else ""
LABEL = base64.b64encode(b"%PDF-1.7 a label").decode()
_lock = threading.Lock()
_parcels: dict[str, str] = {}
"""Our id → number."""
_cancelled: set[str] = set()
_events: dict[str, list[dict[str, Any]]] = {}
_faults: list[str] = []
_seen: list[dict[str, Any]] = []


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing."""

    def do_POST(self) -> None:
        """Registers a parcel, or does what a test asks for."""
        body = self._body()
        if self.path == "/reset":
            with _lock:
                for known in (_parcels, _cancelled, _events, _faults, _seen):
                    known.clear()
            self._send({})
        elif self.path == "/faults":
            with _lock:
                _faults[:] = json.loads(body)
            self._send({})
        elif self.path == "/tracking":
            with _lock:
                _events.update(json.loads(body))
            self._send({})
        elif self.path == "/report":
            self._report(json.loads(body))
        elif self._genuine(body):
            self._register(json.loads(body))

    def do_DELETE(self) -> None:
        """Cancels a parcel, unless it has reports."""
        if not self._genuine(b"") or self._fails():
            return
        id = self.path.rpartition("/")[2]
        with _lock:
            taken = bool(_events.get(_parcels.get(id, "")))
            if not taken:
                _cancelled.add(id)
            status = 409 if taken else 200 if id in _parcels else 404
        self._send({}, status)

    def do_GET(self) -> None:
        """The reports about a parcel, or what was seen."""
        if self.path == "/seen":
            with _lock:
                self._send({"seen": _seen, "parcels": _parcels, "cancelled": sorted(_cancelled)})
        elif self._genuine(b"") and not self._fails():
            with _lock:
                self._send({"events": _events.get(self.path.split("/")[2], [])})

    def _register(self, order: dict[str, Any]) -> None:
        with _lock:
            _seen.append(order | {"key": self.headers["Idempotency-Key"]})
        fault = _faults[0] if _faults else ""
        if fault != "lose_answer" and self._fails():
            return
        with _lock:
            number = _parcels.setdefault(order["id"], f"EP{len(_parcels):08d}9VN")
        if fault == "lose_answer":
            with _lock:
                _faults.pop(0)
            self.close_connection = True
            return
        self._send({"number": number, "fee": 26000, "label": LABEL}, 201)

    def _fails(self) -> bool:
        """Whether the next fault has happened in place of an answer."""
        with _lock:
            fault = _faults.pop(0) if _faults else ""
        if fault in ("slow", "silent"):
            time.sleep(3 if fault == "slow" else 30)
            self._send({"late": True})
        elif fault == "error":
            self._send({}, 500)
        elif fault == "refuse":
            self._send({"detail": "nhà bà Bưởi"}, 422)
        elif fault == "html":
            self._raw(b"<html>")
        return bool(fault)

    def _report(self, wanted: dict[str, Any]) -> None:
        body = json.dumps({"events": wanted["events"]}).encode()
        at = datetime.fromtimestamp(wanted.get("signed_at", time.time()), UTC)
        headers = {"Content-Type": "application/json", HEADER: sign(wanted.get("signed_by", KEY), body, at)}
        answer = http_call("POST", wanted["url"], headers, body, 10)
        self._send({"status": answer.status})

    def _genuine(self, body: bytes) -> bool:
        signed, header = f"{self.command} {self.path}\n".encode() + body, self.headers.get(HEADER, "")
        seconds = header.partition(",")[0].removeprefix("t=")  # the clock of a test stands where it was put
        try:
            check_signature(KEY, signed, header, datetime.fromtimestamp(int(seconds or 0), UTC))
        except BadSignature:
            self._send({}, 401)
            return False
        return True

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _send(self, value: Any, status: int = 200) -> None:
        self._raw(json.dumps(value).encode(), status)

    def _raw(self, content: bytes, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
