"""Clients that hold connections without using them: silent, slow, or unwilling to read."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from types import TracebackType
from typing import Self

_HEAD = b"GET /intake/health/live HTTP/1.1\r\nHost: localhost\r\n"
_POST = b"POST /intake/api/dossiers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
KINDS: Mapping[str, bytes] = {
    "idle": b"",
    "head without an end": _HEAD,
    "body without an end": _POST + b'Content-Length: 1000\r\n\r\n{"pro',
    "chunked body without an end": _POST + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"pro\r\n',
    "body never begun": _POST + b"Content-Length: 1000\r\nExpect: 100-continue\r\n\r\n",
    "many requests, no answer read": b"GET /intake/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 200,
    "answered, never closed": b"GET /intake/health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
}
"""What such a client sends before it stops."""


class HeldConnections:
    """A context manager that holds connections of one kind.

    Args:
        port: of this machine.
        kind: see :data:`KINDS`.
        count: how many.
    """

    def __init__(self, port: int, kind: str, count: int) -> None:
        self._port, self._sent = port, KINDS[kind]
        self._sockets = [self._open() for _ in range(count)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for one in self._sockets:
            one.close()

    def renew(self) -> None:
        """Sends one byte more on each connection that waits for a head, and opens those again that the server has closed."""
        for index, one in enumerate(self._sockets):
            if self._closed(one):
                one.close()
                self._sockets[index] = self._open()

    def _open(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        opened.sendall(self._sent)
        opened.setblocking(False)
        return opened

    def _closed(self, one: socket.socket) -> bool:
        try:
            if self._sent == _HEAD:
                one.send(b"x")
            return one.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True
