"""ClamAV's daemon: its command INSTREAM over TCP or a Unix socket (clamd(8)).

The libraries for it send all of a file before they read, so an answer that the daemon gives early (the file is too large) is lost with the
connection, and none limits the time of the whole scan.
"""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import IO

from shared.virus_scan.port import ScannerUnavailable, TooLargeToScan

PIECE = 1 << 16
CONNECT_SECONDS = 3.0
SCAN_SECONDS = 15.0
"""For the whole scan: less than a web request may take."""
MAX_ANSWER = 4096
_OK, _FOUND, _TOO_LARGE = "stream: OK", " FOUND", "INSTREAM size limit exceeded"


class ClamdScanner:
    """A daemon that listens somewhere. Each scan has a connection of its own; thread-safe.

    Args:
        address: host and port, or the path of a Unix socket.
        seconds: time limit of a scan.
    """

    def __init__(self, address: tuple[str, int] | str, seconds: float = SCAN_SECONDS) -> None:
        self.address = address
        self._seconds = seconds

    def scan(self, content: IO[bytes]) -> str:
        """As the port says."""
        until = time.monotonic() + self._seconds
        try:
            with self._connect() as connection:
                # it closes when the file is too large; why stands in its answer
                with suppress(BrokenPipeError, ConnectionResetError):
                    _send(connection, content, until)
                answer = _receive(connection, until)
        except OSError as error:
            raise ScannerUnavailable(type(error).__name__) from error
        return _found(answer)

    def _connect(self) -> socket.socket:
        limit = min(CONNECT_SECONDS, self._seconds)
        if isinstance(self.address, tuple):
            return socket.create_connection(self.address, limit)
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(limit)
            connection.connect(self.address)
        except OSError:
            connection.close()
            raise
        return connection


def _send(connection: socket.socket, content: IO[bytes], until: float) -> None:
    """The command, each piece after its length, and a piece of no length."""
    _send_all(connection, b"zINSTREAM\0", until)
    while piece := content.read(PIECE):
        _send_all(connection, len(piece).to_bytes(4, "big") + piece, until)
    _send_all(connection, bytes(4), until)


def _send_all(connection: socket.socket, data: bytes, until: float) -> None:
    _limit(connection, until)
    connection.sendall(data)


def _receive(connection: socket.socket, until: float) -> str:
    """The answer, which ends with a zero byte or the connection."""
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < MAX_ANSWER:
        _limit(connection, until)
        piece = connection.recv(MAX_ANSWER)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\0\r\n").decode("utf-8", "replace")


def _limit(connection: socket.socket, until: float) -> None:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("the scan takes too long")
    connection.settimeout(left)


def _found(answer: str) -> str:
    if answer == _OK:
        return ""
    if answer.startswith("stream: ") and answer.endswith(_FOUND):
        return answer.removeprefix("stream: ").removesuffix(_FOUND)
    if answer.startswith(_TOO_LARGE):
        raise TooLargeToScan(answer)
    raise ScannerUnavailable(f"it answers {answer[:80]!r}")
