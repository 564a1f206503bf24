"""The connections that wait for the network or for their client, and which of them end when time, connections or memory run short."""

from __future__ import annotations

import selectors
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

from shared.web.buffered_connection import Connection, Phase

MAX_HELD_BYTES = 64 << 20
"""Received requests and unsent answers of all connections that wait."""


class WaitingConnections:
    """Watches the sockets of connections. Used by the worker's loop alone, but for :meth:`take_back`.

    A connection that a thread has stays registered with the poller, since as a rule nothing comes before its answer; if something does,
    the poller forgets it until it is back. That spares two system calls for a request.

    Args:
        poller: of the loop.
        ready: called when a connection's socket can be read or written.
    """

    def __init__(self, poller: selectors.BaseSelector, ready: Callable[[Connection], None]) -> None:
        self._poller = poller
        self._call_when_ready = ready
        self._connections: set[Connection] = set()
        self._held = 0
        self._lock = threading.Lock()
        self._closed = False

    def __bool__(self) -> bool:
        return bool(self._connections)

    def all(self) -> list[Connection]:
        """All that wait."""
        with self._lock:
            return list(self._connections)

    def watch(self, connection: Connection, events: int) -> None:
        """Has the loop tell when the socket can be read or written."""
        with self._lock:
            self._watch(connection, events)

    def take_back(self, connection: Connection) -> None:
        """Has the loop tell when the next request comes. Called by the thread that had the connection, which may not touch it any more."""
        with self._lock:
            if not self._closed:
                self._watch(connection, selectors.EVENT_READ)

    def _watch(self, connection: Connection, events: int) -> None:
        connection.lent = False
        self._connections.add(connection)
        if connection.watched == events:
            return
        callback = partial(self._ready, connection)
        watched, connection.watched = connection.watched, events
        if watched:
            self._poller.modify(connection.raw, events, callback)
        else:
            self._poller.register(connection.raw, events, callback)

    def lend(self, connection: Connection) -> None:
        """A thread gets the connection."""
        with self._lock:
            connection.lent = True
            self._connections.discard(connection)
            if connection.watched == selectors.EVENT_WRITE:  # which would be ready all the time
                self._forget(connection)

    def release(self, connection: Connection) -> None:
        """Watches a connection no more: it ends."""
        with self._lock:
            self._connections.discard(connection)
            self._forget(connection)

    def _forget(self, connection: Connection) -> None:
        if connection.watched:
            self._poller.unregister(connection.raw)
            connection.watched = 0

    def close(self) -> None:
        """Watches nothing more: the poller is closed."""
        with self._lock:
            self._closed = True

    def expired(self, now: float) -> list[Connection]:
        """Those that have waited too long.

        Args:
            now: monotonic seconds.
        """
        return [connection for connection in self.all() if connection.deadline <= now]

    def shorten_idle(self, deadline: float) -> None:
        """Lets connections without a request wait until a moment at most, in monotonic seconds."""
        for connection in self.all():
            if connection.phase is Phase.IDLE:
                connection.deadline = min(connection.deadline, deadline)

    def longest(self) -> Connection | None:
        """The one that has waited longest, first of those that have never asked anything."""
        return min(self.all(), key=lambda waiting: (waiting.answered > 0, waiting.since), default=None)

    def hold(self, size: int) -> list[Connection]:
        """Counts bytes kept in memory; beyond the limit returns the connections that hold most, which must end."""
        self._held += size
        if self._held <= MAX_HELD_BYTES:
            return []
        waiting = self.all()
        self._held = sum(connection.held for connection in waiting)
        excess = []
        for connection in sorted(waiting, key=lambda waiting: waiting.held, reverse=True):
            if self._held <= MAX_HELD_BYTES:
                break
            self._held -= connection.held
            excess.append(connection)
        return excess

    def _ready(self, connection: Connection, _raw: Any) -> None:
        with self._lock:
            if connection.lent:  # the client sent more before its answer, or is gone
                self._forget(connection)
            watched = connection.watched  # 0: also when it was dropped earlier in this turn
        if watched:
            self._call_when_ready(connection)
