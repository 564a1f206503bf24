"""Helpers for the tests of the SDK, the conformance check and the sandbox."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Self

from shared.plugin_sdk.conformance.fixtures import FakeEvent
from shared.plugin_sdk.conformance.harness import Harness
from shared.plugin_sdk.sdk import AgencyService
from shared.plugin_sdk.sdk.settings import read_settings
from tests.support.processes import REPOSITORY

DECISION_SECONDS = 30.0
OpenHarness = Callable[[str], Harness]
PROGRAMS = Path(__file__).parent / "conformance" / "programs"


def program_command(name: str) -> str:
    """The command of one of the test programs in `conformance/programs`."""
    return f"env PYTHONPATH={REPOSITORY} {sys.executable} -m tests.shared.plugin_sdk.conformance.programs.{name}"


def agency_service(harness: Harness, query: str = "", **settings: str) -> AgencyService:
    """An SDK service for the harness's agency, to run in this process."""
    # With a long stop timeout, a service that does not notice that it is idle would fail the test.
    limits = {"MOTCUA_RETRY_SECONDS": "0.05", "MOTCUA_STOP_SECONDS": "3600"}
    environment = {**harness.environment(), **limits, **settings}
    environment["MOTCUA_AMQP_URL"] += query
    return AgencyService(read_settings(environment))


def decision_events(harness: Harness, event: FakeEvent, minimum: int = 1) -> list[str]:
    """Waits for decisions on an event and returns their event names."""
    collector = harness.collector
    assert collector.wait(lambda: len(collector.decisions_on(event)) >= minimum, DECISION_SECONDS, lambda: True), (
        "no decision"
    )
    return [message.event_name(harness.agency) for message in collector.decisions_on(event)]


@contextmanager
def running(service: AgencyService) -> Iterator[Thread]:
    """Runs the service in a thread and stops it cleanly at the end of the block."""
    thread = Thread(target=service.run, name="service")
    thread.start()
    try:
        yield thread
    finally:
        service.stop()
        thread.join(timeout=30)
        assert not thread.is_alive()


@contextmanager
def serve_response(status: int, body: bytes, requests: list[tuple[str, str | None]]) -> Iterator[str]:
    """Runs an HTTP server with one fixed response that records path and authorization of every request; yields its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append((self.path, self.headers.get("Authorization")))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class PausableProxy:
    """A context manager: a TCP proxy to a local port that can pause without closing connections, like a network failure.

    Args:
        target: the local port to forward to.

    Attributes:
        port: the port it listens on.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._running = Event()
        self._running.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._listener]
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._running.set()
        for each in self._sockets:
            each.close()

    def pause(self) -> None:
        """Stops forwarding; new connections get no response either."""
        self._running.clear()

    def resume(self) -> None:
        """Forwards again, including what arrived during the pause."""
        self._running.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed at the end
            while True:
                client, _address = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, server]
                for source, sink in ((client, server), (server, client)):
                    Thread(target=self._forward, args=(source, sink), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):  # one end was closed
            while data := source.recv(65536):
                self._running.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
