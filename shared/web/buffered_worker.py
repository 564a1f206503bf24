"""The web server's worker: gunicorn's threads, but a thread gets a connection only when the whole request is there.

In gunicorn's own worker a thread reads the request and sends the answer, so as many slow or silent clients as there are threads stop
the service. Here one loop receives requests and sends what the network did not take at once; both have deadlines. Too many
connections, or too many bytes held for them, cost those their connection that have waited longest or hold most.
"""

from __future__ import annotations

import errno
import io
import logging
import resource
import selectors
import socket
import time
from collections import deque
from concurrent.futures import Future
from functools import partial
from typing import Any, cast

from gunicorn.http.errors import (
    ExpectationFailed,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.workers.gthread import ThreadWorker

from shared.web.buffered_connection import LINGER_SECONDS, RECEIVE_BYTES, Connection, Phase
from shared.web.draining import DRAINING
from shared.web.request_framing import Progress
from shared.web.server_answers import server_answer

log = logging.getLogger(__name__)

MAX_HELD_BYTES = 64 << 20
"""Received requests and unsent answers of all connections that wait."""
ACCEPTS_AT_ONCE = 64
STOP_LINGER_SECONDS = 2.0
"""How long a stopping worker keeps idle connections, for requests that are on their way."""
RESERVED_FILES = 200
OUT_OF_FILES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
REFUSALS = (
    (LimitRequestLine, 414),
    (LimitRequestHeaders, 431),
    (ExpectationFailed, 417),
    (UnsupportedTransferCoding, 501),
)
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class BufferedThreadWorker(ThreadWorker):
    """See the module.

    Attributes:
        max_body_bytes: the longest body that is received; the application refuses a longer one. Set in a subclass.
        head_seconds: for a new connection's first request, and for the rest of a head of which something has arrived.
        transfer_seconds: for a body or an answer, and one second more for each 4,000 bytes that have passed.
        drain_seconds: how long a stopping worker goes on accepting connections, until load balancers send no more. Set in a subclass.
    """

    max_body_bytes = 1 << 20
    head_seconds = 10.0
    transfer_seconds = 10.0
    drain_seconds = 0.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._waiting: set[Connection] = set()
        self._running = 0
        self._sent_ahead: deque[Connection] = deque()
        """Connections whose next request came before our answer: served when a thread is free, after all others."""
        self._held = 0
        self._swept = 0.0

    def run(self) -> None:
        """Serves until the process is told to stop, then finishes what has begun."""
        self._limit_connections()
        self.poller.register(
            cast(int, self.method_queue.fileno()), selectors.EVENT_READ, self.method_queue.run_callbacks
        )
        self.set_accept_enabled(True)
        while self.alive and self.is_parent_alive():
            self._turn()
            self._accept_if_possible()
        self._finish()

    def _accept_if_possible(self) -> None:
        self.set_accept_enabled(self.nr_conns < self.worker_connections or bool(self._waiting))

    def _turn(self, seconds: float = 1.0) -> None:
        self.notify()
        self.wait_for_and_dispatch_events(timeout=seconds)
        now = time.monotonic()
        if now - self._swept >= 1.0:
            self._swept = now
            for connection in [waiting for waiting in self._waiting if waiting.deadline <= now]:
                self._expire(connection)

    def _finish(self) -> None:
        """Drains: not ready at once, but serving until nobody sends more; then no new connections, and the rest is answered."""
        end = time.monotonic() + self.cfg.graceful_timeout
        self.alive = False  # also when only our parent is gone: each answer now ends its connection
        DRAINING.set()
        drained = time.monotonic() + self.drain_seconds
        while (left := drained - time.monotonic()) > 0:
            self._turn(min(left, 1.0))
            self._accept_if_possible()
        self._stop_listening()
        now = time.monotonic()
        for connection in self._waiting:
            if connection.phase is Phase.IDLE:
                connection.deadline = min(connection.deadline, now + STOP_LINGER_SECONDS)
        while self.nr_conns and time.monotonic() < end:
            self._turn()
        for connection in list(self._waiting):
            self._drop(connection)
        self.tpool.shutdown(wait=False)
        self.poller.close()
        self.method_queue.close()

    def _stop_listening(self) -> None:
        """Accepts who is connected already, then refuses others at once: later, those in the queue would be cut off."""
        self.set_accept_enabled(False)
        for listener in self.sockets:
            before = -1
            while before != self.nr_conns:
                before = self.nr_conns
                self.accept(listener)
            listener.close()

    def _limit_connections(self) -> None:
        """Allows as many open files as the system lets us, and no more connections than that."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = self.worker_connections + RESERVED_FILES
        if soft != resource.RLIM_INFINITY and soft < wanted:
            soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            self.worker_connections = max(1, min(self.worker_connections, soft - RESERVED_FILES))

    def accept(self, listener: Any) -> None:
        """Accepts the connections that wait at a listening socket."""
        for _ in range(ACCEPTS_AT_ONCE):
            if self.nr_conns >= self.worker_connections and not self._give_way():
                return
            try:
                raw, client = listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno in OUT_OF_FILES and self._give_way():
                    return
                raise
            self.nr_conns += 1
            connection = Connection(self.cfg, raw, client, self.max_body_bytes)
            connection.enter(Phase.IDLE, time.monotonic(), self.head_seconds)
            self._receive(connection)

    def _receive(self, connection: Connection) -> None:
        try:
            data = connection.raw.recv(RECEIVE_BYTES)
        except BlockingIOError:
            self._wait(connection, selectors.EVENT_READ)
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

    def _start(self, connection: Connection) -> None:
        self._running += 1
        self.enqueue_req(cast(Any, connection))

    def _proceed(self, connection: Connection, ahead: bool = False) -> None:
        """Looks at what was received: a whole request is given to a thread."""
        framing = connection.framing
        progress = framing.advance(connection.received)
        if progress is Progress.WHOLE:
            self._release(connection)
            connection.take_request()
            if ahead and self._running >= self.cfg.threads:
                self._sent_ahead.append(connection)
            else:
                self._start(connection)
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
            self._wait(connection, selectors.EVENT_READ)

    def handle(self, conn: Any) -> bool:
        """Answers one request, in a thread; says whether the connection stays open."""
        try:
            request: Any = next(conn.parser)
            request._expected_100_continue = False  # answered while the body was received
            if not conn.framing.refused_unread:  # read now, so that the application never meets a malformed body
                request.body = io.BytesIO(request.body.read(self.max_body_bytes + 1))
        except StopIteration:
            return False
        except (ParseException, OSError) as error:
            return self._fail(conn, _status_of(error), error)
        if conn.sock.request or not conn.framing.clean:
            request.force_close()  # the parser may have found another end of the request than we did
        try:
            keep = bool(self.handle_request(request, conn))
            conn.sock.flush()
        except (StopIteration, ConnectionError):
            return False
        except Exception as error:  # noqa: BLE001 (logged and answered; the thread goes on)
            return self._fail(conn, 500, error)
        return keep

    def _fail(self, connection: Connection, status: int, error: BaseException) -> bool:
        """Answers what did not reach the application, or failed outside of it, with a problem; returns False, to end the connection.

        Nothing of the request is logged: it may be long, hold control characters, or personal data.
        """
        level = logging.ERROR if status == 500 else logging.INFO
        log.log(level, "the server itself answered with %d: %s", status, type(error).__name__)
        connection.sock.to_send += server_answer(status)
        return False

    def finish_request(self, conn: Any, fs: Future[bool]) -> None:
        """Sends the rest of the answer, in the loop, then waits for the next request or ends the connection."""
        self._running -= 1
        conn.keep = fs.exception() is None and fs.result()
        conn.enter(Phase.ANSWER, time.monotonic(), self.transfer_seconds)
        self._continue_answer(conn)
        self._hold(len(conn.sock.to_send))
        if self._sent_ahead and self._running < self.cfg.threads:
            self._start(self._sent_ahead.popleft())

    def _continue_answer(self, connection: Connection) -> None:
        done = self._send(connection)
        if done is None:
            self._drop(connection)
        elif not done:
            self._wait(connection, selectors.EVENT_WRITE)
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
        connection.enter(Phase.IDLE, now, self.cfg.keepalive if self.alive else STOP_LINGER_SECONDS)
        self._wait(connection, selectors.EVENT_READ)

    def _linger(self, connection: Connection) -> None:
        try:
            connection.raw.shutdown(socket.SHUT_WR)
        except OSError:
            self._drop(connection)
            return
        connection.received.clear()
        connection.enter(Phase.LINGER, time.monotonic(), LINGER_SECONDS)
        self._wait(connection, selectors.EVENT_READ)

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

    def _wait(self, connection: Connection, events: int) -> None:
        """Has the loop call us when the socket can be read or written."""
        if connection.watched == events:
            return
        callback = partial(self._ready, connection)
        if connection.watched:
            self.poller.modify(connection.raw, events, callback)
        else:
            self.poller.register(connection.raw, events, callback)
        connection.watched = events
        self._waiting.add(connection)

    def _ready(self, connection: Connection, _raw: Any) -> None:
        if not connection.watched:
            return  # dropped earlier in this turn
        if connection.phase is Phase.ANSWER:
            self._continue_answer(connection)
        elif connection.phase is Phase.LINGER:
            self._discard(connection)
        else:
            self._receive(connection)

    def _release(self, connection: Connection) -> None:
        if connection.watched:
            self.poller.unregister(connection.raw)
            connection.watched = 0
        self._waiting.discard(connection)

    def _refuse(self, connection: Connection, status: int) -> None:
        log.info("a connection was refused with %d", status)
        connection.sock.to_send += server_answer(status)
        connection.keep = False
        connection.enter(Phase.ANSWER, time.monotonic(), self.transfer_seconds)
        self._continue_answer(connection)

    def _expire(self, connection: Connection) -> None:
        if connection.phase in (Phase.HEAD, Phase.BODY):
            self._refuse(connection, 408)
        else:
            self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        self._release(connection)
        self.nr_conns -= 1
        connection.raw.close()

    def _give_way(self) -> bool:
        """Ends the connection that has waited longest, first those that have never asked anything; says whether there was one."""
        if not self._waiting:
            return False
        self._drop(min(self._waiting, key=lambda waiting: (waiting.answered > 0, waiting.since)))
        return True

    def _hold(self, size: int) -> None:
        """Counts bytes kept in memory; beyond the limit the connections that hold most are ended."""
        self._held += size
        if self._held <= MAX_HELD_BYTES:
            return
        self._held = sum(waiting.held for waiting in self._waiting)
        while self._held > MAX_HELD_BYTES:
            largest = max(self._waiting, key=lambda waiting: waiting.held)
            self._held -= largest.held
            self._drop(largest)


def _status_of(error: Exception) -> int:
    return next((status for kind, status in REFUSALS if isinstance(error, kind)), 400)
