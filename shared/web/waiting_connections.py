"""The connections that wait for the network or for their client, and which of them end when time, connections or memory run short."""

from __future__ import annotations

import selectors
from collections.abc import Callable
from functools import partial
from typing import Any

from shared.web.buffered_connection import Connection, Phase

MAX_HELD_BYTES = 64 << 20
"""Received requests and unsent answers of all connections that wait."""


class WaitingConnections:
    """Watches the sockets of connections. Used by the worker's loop alone.

    Args:
        poller: of the loop.
        ready: called when a connection's socket can be read or written.
    """

    def __init__(self, poller: selectors.BaseSelector, ready: Callable[[Connection], None]) -> None:
        self._poller = poller
        self._call_when_ready = ready
        self._connections: set[Connection] = set()
        self._held = 0

    def __bool__(self) -> bool:
        return bool(self._connections)

    def all(self) -> list[Connection]:
        """All that wait."""
        return list(self._connections)

    def watch(self, connection: Connection, events: int) -> None:
        """Has the loop tell when the socket can be read or written."""
        if connection.watched == events:
            return
        callback = partial(self._ready, connection)
        if connection.watched:
            self._poller.modify(connection.raw, events, callback)
        else:
            self._poller.register(connection.raw, events, callback)
        connection.watched = events
        self._connections.add(connection)

    def release(self, connection: Connection) -> None:
        """Watches a connection no more: a thread gets it, or it ends."""
        if connection.watched:
            self._poller.unregister(connection.raw)
            connection.watched = 0
        self._connections.discard(connection)

    def expired(self, now: float) -> list[Connection]:
        """Those that have waited too long.

        Args:
            now: monotonic seconds.
        """
        return [connection for connection in self._connections if connection.deadline <= now]

    def shorten_idle(self, deadline: float) -> None:
        """Lets connections without a request wait until a moment at most, in monotonic seconds."""
        for connection in self._connections:
            if connection.phase is Phase.IDLE:
                connection.deadline = min(connection.deadline, deadline)

    def longest(self) -> Connection | None:
        """The one that has waited longest, first of those that have never asked anything."""
        return min(self._connections, key=lambda waiting: (waiting.answered > 0, waiting.since), default=None)

    def hold(self, size: int) -> list[Connection]:
        """Counts bytes kept in memory; beyond the limit returns the connections that hold most, which must end."""
        self._held += size
        if self._held <= MAX_HELD_BYTES:
            return []
        self._held = sum(connection.held for connection in self._connections)
        excess = []
        for connection in sorted(self._connections, key=lambda waiting: waiting.held, reverse=True):
            if self._held <= MAX_HELD_BYTES:
                break
            self._held -= connection.held
            excess.append(connection)
        return excess

    def _ready(self, connection: Connection, _raw: Any) -> None:
        if connection.watched:  # else dropped earlier in this turn
            self._call_when_ready(connection)
