"""Spans of days: a period as the fewest of them.

A day has a number, that of :meth:`datetime.date.toordinal`. Spans of one length follow each other without a gap; each longer one consists
of eight of the next shorter.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

SPANS = (1, 8, 64, 512)
"""Their lengths in days."""

Interval = tuple[int, int]
"""Length in days, and number of the first day."""


def intervals_of(day: int) -> tuple[Interval, ...]:
    """The intervals that a day is in, one of each length."""
    return tuple((span, day - day % span) for span in SPANS)


@lru_cache(1024)
def cover(first: int, last: int) -> tuple[Interval, ...]:
    """The fewest intervals that together are the days from `first` to `last`, both inclusive; none if `last` is before `first`."""
    return tuple(_cover(first, last))


def _cover(first: int, last: int) -> Iterator[Interval]:
    while first <= last:
        span = next(span for span in reversed(SPANS) if first % span == 0 and first + span - 1 <= last)
        yield span, first
        first += span
