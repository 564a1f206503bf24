"""The rules of flags: which ratings look unusual. They say nothing about who gave them, and change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from uuid import NAMESPACE_OID, uuid5

from services.rating.scores.domain import wilson

WITH_A_MOMENT = frozenset({"device", "kiosk"})
"""Channels whose ratings are given at a counter at the moment that is kept; papers are entered in batches, with a day alone."""


class Kind(StrEnum):
    """What looks unusual."""

    STREAK = "streak"
    JUMP = "jump"
    OUTLIER = "outlier"


class Outcome(StrEnum):
    """What a person decided about a flag."""

    EXCLUDED = "excluded"
    KEPT = "kept"
    DISMISSED = "dismissed"

    @property
    def counts(self) -> bool:
        """Whether the ratings of the flag count."""
        return self is not Outcome.EXCLUDED


class FlagError(Exception):
    """The flag cannot be decided so."""


class UnknownFlag(FlagError):
    """No flag has this id, or the actor may not see it."""


class DecidedMeanwhile(FlagError):
    """Somebody else has decided since the actor's page was made."""


@dataclass(frozen=True, slots=True)
class FlagRules:
    """The numbers of flags, dated; see ``data/flags.json``.

    Attributes:
        valid_from: the first day on which they are in force.
        streak_ratings: so many equal ratings in a row at one counter
        streak_minutes: within so many minutes are a streak.
        look_back_days: so many days back streaks are looked for: devices deliver late.
        jump_ratings: the fewest ratings of a week, and of the weeks before it.
        jump_points: by so many percentage points the satisfied share changes, at least.
        jump_weeks: so many weeks before are compared with.
        outlier_ratings: the fewest ratings of an official in a month, and of all others of the agency.
        outlier_points: by so many percentage points the satisfied share differs, at least.
    """

    valid_from: date
    streak_ratings: int
    streak_minutes: int
    look_back_days: int
    jump_ratings: int
    jump_points: int
    jump_weeks: int
    outlier_ratings: int
    outlier_points: int


@dataclass(frozen=True, slots=True)
class CounterRating:
    """A rating at a counter, as the search for streaks needs it."""

    id: str
    agency: str
    counter: int
    score: int
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Satisfied:
    """How many were satisfied, of how many."""

    part: int = 0
    whole: int = 0

    def __sub__(self, other: Satisfied) -> Satisfied:
        """All without others that are among them."""
        return Satisfied(self.part - other.part, self.whole - other.whole)

    def __add__(self, other: Satisfied) -> Satisfied:
        """Both together."""
        return Satisfied(self.part + other.part, self.whole + other.whole)


@dataclass(frozen=True, slots=True)
class Finding:
    """Ratings that look unusual.

    Attributes:
        kind: why.
        agency: whose ratings.
        counter: at which counter; None unless it is a streak.
        official: whose ratings; empty for a streak.
        begins, ends: between which moments they were given; both inclusive for a streak, else `ends` is not part of it.
        numbers: what was compared, for the page that shows it.
        ratings: their ids; empty where period and official say which.
        first: what tells this finding from others of its kind: the first rating of a streak, or the key of the period.
    """

    kind: Kind
    agency: str
    counter: int | None
    official: str
    begins: datetime
    ends: datetime
    first: str
    numbers: Mapping[str, int] = field(default_factory=dict, hash=False)
    ratings: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The same for the same finding, however often it is found."""
        place = "" if self.counter is None else str(self.counter)
        return str(uuid5(NAMESPACE_OID, "\n".join((self.kind, self.agency, place, self.official, self.first))))


def streaks(ratings: Iterable[CounterRating], rules: FlagRules) -> Iterator[Finding]:
    """Runs of equal ratings at one counter that came faster than visitors can.

    Args:
        ratings: in any order; each is once among them.
        rules: in force.
    """

    def place(one: CounterRating) -> tuple[str, int]:
        return one.agency, one.counter

    ordered = sorted(ratings, key=lambda one: (*place(one), one.given_at, one.id))
    for _, at_counter in groupby(ordered, key=place):
        for _, equal in groupby(at_counter, key=lambda one: one.score):
            yield from _fast(list(equal), rules)


def _fast(run: Sequence[CounterRating], rules: FlagRules) -> Iterator[Finding]:
    """The stretches of a run of equal ratings in which each has enough others near it."""
    near, many = timedelta(minutes=rules.streak_minutes), rules.streak_ratings
    windows = [
        (start, start + many)
        for start in range(len(run) - many + 1)
        if run[start + many - 1].given_at - run[start].given_at <= near
    ]
    joined: list[tuple[int, int]] = []
    for begin, end in windows:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    for begin, end in joined:
        found = run[begin:end]
        first, last = found[0], found[-1]
        yield Finding(
            Kind.STREAK,
            first.agency,
            first.counter,
            "",
            first.given_at,
            last.given_at,
            first.id,
            {
                "ratings": len(found),
                "score": first.score,
                "seconds": int((last.given_at - first.given_at).total_seconds()),
            },
            tuple(one.id for one in found),
        )


def differs(one: Satisfied, other: Satisfied, least: int, points: int, z: float) -> bool:
    """Whether two shares of satisfied differ by more than chance: their intervals have nothing in common, and they are far apart.

    Args:
        one, other: about different ratings.
        least: the fewest ratings of each.
        points: percentage points between them, at least.
        z: see :func:`services.rating.scores.domain.wilson`.
    """
    if min(one.whole, other.whole) < max(1, least):
        return False
    # without division, so that a difference of exactly so many points counts
    apart = 100 * abs(one.part * other.whole - other.part * one.whole) >= points * one.whole * other.whole
    return apart and wilson(one.part, one.whole, z).apart_from(wilson(other.part, other.whole, z))


def jumps(
    weeks: Mapping[tuple[str, str], tuple[Satisfied, Satisfied]], rules: FlagRules, z: float
) -> Iterator[tuple[str, str, dict[str, int]]]:
    """Officials whose satisfied share changed suddenly.

    Args:
        weeks: (agency, official) → the week that is looked at, and the weeks before it together.
        rules: in force.
        z: see :func:`differs`.

    Yields:
        agency, official and the numbers that were compared.
    """
    for (agency, official), (week, earlier) in weeks.items():
        if differs(week, earlier, rules.jump_ratings, rules.jump_points, z):
            yield agency, official, _compared(week, earlier)


def outliers(
    month: Mapping[tuple[str, str], Satisfied], rules: FlagRules, z: float
) -> Iterator[tuple[str, str, dict[str, int]]]:
    """Officials whose satisfied share is far from that of all others of their agency.

    Args:
        month: (agency, official) → their ratings in the month that is looked at.
        rules: in force.
        z: see :func:`differs`.

    Yields:
        agency, official and the numbers that were compared.
    """
    totals: dict[str, Satisfied] = {}
    for (agency, _), own in month.items():
        totals[agency] = totals.get(agency, Satisfied()) + own
    for (agency, official), own in month.items():
        others = totals[agency] - own
        if differs(own, others, rules.outlier_ratings, rules.outlier_points, z):
            yield agency, official, _compared(own, others)


def _compared(one: Satisfied, other: Satisfied) -> dict[str, int]:
    return {"satisfied": one.part, "ratings": one.whole, "other_satisfied": other.part, "other_ratings": other.whole}
