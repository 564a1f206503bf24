"""The table of ratings. It names the dossier, never the person who rated."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Column, Connection, Integer, String, Table, Text

from services.rating.database import metadata
from services.rating.ratings.domain import Rating
from shared.persistence.sql import Moment

ratings = Table(
    "rating",
    metadata,
    Column("dossier", String(100), primary_key=True),
    Column("score", Integer, nullable=False),
    Column("criteria", JSON, nullable=False),
    Column("comment", Text, nullable=False),
    Column("given_at", Moment, nullable=False),
)


def add_rating(connection: Connection, dossier: str, rating: Rating, given_at: datetime) -> None:
    """Writes a rating."""
    values = {"score": rating.score, "criteria": dict(rating.criteria), "comment": rating.comment}
    connection.execute(ratings.insert(), {"dossier": dossier, "given_at": given_at, **values})
