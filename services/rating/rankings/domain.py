"""The rule of rankings: which ratings count for whom, how a share and its interval are found, and who comes before whom.

Everything that decides a rank is printed beside it: the places follow from the lower end of the interval as printed, and of equals from the
mean score as printed. Who is equal in both has the same place, and the places that they take up are left out after them (1, 2, 2, 4).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from math import erf, sqrt
from typing import Any

import orjson

from services.rating.scores.domain import ScoreRules, wilson
from services.rating.scores.periods import ScorePeriod

SYMBOL = "BXH"
"""Of rankings in the number of the paper."""

NUMBERS = ("rank", "ratings", "satisfied", "neutral", "dissatisfied", "share", "low", "high", "mean")
"""What a row says of a subject besides its name."""


class SubjectKind(StrEnum):
    """Who is ranked."""

    OFFICIAL = "official"
    COUNTER = "counter"
    AGENCY = "agency"


class RankingError(Exception):
    """A ranking cannot be made or issued like this."""


class UnknownPaper(RankingError):
    """There is no such paper, or not for the caller."""


class ChangedSinceRead(RankingError):
    """The ratings, or the paper, have changed since the leader read it."""


class AlreadyIssued(RankingError):
    """The paper is issued; its content is frozen."""


class BrokenPaper(RuntimeError):
    """The stored content of an issued paper does not have the digest that was printed on it."""


@dataclass(frozen=True, slots=True)
class Method:
    """How rankings are made, from a day on.

    Attributes:
        valid_from: the first day on which a period may end to be ranked so.
        id: short name, printed on the paper.
        decision_vi, decision_en: which decision says so.
        dissatisfied_to: the highest score of a dissatisfied rating.
        settle_days: calendar days between a period's end and its ranking.
        watch_days: calendar days after a period's end in which papers are counted again.
        scores: the satisfied score, the confidence and the smallest samples, as everywhere in this service.
    """

    valid_from: date
    id: str
    decision_vi: str
    decision_en: str
    dissatisfied_to: int
    settle_days: int
    watch_days: int
    scores: ScoreRules

    def minimum(self, kind: SubjectKind) -> int:
        """The least number of ratings with which a subject is ranked; that of officials also for their counters."""
        return self.scores.public_sample if kind == SubjectKind.AGENCY else self.scores.official_sample

    @property
    def confidence_percent(self) -> int:
        """The confidence of the intervals, 95 for the quantile 1.96."""
        return round(100 * erf(self.scores.confidence_z / sqrt(2)))


@dataclass(frozen=True, slots=True)
class Counted:
    """The ratings that count for a subject in a period.

    Attributes:
        subject: of the official's tokens, the counter's number, or the agency's code.
        scores: score, after corrections → how many ratings.
    """

    subject: str
    scores: Mapping[int, int] = field(hash=False)

    @property
    def ratings(self) -> int:
        """How many ratings."""
        return sum(self.scores.values())


@dataclass(frozen=True, slots=True)
class Shares:
    """What ratings say of somebody, as it is printed.

    Attributes:
        ratings: how many count.
        satisfied, neutral, dissatisfied: how many of them, by the method.
        share: satisfied ones, percent with one decimal.
        low, high: the interval of the share, percent with one decimal.
        mean: mean score with two decimals.
    """

    ratings: int
    satisfied: int
    neutral: int
    dissatisfied: int
    share: float
    low: float
    high: float
    mean: float


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a ranking.

    Attributes:
        rank: the place.
        subject: as in :class:`Counted`.
        name: as printed.
        position: of an official; empty for others.
        shares: on which the place rests.
    """

    rank: int
    subject: str
    name: str
    position: str
    shares: Shares


@dataclass(frozen=True, slots=True)
class Name:
    """How a subject is printed: name, and position of an official."""

    name: str
    position: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """A ranking of a period.

    Attributes:
        rows: those with enough ratings, by place and name.
        unranked: how many others were rated too seldom.
        unranked_ratings: how many ratings count for these.
    """

    rows: Sequence[Row]
    unranked: int
    unranked_ratings: int


