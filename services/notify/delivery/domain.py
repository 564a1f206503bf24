"""The rules of delivery: how often, and after which pauses, a failed message is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often, and after which pauses, a failed message is tried again.

    Attributes:
        first_pause: real time before the second attempt; it doubles with each further attempt.
        longest_pause: the longest real time between two attempts.
        max_failures: failed attempts after which a message is given up.
    """

    first_pause: timedelta = timedelta(seconds=5)
    longest_pause: timedelta = timedelta(minutes=15)
    max_failures: int = 8

    def pause_after(self, failures: int) -> timedelta | None:
        """The pause after failed attempt number `failures` (1, 2, …); None if it was the last attempt."""
        if failures >= self.max_failures:
            return None
        return min(self.first_pause * (1 << min(failures - 1, 30)), self.longest_pause)
