"""One connection of the web server, and the stand-in for its socket that threads read from and write to without ever waiting."""

from __future__ import annotations

import errno
import socket
from enum import Enum, auto
from typing import Any, cast

from gunicorn.http.parser import RequestParser

from shared.web.admission.weights import Key
from shared.web.answer_in_pieces import AnswerInPieces
from shared.web.request_framing import RequestFraming

RECEIVE_BYTES = 65_536
SEND_EARLY_BYTES = 65_536
ASKED_BYTES = 65_536
"""Of a request, kept while it waits for a thread, to know its kind and to answer it without one."""
BYTES_PER_SECOND = 4_000
"""The slowest transfer of a body or an answer, after the first seconds."""
LINGER_SECONDS = 2.0
"""How long a closing connection still reads, so that the last answer is not cut off by a reset (RFC 9112, section 9.6)."""


class Phase(Enum):
    """What a connection waits for, outside of a thread."""

    IDLE = auto()
    HEAD = auto()
    BODY = auto()
    ANSWER = auto()
    LINGER = auto()


class RequestIncomplete(TimeoutError):
    """The parser needs more than the request that was received."""


class BufferedSocket:
    """What gunicorn's parser and answer use as a socket: it reads one received request and collects the answer.

    Args:
        raw: the connection's socket, which does not block.
    """

    __slots__ = ("raw", "request", "to_send")

    def __init__(self, raw: socket.socket) -> None:
        self.raw = raw
        self.request = b""
        self.to_send = bytearray()

    def recv(self, size: int) -> bytes:
        """The next bytes of the request.

        Raises:
            RequestIncomplete: there are no more.
        """
        if not self.request:
            raise RequestIncomplete("the request ends here")
        data, self.request = self.request[:size], self.request[size:]
        return data

    def sendall(self, data: bytes) -> None:
        """Adds to the answer."""
        self.to_send += data
        if len(self.to_send) > SEND_EARLY_BYTES:
            self.flush()

    def send(self, data: bytes) -> int:
        """As :meth:`sendall`."""
        self.sendall(data)
        return len(data)

    def flush(self) -> bool:
        """Sends what the network takes now; says whether that was everything.

        Raises:
            OSError: the connection is lost.
        """
        while self.to_send:
            try:
                sent = self.raw.send(self.to_send)
            except BlockingIOError:
                return False
            del self.to_send[:sent]
        return True

    def gettimeout(self) -> float:
        """0: nothing here waits."""
        return 0.0

    def settimeout(self, value: float | None) -> None:
        """Nothing: see :meth:`gettimeout`."""

    def setblocking(self, flag: bool) -> None:
        """Nothing: see :meth:`gettimeout`."""

    def shutdown(self, how: int) -> None:
        """Nothing: the worker ends the connection when everything is sent."""
        raise OSError(errno.ENOTCONN, "the worker ends the connection")

    def close(self) -> None:
        """Nothing: see :meth:`shutdown`."""


class Connection:
    """A connection with what was received and what is to be sent. Either a thread or the worker's loop uses it, never both.

    Args:
        cfg: gunicorn's configuration.
        raw: the socket.
        client: the other side's address.
        max_body: the longest body in bytes.
    """

    def __init__(self, cfg: Any, raw: socket.socket, client: Any, max_body: int) -> None:
        raw.setblocking(False)
        self.raw = raw
        self.sock = BufferedSocket(raw)
        self.client = client
        self.server = raw.getsockname()  # the address that the client asked for, also when we listen on all
        self.parser = RequestParser(cfg, cast(Any, self.sock), client)
        self.max_body = max_body
        self.received = bytearray()
        self.framing = RequestFraming(max_body)
        self.answered = 0
        self.phase = Phase.IDLE
        self.since = self.deadline = self._seconds = 0.0
        self.transferred = 0
        self.watched = 0  # the events that the poller tells of
        self.lent = False  # whether a thread has it
        self.keep = False
        self.answer: AnswerInPieces | None = None  # the rest of an answer that the network takes slowly
        self.asked = b""  # the beginning of the request
        self.size = 0  # of the request, in bytes
        self.key: Key | None = None  # its kind, once somebody wanted to know
        self.ahead = False  # whether it was sent before the answer to the one before
        self.refused_for = 0  # after so many seconds a browser that is refused should come again; 0: it is not refused

    @property
    def held(self) -> int:
        """Bytes in memory."""
        return len(self.received) + len(self.sock.to_send)

    def enter(self, phase: Phase, now: float, seconds: float) -> None:
        """Begins to wait for something else.

        Args:
            phase: what for.
            now: monotonic seconds.
            seconds: how long at most.
        """
        self.phase, self.since, self.deadline = phase, now, now + seconds
        self._seconds, self.transferred = seconds, 0

    def passed(self, size: int) -> None:
        """Records that bytes have passed in a body or an answer, which earns time."""
        self.transferred += size
        self.deadline = self.since + self._seconds + self.transferred / BYTES_PER_SECOND

    def take_request(self) -> None:
        """Gives the received request to the parser, and no byte of the next one."""
        end = self.framing.end
        self.sock.request = bytes(self.received[:end])
        self.size = end
        self.asked = self.sock.request if end <= ASKED_BYTES else self.sock.request[:ASKED_BYTES]
        self.key, self.refused_for = None, 0
        del self.received[:end]

    def await_request(self) -> None:
        """Prepares for the next request."""
        self.answered += 1
        self.framing = RequestFraming(self.max_body)