def shares_of(counted: Counted, method: Method) -> Shares:
    """What the ratings of somebody say.

    Args:
        counted: at least one rating.
        method: which scores are satisfied, and how sure the interval is.

    Raises:
        ValueError: no rating.
    """
    ratings = counted.ratings
    if not ratings:
        raise ValueError(f"no ratings of {counted.subject}")
    satisfied = sum(number for score, number in counted.scores.items() if score >= method.scores.satisfied_from)
    dissatisfied = sum(number for score, number in counted.scores.items() if score <= method.dissatisfied_to)
    total = sum(score * number for score, number in counted.scores.items())
    interval = wilson(satisfied, ratings, method.scores.confidence_z)
    return Shares(
        ratings=ratings,
        satisfied=satisfied,
        neutral=ratings - satisfied - dissatisfied,
        dissatisfied=dissatisfied,
        share=printed(Decimal(100 * satisfied) / ratings, 1),
        low=printed(Decimal(100 * interval.low), 1),
        high=printed(Decimal(100 * interval.high), 1),
        mean=printed(Decimal(total) / ratings, 2),
    )


def printed(value: Decimal, places: int) -> float:
    """A number rounded as papers print it, half up."""
    return float(value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def rank(counted: Iterable[Counted], kind: SubjectKind, method: Method, names: Mapping[str, Name]) -> Ranking:
    """Ranks subjects by the rule of this module.

    Args:
        counted: each subject once; those without ratings are left out.
        kind: of the subjects.
        method: of the period.
        names: subject → how it is printed; the subject itself where it is missing.
    """
    rated = [one for one in counted if one.ratings]
    enough = [one for one in rated if one.ratings >= method.minimum(kind)]
    found = [(one.subject, names.get(one.subject, Name(one.subject)), shares_of(one, method)) for one in enough]
    found.sort(key=lambda one: (-one[2].low, -one[2].mean, one[1].name, one[0]))
    rows: list[Row] = []
    for place, (subject, name, shares) in enumerate(found, 1):
        equal = bool(rows) and _merit(rows[-1].shares) == _merit(shares)
        rows.append(Row(rows[-1].rank if equal else place, subject, name.name, name.position, shares))
    few = [one for one in rated if one.ratings < method.minimum(kind)]
    return Ranking(rows, len(few), sum(one.ratings for one in few))


def _merit(shares: Shares) -> tuple[float, float]:
    return shares.low, shares.mean


def content_of(
    ranking: Ranking, kind: SubjectKind, period: ScorePeriod, agency: str, agency_name: str, method: Method
) -> dict[str, Any]:
    """All that a paper says, with a JSON form; names are those of the day on which it was drawn up."""
    return {
        "kind": kind.value,
        "period": period.key,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "agency": agency,
        "agency_name": agency_name,
        "method": {
            "id": method.id,
            "decision_vi": method.decision_vi,
            "decision_en": method.decision_en,
            "satisfied_from": method.scores.satisfied_from,
            "dissatisfied_to": method.dissatisfied_to,
            "minimum": method.minimum(kind),
            "confidence_percent": method.confidence_percent,
            "settle_days": method.settle_days,
        },
        "rows": [
            {"rank": row.rank, "subject": row.subject, "name": row.name, "position": row.position, **asdict(row.shares)}
            for row in ranking.rows
        ],
        "unranked": ranking.unranked,
        "unranked_ratings": ranking.unranked_ratings,
    }


def content_text(content: Mapping[str, Any]) -> str:
    """The JSON text of a paper's content: sorted, so that equal contents have equal texts."""
    return orjson.dumps(dict(content), option=orjson.OPT_SORT_KEYS).decode()


def same_numbers(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two contents rank the same subjects with the same numbers; other names make no other paper."""
    return _numbers(one) == _numbers(other)


def digest_of(text: str) -> str:
    """SHA-256 of a content's text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _numbers(content: Mapping[str, Any]) -> dict[str, Any]:
    rows = sorted((row["subject"], *(row[name] for name in NUMBERS)) for row in content["rows"])
    return {"rows": rows, "unranked": content["unranked"], "unranked_ratings": content["unranked_ratings"]}


def written_number(number: int, agency: str) -> str:
    """A paper's number as printed: 05/BXH-H12.20 (NĐ 30/2020/NĐ-CP, article 8 and appendix I)."""
    return f"{number:02d}/{SYMBOL}-{agency}"
