"""How a connection goes from phase to phase: its request is received, given to a thread, answered, and the next one awaited.

The worker's loop does all of it except `handle`, which runs in a thread, and never waits: each phase has a deadline. When all threads are
in use, a request waits for one, or is refused (`request_admission`).
"""

from __future__ import annotations

import logging
import selectors
import socket
import time
from typing import Any, cast

from shared.web.admission.overload import OVERLOAD
from shared.web.buffered_connection import LINGER_SECONDS, RECEIVE_BYTES, Connection, Phase
from shared.web.request_admission import RequestAdmission
from shared.web.request_framing import Progress
from shared.web.request_thread import answer_request, continue_answer
from shared.web.server_answers import server_answer

log = logging.getLogger(__name__)

STOP_LINGER_SECONDS = 2.0
"""How long a stopping worker keeps idle connections, for requests that are on their way."""
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class ConnectionPhases(RequestAdmission):
    """The part of the worker that moves connections from phase to phase.

    Attributes:
        max_body_bytes: the longest body that is received; the application refuses a longer one. Set in a subclass.
        head_seconds: for a new connection's first request, and for the rest of a head of which something has arrived.
        transfer_seconds: for a body or an answer, and one second more for each 4,000 bytes that have passed.
    """

    max_body_bytes = 1 << 20
    head_seconds = 10.0
    transfer_seconds = 10.0

    def _receive(self, connection: Connection) -> None:
        try:
            data = connection.raw.recv(RECEIVE_BYTES)
        except BlockingIOError:
            self._waiting.watch(connection, selectors.EVENT_READ)
            return
        except OSError:
            data = b""
        if not data:
            self._drop(connection)
            return
        if connection.phase is Phase.IDLE:
            connection.enter(Phase.HEAD, time.monotonic(), self.head_seconds)
        connection.received += data
        if connection.phase is Phase.BODY:
            connection.passed(len(data))
        self._proceed(connection)
        self._hold(len(data))

    def _proceed(self, connection: Connection, ahead: bool = False) -> None:
        """Looks at what was received: a whole request is given to a thread."""
        framing = connection.framing
        progress = framing.advance(connection.received)
        if progress is Progress.WHOLE:
            connection.take_request()
            connection.ahead = ahead
            self._admit(connection)
        elif progress is Progress.HEAD_TOO_LONG:
            self._refuse(connection, 431)
        elif progress is Progress.BODY_TOO_LONG:
            self._refuse(connection, 413)
        else:
            if progress is Progress.BODY and connection.phase is not Phase.BODY:
                connection.enter(Phase.BODY, time.monotonic(), self.transfer_seconds)
                if framing.awaits_continue:
                    connection.sock.to_send += CONTINUE
                    self._send(connection)
            self._waiting.watch(connection, selectors.EVENT_READ)

    def handle(self, conn: Any) -> bool:
        """Answers one request or goes on with its answer, in a thread; says whether the connection stays open."""
        return answer_request(conn, self) if conn.answer is None else continue_answer(conn, conn.answer)

    def _answered(self, connection: Connection, keep: bool) -> None:
        connection.keep = keep
        done = connection.answer is None and not connection.sock.to_send and not connection.received
        if not (done and keep and cast(Any, self)._accepting) or self._stops():
            self.method_queue.defer(self._finish_answer, connection)
            return
        # nearly always nothing is left to do but to wait, which does not need the loop
        connection.await_request()
        connection.enter(Phase.IDLE, time.monotonic(), self._keepalive())
        self._waiting.take_back(connection)
        if self._stops():  # since a moment ago
            self.method_queue.defer(self._waiting.shorten_idle, time.monotonic() + STOP_LINGER_SECONDS)

    def _finish_answer(self, connection: Connection) -> None:
        """Sends the rest of the answer, in the loop, then waits for the next request or ends the connection."""
        connection.enter(Phase.ANSWER, time.monotonic(), self.transfer_seconds)
        self._continue_answer(connection)
        self._hold(len(connection.sock.to_send))

    def _continue_answer(self, connection: Connection) -> None:
        done = self._send(connection)
        if done is None:
            self._drop(connection)
        elif not done:
            self._waiting.watch(connection, selectors.EVENT_WRITE)
        elif connection.answer is not None:
            self._waiting.lend(connection)
            self._go_on(connection)
        elif connection.keep:
            self._await_request(connection)
        else:
            self._linger(connection)

    def _send(self, connection: Connection) -> bool | None:
        """Sends what the network takes; says whether that was all, None when the connection is lost."""
        before = len(connection.sock.to_send)
        try:
            done = connection.sock.flush()
        except OSError:
            return None
        if connection.phase is Phase.ANSWER:
            connection.passed(before - len(connection.sock.to_send))
        return done

    def _await_request(self, connection: Connection) -> None:
        connection.await_request()
        now = time.monotonic()
        if connection.received:  # sent ahead, before our answer
            connection.enter(Phase.HEAD, now, self.head_seconds)
            self._proceed(connection, ahead=True)
            return
        connection.enter(Phase.IDLE, now, self._keepalive())
        self._waiting.watch(connection, selectors.EVENT_READ)

    def _keepalive(self) -> float:
        """Seconds that a connection without a request stays."""
        return STOP_LINGER_SECONDS if self._stops() else float(self.cfg.keepalive)

    def _stops(self) -> bool:
        return not self.alive

    def _linger(self, connection: Connection) -> None:
        try:
            connection.raw.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(connection)
            return
        connection.received.clear()
        connection.enter(Phase.LINGER, time.monotonic(), LINGER_SECONDS)
        self._waiting.watch(connection, selectors.EVENT_READ)

    def _discard(self, connection: Connection) -> None:
        try:
            data = connection.raw.recv(RECEIVE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        connection.transferred += len(data)
        if not data or connection.transferred > RECEIVE_BYTES:
            self._drop(connection)

    def _ready(self, connection: Connection) -> None:
        if connection.phase is Phase.ANSWER:
            self._continue_answer(connection)
        elif connection.phase is Phase.LINGER:
            self._discard(connection)
        else:
            self._receive(connection)

    def _refuse(self, connection: Connection, status: int, retry_after: int = 0, keep: bool = False) -> None:
        if not retry_after:  # those are counted, and logged together
            log.info("a connection was refused with %d", status)
        connection.sock.to_send += server_answer(status, retry_after, keep)
        connection.keep = keep
        connection.enter(Phase.ANSWER, time.monotonic(), self.transfer_seconds)
        self._continue_answer(connection)

    def _expire(self, connection: Connection) -> None:
        if connection.phase in (Phase.HEAD, Phase.BODY):
            self._refuse(connection, 408)
        else:
            self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        self._waiting.release(connection)
        self.nr_conns -= 1
        connection.raw.close()
        if connection.answer is not None:
            connection.answer.close()

    def _hold(self, size: int) -> None:
        """Counts bytes kept in memory; beyond the limit the connections that hold most are ended."""
        for connection in self._waiting.hold(size):
            if connection.phase is Phase.BODY:
                self._refuse(connection, 503, OVERLOAD.refuse())
            else:
                self._drop(connection)
