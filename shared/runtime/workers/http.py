"""Health and metrics of a worker process, which has no web application."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import orjson

from shared.observability.metrics import exposition

TIMEOUT_SECONDS = 5
LOOK_SECONDS = 60.0
"""How often the thread that waits for requests looks by itself whether it shall end."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True

    def shutdown(self) -> None:
        """Ends `serve_forever`, also while it waits for a request."""
        self.socket.shutdown(socket.SHUT_RDWR)
        super().shutdown()


class _SilentRequestHandler(WSGIRequestHandler):
    timeout = TIMEOUT_SECONDS

    def log_message(self, format: str, *args: Any) -> None:
        """Logs nothing: probes and scrapes come every few seconds."""


def start_http(
    host: str, port: int, services: Sequence[str], stuck: Callable[[], list[str]], failing: Callable[[], list[str]]
) -> WSGIServer | None:
    """Serves ``/health/live``, ``/health/ready`` and ``/<service>/metrics`` (also ``/metrics`` for a single service) in a thread.

    Live: the loops make progress, whether or not broker and database answer, so that their failure restarts nothing. Ready: both answer,
    so that a worker with a wrong password never replaces one that works.

    Args:
        host: the address to listen on.
        port: 0 for none.
        services: names of the services whose metrics are served.
        stuck: returns the names of the loops that make no progress.
        failing: returns the names of the loops that cannot work.
    """
    if not port:
        return None

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        status, content_type, body = _answer(environ["PATH_INFO"], services, stuck, failing)
        start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(body)))])
        return [body]

    server = make_server(host, port, application, server_class=_Server, handler_class=_SilentRequestHandler)
    threading.Thread(target=server.serve_forever, args=(LOOK_SECONDS,), name="http", daemon=True).start()
    return server


def _answer(
    path: str, services: Sequence[str], stuck: Callable[[], list[str]], failing: Callable[[], list[str]]
) -> tuple[str, str, bytes]:
    segments = path.strip("/").split("/")
    service = services[0] if len(services) == 1 else ""
    if segments[0] in services:
        service, segments = segments[0], segments[1:]
    if segments == ["metrics"] and service:
        body, content_type = exposition(service)
        return "200 OK", content_type, body
    if segments in (["health", "live"], ["health", "ready"]):
        names, fault = stuck(), "stuck"
        if not names and segments[1] == "ready":
            names, fault = failing(), "failing"
        status = "503 Service Unavailable" if names else "200 OK"
        return status, "application/json", orjson.dumps({"status": fault if names else "ok", "loops": names})
    return "404 Not Found", "text/plain", b"not found\n"
