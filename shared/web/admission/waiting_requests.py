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
MAX_REFUSAL_PAGES = 16
"""Browsers that are told of their refusal by a whole page, at a time; others get a short one."""

Refused = tuple[Key, Any]
"""The kind of a request, and its connection."""


class WaitingRequests:
    """The threads of a process and the queue before them. Thread-safe: the worker's loop adds requests, threads take the next ones.

    Of a connection it uses `ahead`, and sets `key` when it must know the kind of its request.

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
            if len(self._in_threads) < self._threads:
                self._start(connection)
                return True, []
            connection.key = ("ahead", "") if connection.ahead else self._key_of(connection)
            if self._may_start(connection.key):
                self._start(connection)
                return True, []
            refused = self._queue.push(connection.key, connection, now)
            return False, [] if refused is None else [refused]

    def go_on(self, connection: Any) -> None:
        """Counts a thread for an answer that has begun; it need not wait."""
        with self._lock:
            self._in_threads.add(connection)

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
            following = []
            while (found := self._queue.pop(self._may_start)) is not None:
                self._start(found[1])
                following.append(found[1])
            return following

    def overdue(self, now: float) -> list[Refused]:
        """Takes out those that have waited too long.

        Args:
            now: monotonic seconds.
        """
        with self._lock:
            return list(self._queue.older_than(now - self._seconds))

    def _start(self, connection: Any) -> None:
        self._in_threads.add(connection)
        self.started += 1

    def _may_start(self, key: Key) -> bool:
        beyond = len(self._in_threads) - self._threads
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
