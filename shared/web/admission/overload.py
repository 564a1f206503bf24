"""How overloaded this process is: when those that it refuses should come again, and whether a load balancer should send elsewhere.

One object for each process. It needs little, since gunicorn's parent process loads it too.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Callable

WATCHED_SECONDS = 10
"""The time over which refused and started requests are compared."""
SHED_SECONDS = 5
"""A process that has refused requests in each of so many seconds is not ready for a while."""
AWAY_SECONDS = (10.0, 20.0)
"""How long it is not ready, at least and at most; load balancers look every few seconds."""
BACK_SECONDS = (60.0, 120.0)
"""How long it is ready at least after that, so that not all processes are away most of the time, or all at once."""
LEAST_SPREAD, MOST_SPREAD = 3, 60
"""Seconds over which those that are refused are told to come again."""


class Overload:
    """Counts what is refused and started, second by second. Thread-safe.

    Args:
        monotonic: real seconds.
        between: a random number between two others.
    """

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        between: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._monotonic = monotonic
        self._between = between
        self._lock = threading.Lock()
        self._refused: dict[int, int] = {}
        self._turned_away: dict[int, int] = {}
        self._started: dict[int, int] = {}
        self._away_until = self._back_until = 0.0
        self.disk_full = False
        """Whether so little space is left on the disk that nothing more is accepted that would be written there."""

    def refuse(self, by_process: bool = True) -> int:
        """Counts a refused request; returns after how many seconds it should come again: the more are refused, the wider they are spread.

        Args:
            by_process: whether other processes may have room; not so for what all of them share, such as the database.
        """
        now = self._monotonic()
        with self._lock:
            self._count(self._refused, now, 1)
            refused, started = sum(self._refused.values()), sum(self._started.values())
            if by_process:
                self._count(self._turned_away, now, 1)
                self._look(now)
        spread = min(MOST_SPREAD, math.ceil(LEAST_SPREAD * (1 + refused / max(1, started))))
        return 1 + int(self._between(0, spread))

    def start(self, requests: int) -> None:
        """Counts requests that have got a thread."""
        with self._lock:
            self._count(self._started, self._monotonic(), requests)

    @property
    def away(self) -> bool:
        """Whether load balancers should send elsewhere for now."""
        return self._monotonic() < self._away_until

    def _look(self, now: float) -> None:
        second = int(now)
        if now < self._back_until or any(second - ago not in self._turned_away for ago in range(SHED_SECONDS)):
            return
        self._away_until = now + self._between(*AWAY_SECONDS)
        self._back_until = self._away_until + self._between(*BACK_SECONDS)

    def _count(self, seconds: dict[int, int], now: float, requests: int) -> None:
        second = int(now)
        seconds[second] = seconds.get(second, 0) + requests
        for old in [one for one in seconds if one <= second - WATCHED_SECONDS]:
            del seconds[old]


OVERLOAD = Overload()
"""That of this process."""
