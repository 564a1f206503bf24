"""What the tests of the kit share."""

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

from shared.plugin_sdk.conformance.harness import Harness
from shared.plugin_sdk.sdk import AgencyService
from shared.plugin_sdk.sdk.settings import read_settings
from tests.support.processes import REPOSITORY

OpenHarness = Callable[[str], Harness]
PROGRAMS = Path(__file__).parent / "conformance" / "programs"


def program_command(name: str) -> str:
    """The command of one of the adapters in `broken`."""
    return f"env PYTHONPATH={REPOSITORY} {sys.executable} -m tests.shared.plugin_sdk.conformance.programs.{name}"


def agency_service(harness: Harness, query: str = "", **settings: str) -> AgencyService:
    """An agency of the kit, for a service in this process that works for the harness's agency."""
    # A service that does not notice that it has nothing in hand any more would not end within the tests' idle_timeout.
    limits = {"MOTCUA_RETRY_SECONDS": "0.05", "MOTCUA_STOP_SECONDS": "3600"}
    environment = {**harness.environment(), **limits, **settings}
    environment["MOTCUA_AMQP_URL"] += query
    return AgencyService(read_settings(environment))


@contextmanager
def running(agency: AgencyService) -> Iterator[Thread]:
    """The agency's service in a thread, ended in good order."""
    thread = Thread(target=agency.run, name="service")
    thread.start()
    try:
        yield thread
    finally:
        agency.stop()
        thread.join(timeout=30)
        assert not thread.is_alive()


@contextmanager
def answering(status: int, body: bytes, asked: list[tuple[str, str | None]]) -> Iterator[str]:
    """An HTTP server that always gives the same answer and writes down path and authorization; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers.get("Authorization")))
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


class Relay:
    """A context manager: passes TCP connections on to a port of this machine, and can fall silent without closing any, as a network
    does that is cut.

    Attributes:
        port: where it listens.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._speaking = Event()
        self._speaking.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = [self._listener]
        self.port = int(self._listener.getsockname()[1])

    def __enter__(self) -> Self:
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._speaking.set()
        for each in self._sockets:
            each.close()

    def fall_silent(self) -> None:
        """From now on nothing is passed on, and new connections get no answer."""
        self._speaking.clear()

    def speak(self) -> None:
        """Passes on again, also what was held back."""
        self._speaking.set()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed at the end
            while True:
                ours, _address = self._listener.accept()
                theirs = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [ours, theirs]
                for source, sink in ((ours, theirs), (theirs, ours)):
                    Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):  # either end has gone
            while data := source.recv(65536):
                self._speaking.wait()
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
