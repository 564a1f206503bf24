"""Corrections of ratings: they append, and what was given is kept. The last correction says what counts."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Subquery, case, func, select

from services.rating.ratings.store import rating_corrections, ratings
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork


class UnknownRating(LookupError):
    """There is no rating of this id."""


def correct_rating(work: UnitOfWork, rating: str, score: int | None, reason: str, by: str) -> None:
    """Says that a rating counts with another score, or not at all.

    Args:
        work: the transaction.
        rating: its id.
        score: 1 to 5; None: it does not count.
        reason: in words, without personal data.
        by: subject of who decides.

    Raises:
        UnknownRating: there is no such rating.
    """
    found = select(ratings.c.id).where(ratings.c.id == rating).with_for_update()
    if work.execute(found).first() is None:
        raise UnknownRating(rating)
    row = {"id": new_id(), "rating": rating, "score": score, "reason": reason, "corrected_by": by}
    work.execute(rating_corrections.insert().values(row | {"corrected_at": work.now}))
    work.emit("rating.corrected", {"rating": rating, "score": score, "corrected_at": work.now})


def last_corrections() -> Subquery:
    """The last correction of each corrected rating, with `rating` and `score`."""
    c = rating_corrections.c
    place = func.row_number().over(partition_by=c.rating, order_by=(c.corrected_at.desc(), c.id.desc()))
    ranked = select(c.rating, c.score, place.label("place")).subquery()
    return select(ranked.c.rating, ranked.c.score).where(ranked.c.place == 1).subquery("last_correction")


def counted_score(correction: Subquery) -> ColumnElement[int]:
    """The score with which a rating counts; NULL if it does not. Outer-join the corrections on the rating's id.

    Args:
        correction: from :func:`last_corrections`.
    """
    return case((correction.c.rating.is_(None), ratings.c.score), else_=correction.c.score)
