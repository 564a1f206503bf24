"""The rules of delivery: how often a failed message is tried again, and at which hours nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from shared.runtime.clock import VIETNAM


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


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The hours of the night in which only urgent messages are sent, whatever caused them.

    Attributes:
        begins, ends: Vietnam's time; `begins` is quiet, `ends` is not. The night may span midnight.
        valid_from: the first evening on which they apply.
        urgent: kinds of messages that are sent at any hour, such as one-time codes.
    """

    begins: time
    ends: time
    valid_from: date
    urgent: frozenset[str]

    def end_after(self, at: datetime) -> datetime | None:
        """The end of the quiet hours in which a moment lies; None outside of them.

        Args:
            at: business time, aware.
        """
        local = at.astimezone(VIETNAM)
        clock, day = local.time(), local.date()
        if day < self.valid_from:
            return None
        if self.begins <= self.ends:
            quiet, last_day = self.begins <= clock < self.ends, day
        else:
            quiet = clock >= self.begins or clock < self.ends
            last_day = day + timedelta(days=1) if clock >= self.begins else day
        return datetime.combine(last_day, self.ends, VIETNAM) if quiet else None

    def is_urgent(self, kind: str, at: datetime, deadlines: Iterable[datetime]) -> bool:
        """Whether a message may be sent at any hour: by its kind, or because one of its deadlines would pass before the morning.

        Args:
            kind: of the message.
            at: business time at which it is queued.
            deadlines: moments until which its reader may do something.
        """
        night_ends = self.end_after(at)
        return kind in self.urgent or (night_ends is not None and any(at < end <= night_ends for end in deadlines))
