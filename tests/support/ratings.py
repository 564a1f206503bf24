"""Ratings at a desk, so that each page of scores shows something."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from services.rating.ratings.commands import keep_rating
from services.rating.ratings.domain import NewRating, Rating
from services.rating.scores.flags.commands import find_flags
from services.rating.scores.flags.store import flags
from services.rating.scores.periods import MONTH, QUARTER, before, period_of
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context


def rate_something(context: Context, desk: str, official: str) -> str:
    """Keeps ratings of the last quarter, of the last month and of today, fast enough to be a streak.

    Args:
        context: rating's.
        desk: that is rated.
        official: subject of an official of it.

    Returns:
        the id of the streak's flag.
    """
    now = context.clock.now()
    today = now.astimezone(VIETNAM).date()
    quarter, month = (before(period_of(kind, today)).begins + timedelta(days=3, hours=9) for kind in (QUARTER, MONTH))
    said = {"greeting": True, "thanks": True, "apology": False}
    full = Rating(4, {"time": 5, "attitude": 4}, "Cán bộ hướng dẫn tận tình.", said)

    def keep(work: UnitOfWork, rating: Rating, at: datetime, number: int, apart: timedelta) -> None:
        for place in range(number):
            one = NewRating(
                new_id(),
                "visit",
                desk,
                rating,
                "device",
                at + place * apart,
                counter=1,
                official=official,
                procedure="2.000815",
            )
            keep_rating(work, one)

    def work(unit: UnitOfWork) -> None:
        keep(unit, full, quarter, 31, timedelta(minutes=30))
        keep(unit, full, month, 12, timedelta(minutes=30))
        keep(unit, Rating(5), now - timedelta(minutes=5), 7, timedelta(seconds=20))

    context.store.run(work)
    find_flags(context)
    with context.store.read() as connection:
        return str(connection.execute(select(flags.c.id).where(flags.c.agency == desk)).scalars().first())
