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

DAYS = 2**22
"""More than the number of any day."""


def block(level: int, interval: Interval) -> int:
    """The number under which the cells of a level of detail and an interval are kept."""
    span, start = interval
    return (level * len(SPANS) + SPANS.index(span)) * DAYS + start


@lru_cache(1024)
def cover(first: int, last: int, spans: tuple[int, ...] = SPANS) -> tuple[Interval, ...]:
    """The fewest intervals that together are the days from `first` to `last`, both inclusive; none if `last` is before `first`."""
    return tuple(_cover(first, last, spans))


def _cover(first: int, last: int, spans: tuple[int, ...]) -> Iterator[Interval]:
    while first <= last:
        span = next(span for span in reversed(spans) if first % span == 0 and first + span - 1 <= last)
        yield span, first
        first += span
