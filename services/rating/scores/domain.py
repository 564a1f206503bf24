"""The rules of scores: what a number of ratings says, and how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from math import sqrt
from typing import TypeVar

from services.rating.ratings.domain import COURTESIES

Name = TypeVar("Name")


@dataclass(frozen=True, slots=True)
class Interval:
    """Between which shares the true one lies, with the chosen confidence.

    Attributes:
        low: 0 to 1.
        high: 0 to 1.
    """

    low: float
    high: float

    def apart_from(self, other: Interval) -> bool:
        """Whether the two have no share in common."""
        return self.high < other.low or other.high < self.low


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole, with its interval.

    Attributes:
        part: how many; 0 to `whole`.
        whole: of how many; at least 1.
        interval: see :func:`wilson`.
    """

    part: int
    whole: int
    interval: Interval

    @property
    def value(self) -> float:
        """The share itself, 0 to 1."""
        return self.part / self.whole


@dataclass(frozen=True, slots=True)
class ScoreRules:
    """The numbers of scores, dated; see ``data/scores.json``.

    Attributes:
        valid_from: the first day on which they are in force.
        satisfied_from: the lowest score that counts as satisfied.
        confidence_z: the quantile of the normal distribution for the confidence, 1.96 for 95%.
        official_sample: ratings that a named official needs before their score is shown.
        public_sample: ratings that an agency or a procedure needs before the public sees its score.
        comment_sample: ratings that an official needs in a period before they see its comments.
    """

    valid_from: date
    satisfied_from: int
    confidence_z: float
    official_sample: int
    public_sample: int
    comment_sample: int


@dataclass(frozen=True, slots=True)
class Tally:
    """What the ratings of something add up to. Ratings that were taken out by a correction are not in it.

    Attributes:
        ratings: how many.
        satisfied: of these, those from the satisfied score on.
        points: the sum of their scores.
        courtesy: courtesy → how many answered yes, and how many answered at all.
        criteria: (form, criterion) → the sum of its points, and how many answered it. Who did not answer is in neither.
    """

    ratings: int = 0
    satisfied: int = 0
    points: int = 0
    courtesy: Mapping[str, tuple[int, int]] = field(default_factory=dict, hash=False)
    criteria: Mapping[tuple[str, str], tuple[int, int]] = field(default_factory=dict, hash=False)

    def __add__(self, other: Tally) -> Tally:
        """What both add up to."""
        return Tally(
            self.ratings + other.ratings,
            self.satisfied + other.satisfied,
            self.points + other.points,
            _added(self.courtesy, other.courtesy),
            _added(self.criteria, other.criteria),
        )


@dataclass(frozen=True, slots=True)
class Score:
    """What is shown of a tally.

    Attributes:
        ratings: how many ratings.
        satisfied: the share of satisfied ones.
        mean: of the scores, 1 to 5.
        courtesies: courtesy → the share of yes among those who answered; one that nobody answered is left out.
        courtesy: yes among all answers about the three courtesies; None if there are none.
    """

    ratings: int
    satisfied: Share
    mean: float
    courtesies: Mapping[str, Share] = field(hash=False)
    courtesy: Share | None


def wilson(part: int, whole: int, z: float = 1.96) -> Interval:
    """The score interval of a share (Wilson, 1927), without correction for continuity.

    It never leaves 0 to 1, and is not empty for a share of 0 or 1 as the simple interval is.

    Args:
        part: how many; 0 to `whole`.
        whole: of how many; at least 1.
        z: the quantile of the normal distribution, 1.96 for a confidence of 95%.

    Raises:
        ValueError: there is no such share.
    """
    if not 0 <= part <= whole or whole < 1:
        raise ValueError(f"{part} of {whole} is no share")
    return wilson_of_share(part / whole, 1 / whole, z)


def wilson_of_share(share: float, inverse: float, z: float) -> Interval:
    """The score interval of a share that was estimated with an effective sample size, which need not be a whole number.

    Args:
        share: the estimate, 0 to 1.
        inverse: one by the effective sample size; 0 where everybody was asked.
        z: the quantile of the normal distribution.
    """
    shrink = 1 + z * z * inverse
    middle = (share + z * z * inverse / 2) / shrink
    half = z * sqrt(share * (1 - share) * inverse + (z * inverse) ** 2 / 4) / shrink
    # rounding must not push an end past the share itself
    return Interval(min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half)))


def share_of(part: int, whole: int, z: float) -> Share | None:
    """A share with its interval; None of nothing."""
    return Share(part, whole, wilson(part, whole, z)) if whole else None


def score_of(tally: Tally, rules: ScoreRules, sample: int = 1) -> Score | None:
    """What is shown of a tally; None while it has fewer ratings than the smallest sample.

    Args:
        tally: of an official, an agency or a procedure.
        rules: in force.
        sample: the fewest ratings that are shown.
    """
    satisfied = share_of(tally.satisfied, tally.ratings, rules.confidence_z)
    if satisfied is None or tally.ratings < sample:
        return None
    answered = {name: tally.courtesy.get(name, (0, 0)) for name in COURTESIES}
    shares = {name: share_of(yes, asked, rules.confidence_z) for name, (yes, asked) in answered.items()}
    yes, asked = (sum(pair[place] for pair in answered.values()) for place in (0, 1))
    return Score(
        tally.ratings,
        satisfied,
        tally.points / tally.ratings,
        {name: share for name, share in shares.items() if share is not None},
        share_of(yes, asked, rules.confidence_z),
    )


def _added(one: Mapping[Name, tuple[int, int]], other: Mapping[Name, tuple[int, int]]) -> dict[Name, tuple[int, int]]:
    names = [*one, *(name for name in other if name not in one)]
    pairs = {name: (one.get(name, (0, 0)), other.get(name, (0, 0))) for name in names}
    return {name: (first[0] + second[0], first[1] + second[1]) for name, (first, second) in pairs.items()}
