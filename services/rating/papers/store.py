"""The table of papers that were entered: which, when and by whom. What a paper is about stands in the rating alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Column, Connection, Date, Index, String, Table, bindparam, select

from services.rating.database import metadata
from services.rating.ratings.corrections import counted_score, last_corrections
from services.rating.ratings.store import ratings
from shared.persistence.sql import Moment, insert

papers = Table(
    "rating_paper",
    metadata,
    Column("agency", String(100), primary_key=True),
    Column("number", String(30), primary_key=True),
    Column("rating", String(36), nullable=False),
    Column("day", Date, nullable=False),
    Column("entered_by", String(100), nullable=False),
    Column("entered_at", Moment, nullable=False),
    Index("ix_rating_paper_entered", "agency", "entered_at"),
)

_P = papers.c


@dataclass(frozen=True, slots=True)
class EnteredPaper:
    """A paper that was entered, without what it says.

    Attributes:
        number: printed on it.
        day: the date on it.
        entered_by: subject of the clerk.
        entered_at: business time.
        counts: whether its rating counts.
    """

    number: str
    day: date
    entered_by: str
    entered_at: datetime
    counts: bool


def add_paper(
    connection: Connection, agency: str, number: str, rating: str, day: date, entered_by: str, entered_at: datetime
) -> bool:
    """Writes that a paper was entered; false if it was before."""
    values = {"agency": agency, "number": number, "rating": rating, "day": day}
    values |= {"entered_by": entered_by, "entered_at": entered_at}
    new = insert(papers, connection).values(values).on_conflict_do_nothing(index_elements=[_P.agency, _P.number])
    return connection.execute(new.returning(_P.number)).first() is not None


_RATING = select(_P.rating).where(
    _P.agency.in_(bindparam("agencies", expanding=True)), _P.number == bindparam("of_number")
)


def rating_of(connection: Connection, agencies: Collection[str], number: str) -> str | None:
    """The id of the rating on a paper; None if no such paper was entered."""
    found: str | None = connection.execute(_RATING, {"agencies": list(agencies), "of_number": number}).scalars().first()
    return found


def papers_of(connection: Connection, agencies: Collection[str], limit: int) -> list[EnteredPaper]:
    """The papers that were entered last at desks."""
    correction = last_corrections()
    found = (
        select(_P.number, _P.day, _P.entered_by, _P.entered_at, counted_score(correction).is_not(None))
        .join(ratings, ratings.c.id == _P.rating)
        .outerjoin(correction, correction.c.rating == _P.rating)
        .where(_P.agency.in_(agencies))
        .order_by(_P.entered_at.desc(), _P.number)
        .limit(limit)
    )
    return [
        EnteredPaper(number, day, by, at, bool(counts)) for number, day, by, at, counts in connection.execute(found)
    ]
