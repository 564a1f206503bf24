"""What a line of a report is: what people call it, in which unit it is written, and which number of the read interface it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.stats.measures.domain import share
from services.stats.measures.summary import Summary
from services.stats.reports.domain import Value

Tickets = Mapping[str, int | None]
COUNT, SHARE, SCORE, MONEY, MINUTES = "count", "share", "score", "money", "minutes"
"""Units: dossiers or people; percent with one decimal; mean score with two; đồng; minutes."""


@dataclass(frozen=True, slots=True)
class Source:
    """What the read interface has counted for one period.

    Attributes:
        summary: all numbers of dossiers, money, ratings, complaints and applications.
        tickets: visitors of the desks, times in seconds.
        rating_sample: the least number of ratings of which a share is written.
    """

    summary: Summary
    tickets: Tickets
    rating_sample: int


@dataclass(frozen=True, slots=True)
class Line:
    """One number of a report.

    Attributes:
        name: in data; it never changes its meaning.
        vi, en: what people call it.
        unit: how it is written.
        value: which number it is.
        part: whether it is a part of the line above, and is written a little to the right.
    """

    name: str
    vi: str
    en: str
    unit: str
    value: Callable[[Source], Value]
    part: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under one heading."""

    vi: str
    en: str
    lines: tuple[Line, ...]


def measure(name: str) -> Callable[[Source], Value]:
    return lambda source: source.summary.counts[name]


def share_of(part: str, whole: str) -> Callable[[Source], Value]:
    return lambda source: share(source.summary.counts[part], source.summary.counts[whole])


def enough_ratings(source: Source, value: Value) -> Value:
    """A share or a mean of ratings; None if they are too few, so that nobody can tell who rated how (NĐ 118/2025, Điều 29.3)."""
    return value if source.summary.ratings.given >= source.rating_sample else None


def minutes(name: str) -> Callable[[Source], Value]:
    def value(source: Source) -> Value:
        seconds = source.tickets[name]
        return None if seconds is None else round(seconds / 60, 1)

    return value
