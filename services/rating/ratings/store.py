"""The table of ratings. It names the dossier, never the person who rated."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import JSON, Column, Connection, Integer, String, Table, bindparam, select, update

from services.rating.database import metadata
from services.rating.invitations.store import invitations
from services.rating.ratings.domain import Rating
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment

ratings = Table(
    "rating",
    metadata,
    Column("dossier", String(100), primary_key=True),
    Column("score", Integer, nullable=False),
    Column("criteria", JSON, nullable=False),
    Column("comment", PersonalText("rating.comment", row="dossier"), nullable=False),  # it may name people
    Column("channel", String(10), nullable=False),
    Column("given_at", Moment, nullable=False),
)


def add_rating(connection: Connection, dossier: str, rating: Rating, channel: str, given_at: datetime) -> None:
    """Writes a rating that came by a channel."""
    values = {"score": rating.score, "criteria": dict(rating.criteria), "comment": rating.comment}
    row = personal_values(ratings, {"dossier": dossier, "channel": channel, "given_at": given_at, **values})
    connection.execute(ratings.insert(), row)


@dataclass(frozen=True, slots=True)
class KeptRating:
    """What is kept of the rating of a dossier.

    Attributes:
        invited_at: when the citizen was invited to rate.
        expires_at: until when the invitation is open.
        given_at: None if nobody rated.
        score, criteria, comment: as in :class:`services.rating.ratings.domain.Rating`; None if nobody rated.
    """

    invited_at: datetime
    expires_at: datetime
    given_at: datetime | None
    score: int | None
    criteria: dict[str, int] | None
    comment: str | None


_C = ratings.c
_KEPT = (
    select(invitations.c.invited_at, invitations.c.expires_at, _C.given_at, _C.score, _C.criteria, _C.comment)
    .select_from(invitations.outerjoin(ratings, _C.dossier == invitations.c.dossier))
    .where(invitations.c.dossier == bindparam("of_dossier"))
)


def kept_rating(connection: Connection, dossier: str) -> KeptRating | None:
    """What is kept of the rating of a dossier; None if nobody was invited to rate it. For the applicant alone."""
    row = connection.execute(_KEPT, {"of_dossier": dossier}).first()
    return None if row is None else KeptRating(*row)


def erase_comment(connection: Connection, dossier: str) -> None:
    """Erases what the citizen wrote."""
    empty = personal_values(ratings, {"comment": ""}, dossier)
    connection.execute(update(ratings).where(_C.dossier == dossier).values(empty))
