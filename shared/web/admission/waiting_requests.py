"""Which request gets a thread, which waits for one, and which is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from shared.web.admission.fair_queue import FairQueue
from shared.web.admission.weights import FILING, Key

RESERVED_THREADS = 2
"""Beside those of the settings: probes get both; filings of a field that has no thread, and the most urgent requests, one of them."""
URGENT = frozenset({"vital", FILING})
LARGE: Key = ("large", "")
LARGE_BYTES = 65_536
"""A request that is larger brings files: these may have half of the threads, since storing them may take long."""
MAX_WAITING_BYTES = 64 << 20
"""Of all requests that wait."""
MAX_REFUSAL_PAGES = 16
"""Browsers that are told of their refusal by a whole page, at a time; others get a short one."""

Refused = tuple[Key, Any]
"""The kind of a request, and its connection."""


class WaitingRequests:
    """The threads of a process and the queue before them. Thread-safe: the worker's loop adds requests, threads take the next ones.

    Of a connection it uses `ahead` and `size`, and sets `key` when it must know the kind of its request.

    Args:
        threads: of the settings, without the reserved ones.
        limit: how many requests may wait.
        seconds: how long.
        weight: of a kind of request.
        key_of: finds the kind of a connection's request; only called while all threads are in use.
    """

    def __init__(
        self,
        threads: int,
        limit: int,
        seconds: float,
        weight: Callable[[Key], float],
        key_of: Callable[[Any], Key],
    ) -> None:
        self._threads = threads
        self._seconds = seconds
        self._key_of = key_of
        self._lock = threading.Lock()
        self._queue: FairQueue[Any] = FairQueue(limit, weight)
        self._in_threads: set[Any] = set()
        self._large = 0  # of these
        self._bytes = 0  # of the requests that wait
        self._pages = 0
        self.started = 0
        """Requests that have got a thread, ever."""

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._queue)

    @property
    def running(self) -> int:
        """How many have a thread."""
        return len(self._in_threads)

    def arrive(self, connection: Any, now: float) -> tuple[bool, list[Refused]]:
        """Whether a request gets a thread at once; and who is refused because too many wait.

        Args:
            connection: with the request.
            now: monotonic seconds.
        """
        with self._lock:
            if connection.size > LARGE_BYTES:
                connection.key = LARGE
            elif len(self._in_threads) < self._threads:
                self._start(connection)
                return True, []
            else:
                connection.key = ("ahead", "") if connection.ahead else self._key_of(connection)
            if self._may_start(connection.key):
                self._start(connection)
                return True, []
            if self._bytes + connection.size > MAX_WAITING_BYTES:
                return False, [(connection.key, connection)]
            self._bytes += connection.size
            refused = self._queue.push(connection.key, connection, now)
            if refused is None:
                return False, []
            self._bytes -= refused[1].size
            return False, [refused]

    def go_on(self, connection: Any) -> None:
        """Counts a thread for an answer that has begun; it need not wait."""
        with self._lock:
            self._enter(connection)

    def begin_page(self) -> bool:
        """Counts a thread for the page that tells a browser of its refusal; False where there are too many of these."""
        with self._lock:
            if self._pages >= MAX_REFUSAL_PAGES:
                return False
            self._pages += 1
            return True

    def end_page(self) -> None:
        """Such a page is made."""
        with self._lock:
            self._pages -= 1

    def leave(self, connection: Any) -> list[Any]:
        """A thread is free again: who gets it, and others that now may have one."""
        with self._lock:
            self._in_threads.discard(connection)
            self._large -= connection.size > LARGE_BYTES
            following = []
            while (found := self._queue.pop(self._may_start)) is not None:
                self._bytes -= found[1].size
                self._start(found[1])
                following.append(found[1])
            return following

    def overdue(self, now: float) -> list[Refused]:
        """Takes out those that have waited too long.

        Args:
            now: monotonic seconds.
        """
        with self._lock:
            found = list(self._queue.older_than(now - self._seconds))
            self._bytes -= sum(connection.size for _, connection in found)
            return found

    def _start(self, connection: Any) -> None:
        self._enter(connection)
        self.started += 1

    def _enter(self, connection: Any) -> None:
        self._in_threads.add(connection)
        self._large += connection.size > LARGE_BYTES

    def _may_start(self, key: Key) -> bool:
        beyond = len(self._in_threads) - self._threads
        if key == LARGE and self._large >= max(1, self._threads // 2):
            return False
        if beyond < 0:
            return True
        if key[0] == "probe":
            return beyond < RESERVED_THREADS
        return key[0] in URGENT and beyond < RESERVED_THREADS - 1 and key not in self._keys_in_threads()

    def _keys_in_threads(self) -> set[Key]:
        for connection in self._in_threads:
            if connection.key is None:
                connection.key = self._key_of(connection)
        return {connection.key for connection in self._in_threads}
