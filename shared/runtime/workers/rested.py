"""A sweep that takes no more than its share of real time."""

from __future__ import annotations

import time
from collections.abc import Callable


class Rested:
    """Runs a sweep, and rests after it in proportion to what it took; while it rests there is nothing to do.

    Args:
        run: of the sweep.
        share: of real time, above 0 to 1.
        now: monotonic seconds.
    """

    def __init__(self, run: Callable[[], int], share: float, now: Callable[[], float] = time.monotonic) -> None:
        self._run = run
        self._rest = 1 / share - 1
        self._now = now
        self._until = 0.0

    def __call__(self) -> int:
        """What the sweep has done; 0 while it rests."""
        begun = self._now()
        if begun < self._until:
            return 0
        done = self._run()
        ended = self._now()
        self._until = ended + (ended - begun) * self._rest
        return done
