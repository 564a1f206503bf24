"""An agency's HTTPS server for tests: it answers as it is told, also wrongly, and remembers what it got."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import orjson

from tests.support.certificates import own_certificate

ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class Received:
    """One request."""

    headers: dict[str, str]
    body: bytes
    path: str

    @property
    def event(self) -> dict[str, Any]:
        """The CloudEvent."""
        found: dict[str, Any] = orjson.loads(self.body)
        return found

    @property
    def key(self) -> str:
        """The dossier."""
        return str(self.event["partitionkey"])


Behave = Callable[[Received, BaseHTTPRequestHandler], None]
"""Answers one request."""


def status(code: int, **headers: str) -> Behave:
    """Answers with a status and headers; an underscore in a name stands for a hyphen."""

    def behave(_: Received, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"{}")

    return behave


def late(seconds: float, then: Behave) -> Behave:
    """Answers after a while."""

    def behave(received: Received, handler: BaseHTTPRequestHandler) -> None:
        time.sleep(seconds)
        then(received, handler)

    return behave


def cut(_: Received, handler: BaseHTTPRequestHandler) -> None:
    """Ends the connection without an answer."""
    handler.close_connection = True


def endless(_: Received, handler: BaseHTTPRequestHandler) -> None:
    """Says 200 and never stops."""
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    for _piece in range(100):
        handler.wfile.write(b"x" * 8192)


def trickle(_: Received, handler: BaseHTTPRequestHandler) -> None:
    """Sends a header byte by byte, longer than anybody waits."""
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    for _byte in range(300):
        handler.wfile.write(b"x")
        time.sleep(0.05)


def short(_: Received, handler: BaseHTTPRequestHandler) -> None:
    """Promises more than it sends."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b"{}")
    handler.close_connection = True


def garbage(_: Received, handler: BaseHTTPRequestHandler) -> None:
    """Answers with something that is not HTTP."""
    handler.close_connection = True
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")


@dataclass
class Receiver:
    """The server.

    Attributes:
        url: where events are posted.
        ca_file: the certificate to trust.
        behave: answers; may be replaced at any time.
        received: all requests, in order.
    """

    url: str
    ca_file: str
    behave: Behave
    received: list[Received] = field(default_factory=list)

    def ids(self) -> list[str]:
        """The ids of the events, in order of their arrival."""
        return [one.headers["webhook-id"] for one in self.received]


@contextmanager
def receiver(directory: Path, behave: Behave | None = None, port: int = 0) -> Iterator[Receiver]:
    """Runs a server for the block."""
    cert, key = own_certificate(directory, ADDRESS)
    found = Receiver("", cert, behave or status(200))

    class Handler(BaseHTTPRequestHandler):
        """Reads a request and lets the receiver answer."""

        def do_POST(self) -> None:
            """Answers one event."""
            body = self.rfile.read(int(self.headers["Content-Length"]))
            one = Received({name.lower(): value for name, value in self.headers.items()}, body, self.path)
            found.received.append(one)
            try:
                found.behave(one, self)
            except OSError:  # the platform has hung up
                self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Logs nothing."""

    class Server(ThreadingHTTPServer):
        """Wraps each connection in its own thread, so that a client that says nothing holds nobody up."""

        daemon_threads = True
        allow_reuse_address = True

        def finish_request(self, request: Any, client_address: Any) -> None:
            """Makes the connection TLS first."""
            try:
                with tls.wrap_socket(request, server_side=True) as secured:
                    super().finish_request(secured, client_address)
            except OSError:  # the client does not trust the certificate, or is gone
                pass

        def shutdown_request(self, request: Any) -> None:
            """Closes the connection, which TLS may have closed already."""
            self.close_request(request)

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(cert, key)
    server = Server((ADDRESS, port), Handler)
    found.url = f"https://{ADDRESS}:{server.server_address[1]}/steps?from=motcua"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
