"""Ratings of dossiers and of visits to counters, as they count: corrected ones as corrected."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.stats.facts.domain import SATISFIED_FROM
from services.stats.measures.activities import Counts
from services.stats.measures.domain import share


@dataclass(frozen=True, slots=True)
class RatingTotals:
    """Ratings of a period, of dossiers and of visits together.

    Attributes:
        given: how many count.
        satisfied: of these, with score 4 (hài lòng) or 5 (rất hài lòng).
        satisfied_share: in percent; None if none was given.
        average_score: two decimals; None if none was given.
        average_of_dossiers: of those of dossiers alone.
        by_channel: web, sms, device, kiosk, paper → how many.
        of_visits: how many are of visits.
        excluded: how many were given and do not count, by a correction.
    """

    given: int
    satisfied: int
    satisfied_share: float | None
    average_score: float | None
    average_of_dossiers: float | None
    by_channel: Mapping[str, int]
    of_visits: int
    excluded: int


def count_ratings(events: Counts) -> RatingTotals:
    """Counts the ratings of a scope. No list of them exists: it would tell who rated how (NĐ 118/2025, Điều 29.3)."""
    rated = events.get("rating", {})
    counting = [
        (kind, channel, int(score), number)
        for part, number in rated.items()
        for kind, channel, score in [part.split("/")]
        if score
    ]
    given = sum(number for *_, number in counting)
    satisfied = sum(number for _, _, score, number in counting if score >= SATISFIED_FROM)
    by_channel: dict[str, int] = {}
    for _, channel, _, number in sorted(counting, key=lambda one: one[1]):
        by_channel[channel] = by_channel.get(channel, 0) + number
    return RatingTotals(
        given=given,
        satisfied=satisfied,
        satisfied_share=share(satisfied, given),
        average_score=_mean((score, number) for _, _, score, number in counting),
        average_of_dossiers=_mean((score, number) for kind, _, score, number in counting if kind == "dossier"),
        by_channel=by_channel,
        of_visits=sum(number for kind, _, _, number in counting if kind == "visit"),
        excluded=sum(rated.values()) - given,
    )


def _mean(scores: Iterable[tuple[int, int]]) -> float | None:
    """The mean of scores and how often each was given."""
    listed = list(scores)
    number = sum(number for _, number in listed)
    return round(sum(score * number for score, number in listed) / number, 2) if number else None
