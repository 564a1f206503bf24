"""Requests that wait for an event: few at a time, so that they never use up the threads of the web."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

LOOK_SECONDS = 0.5
"""Real seconds between two looks into the database."""
THREADS_FOR_EACH = 4
"""One request may wait for each four threads of the process; with fewer threads none may."""


class WaitingPlaces:
    """The places of requests that wait, in one process.

    Args:
        threads: of the web, in this process.
    """

    def __init__(self, threads: int) -> None:
        self._places = threads // THREADS_FOR_EACH
        self._waiting: set[str] = set()
        self._lock = Lock()

    @contextmanager
    def take(self, agency: str) -> Iterator[bool]:
        """A place for the block; False if none is free, or the agency has one already."""
        with self._lock:
            taken = agency not in self._waiting and len(self._waiting) < self._places
            if taken:
                self._waiting.add(agency)
        try:
            yield taken
        finally:
            if taken:
                with self._lock:
                    self._waiting.discard(agency)


def wait_for(found: Callable[[], bool], seconds: float, ended: Callable[[], bool]) -> bool:
    """Looks again and again until something is found; returns whether it was.

    Args:
        found: one look; leaves no transaction open.
        seconds: how long at most.
        ended: whether to stop waiting early, because the process ends.
    """
    until = time.monotonic() + seconds
    while not found():
        left = until - time.monotonic()
        if left <= 0 or ended():
            return False
        time.sleep(min(LOOK_SECONDS, left))
    return True
