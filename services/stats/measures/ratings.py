"""Ratings of dossiers and of visits to counters, as they count: corrected ones as corrected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, false, func, or_, select

from services.stats.facts.domain import SATISFIED_FROM
from services.stats.facts.store import dossiers, ratings
from services.stats.measures.domain import share
from services.stats.measures.queries import Scope, counted_score

_C = ratings.c


@dataclass(frozen=True, slots=True)
class RatingTotals:
    """Ratings of a period, of dossiers and of visits together.

    Attributes:
        given: how many count.
        satisfied: of these, with score 4 (hài lòng) or 5 (rất hài lòng).
        satisfied_share: in percent; None if none was given.
        average_score: two decimals; None if none was given.
        by_channel: web, sms, device, kiosk, paper → how many.
        of_visits: how many are of visits.
        excluded: how many were given and do not count, by a correction.
    """

    given: int
    satisfied: int
    satisfied_share: float | None
    average_score: float | None
    by_channel: Mapping[str, int]
    of_visits: int
    excluded: int


def count_ratings(connection: Connection, scope: Scope) -> RatingTotals:
    """Counts the ratings of a scope. No list of them exists: it would tell who rated how (NĐ 118/2025, Điều 29.3)."""
    score = counted_score().label("score")
    counted = (
        select(_C.kind, _C.channel, score, func.count())
        .where(scope.in_period(_C.given_at), *_conditions(scope))
        .group_by(_C.kind, _C.channel, score)
        .order_by(_C.channel)
    )
    rows = connection.execute(counted).all()
    excluded = sum(number for _, _, points, number in rows if points is None)
    counting = [(kind, channel, points, number) for kind, channel, points, number in rows if points is not None]
    given = sum(number for *_, number in counting)
    satisfied = sum(number for _, _, points, number in counting if points >= SATISFIED_FROM)
    by_channel: dict[str, int] = {}
    for _, channel, _, number in counting:
        by_channel[channel] = by_channel.get(channel, 0) + number
    total = sum(points * number for _, _, points, number in counting)
    return RatingTotals(
        given=given,
        satisfied=satisfied,
        satisfied_share=share(satisfied, given),
        average_score=round(total / given, 2) if given else None,
        by_channel=by_channel,
        of_visits=sum(number for kind, _, _, number in counting if kind == "visit"),
        excluded=excluded,
    )


def _conditions(scope: Scope) -> list[ColumnElement[bool]]:
    """Filters by what a rating says itself; by the handling agency and the channel of filing only dossiers can be told apart."""
    found: list[ColumnElement[bool]] = []
    of_dossiers: list[ColumnElement[bool]] = []
    for name, value in scope.filters.items():
        if name in ("agency", "procedure", "field"):
            found.append(_C[name] == value)
        else:
            of_dossiers.append(dossiers.c[name] == value)
    if of_dossiers:
        found.append(_C.dossier.in_(select(dossiers.c.code).where(*of_dossiers)))
    if scope.agencies is not None:
        own = sorted(scope.agencies)
        handled = select(dossiers.c.code).where(dossiers.c.handling_agency.in_(own))
        found.append(or_(_C.agency.in_(own), _C.dossier.in_(handled)) if own else false())
    return found
