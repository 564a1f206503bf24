"""The web server's worker: gunicorn's threads, but a thread gets a connection only when the whole request is there.

In gunicorn's own worker a thread reads the request and sends the answer, so as many slow or silent clients as there are threads stop
the service. Here one loop receives requests and sends what the network did not take at once; both have deadlines
(`connection_phases`). Too many connections, or too many bytes held for them, cost those their connection that have waited longest or hold
most (`waiting_connections`).
"""

from __future__ import annotations

import errno
import resource
import selectors
import time
from typing import Any, cast

from shared.web.buffered_connection import Connection, Phase
from shared.web.connection_phases import STOP_LINGER_SECONDS, ConnectionPhases
from shared.web.draining import DRAINING
from shared.web.listening import open_port
from shared.web.waiting_connections import WaitingConnections

ACCEPTS_AT_ONCE = 64
RESERVED_FILES = 200
OUT_OF_FILES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class BufferedThreadWorker(ConnectionPhases):
    """The worker process: accepts connections, turns the loop, and drains when it is told to stop.

    Attributes:
        drain_seconds: how long a stopping worker goes on accepting connections, until load balancers send no more. Set in a subclass.
    """

    drain_seconds = 0.0
    _swept = 0.0

    def load_wsgi(self) -> None:
        """Loads the application, and only then lets connections in."""
        super().load_wsgi()
        open_port(self.sockets, self.cfg.backlog)

    def run(self) -> None:
        """Serves until the process is told to stop, then finishes what has begun."""
        self._limit_connections()
        self._prepare_admission()
        self._waiting = WaitingConnections(self.poller, self._ready)
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
            for connection in self._waiting.expired(now):
                self._expire(connection)
            self._look_after_queue(now)

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
        self._waiting.shorten_idle(time.monotonic() + STOP_LINGER_SECONDS)
        while self.nr_conns and time.monotonic() < end:
            self._turn()
        for connection in self._waiting.all():
            self._drop(connection)
        self.tpool.shutdown(wait=False)
        self._page_thread.shutdown(wait=False)
        self._waiting.close()
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

    def _give_way(self) -> bool:
        """Ends the connection that has waited longest; says whether there was one."""
        longest = self._waiting.longest()
        if longest is not None:
            self._drop(longest)
        return longest is not None
