"""A step that lets a little work become more before it does it."""

from __future__ import annotations

import time
from collections.abc import Callable


class Gathered:
    """Calls a step, but after one that did little not at once again: what comes meanwhile is done together.

    Each batch of events costs some transactions and confirmations, however few its events are. What comes after a pause is done at once,
    so that an office with little to do waits for nothing.

    Args:
        step: does a bounded piece of work and returns how much.
        enough: what it does at once without any wait before.
        seconds: from the end of a step that did less to the next.
        now: monotonic seconds.
        sleep: waits.
    """

    def __init__(
        self,
        step: Callable[[], int],
        enough: int,
        seconds: float,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._step = step
        self._enough = enough
        self._seconds = seconds
        self._now = now
        self._sleep = sleep
        self._not_before = 0.0

    def __call__(self) -> int:
        """How much was done."""
        if (wait := self._not_before - self._now()) > 0:
            self._sleep(wait)
        done = self._step()
        if done:
            self._not_before = self._now() + self._seconds if done < self._enough else 0.0
        return done
