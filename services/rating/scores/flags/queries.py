"""What the search for unusual ratings reads, and whom a flag is about."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from services.rating.ratings.corrections import counted_score, last_corrections
from services.rating.ratings.store import rating_officials, ratings
from services.rating.scores.flags.domain import WITH_A_MOMENT, CounterRating, Satisfied
from services.rating.scores.flags.store import Flag, flag_ratings

_C, _O = ratings.c, rating_officials.c


def counter_ratings(connection: Connection, since: datetime) -> list[CounterRating]:
    """Ratings at counters since a moment, also those that do not count: a streak is one whatever was decided."""
    names = ("id", "agency", "counter", "score", "given_at")
    found = select(*(_C[name] for name in names)).where(
        _C.given_at >= since, _C.counter.is_not(None), _C.channel.in_(WITH_A_MOMENT)
    )
    return [CounterRating(*row) for row in connection.execute(found)]


def satisfied_by_official(
    connection: Connection, since: datetime, split: datetime, until: datetime, satisfied_from: int
) -> dict[tuple[str, str], tuple[Satisfied, Satisfied]]:
    """(agency, official) → how many were satisfied from `split` on, and before it.

    Args:
        connection: reads.
        since, split, until: `until` is not part of it.
        satisfied_from: the lowest score that counts as satisfied.
    """
    correction = last_corrections()
    score = counted_score(correction)
    parts = select(_O.rating, _O.official).distinct().subquery()
    late = _C.given_at >= split
    found: Select[Any] = (
        select(
            _C.agency,
            parts.c.official,
            *(
                _sum(when & (score >= satisfied_from)) if part else _sum(when)
                for when in (late, ~late)
                for part in (1, 0)
            ),
        )
        .select_from(ratings.outerjoin(correction, correction.c.rating == _C.id))
        .join(parts, parts.c.rating == _C.id)
        .where(_C.given_at >= since, _C.given_at < until, score.is_not(None))
        .group_by(_C.agency, parts.c.official)
    )
    return {
        (agency, official): (Satisfied(int(new), int(all_new)), Satisfied(int(old), int(all_old)))
        for agency, official, new, all_new, old, all_old in connection.execute(found)
    }


def ratings_in(connection: Connection, flag: Flag) -> list[str]:
    """The ids of the ratings that a flag about an official is about."""
    about = select(_O.rating).where(_O.official == flag.official)
    found = select(_C.id).where(
        _C.agency == flag.agency, _C.given_at >= flag.begins, _C.given_at < flag.ends, _C.id.in_(about)
    )
    return list(connection.execute(found).scalars())


def is_about(connection: Connection, flag: Flag, subject: str) -> bool:
    """Whether a flag is about ratings of an official."""
    if flag.official:
        return flag.official == subject
    found = (
        select(_O.official)
        .join(flag_ratings, flag_ratings.c.rating == _O.rating)
        .where(flag_ratings.c.flag == flag.id, _O.official == subject)
        .limit(1)
    )
    return connection.execute(found).first() is not None


def counted_scores(connection: Connection, ids: list[str]) -> dict[str, int]:
    """Rating → the score with which it counts now; those that do not count are left out."""
    correction = last_corrections()
    score = counted_score(correction)
    joined = ratings.outerjoin(correction, correction.c.rating == _C.id)
    found = select(_C.id, score).select_from(joined).where(_C.id.in_(ids), score.is_not(None))
    return {rating: int(value) for rating, value in connection.execute(found)}


def _sum(when: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((when, 1), else_=0))
