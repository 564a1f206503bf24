"""The tables and queries of rating's own database. Of a token only its digest is kept; who rated is shown to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Connection, Integer, String, Table, Text, bindparam, select, update

from services.rating.database import metadata
from services.rating.ratings.domain import Invitation, Rating
from shared.persistence.sql import Moment, insert

invitations = Table(
    "invitation",
    metadata,
    Column("dossier", String(100), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("procedure", String(50), nullable=False),
    Column("field", String(100), nullable=False),
    Column("agency", String(100), nullable=False),
    Column("invited_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

ratings = Table(
    "rating",
    metadata,
    Column("dossier", String(100), primary_key=True),
    Column("score", Integer, nullable=False),
    Column("criteria", JSON, nullable=False),
    Column("comment", Text, nullable=False),
    Column("given_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class RatedDossier:
    """What a rating is about."""

    dossier: str
    procedure: str
    field: str
    agency: str


_FIND = select(invitations.c.dossier, invitations.c.expires_at, invitations.c.used_at).where(
    invitations.c.token_hash == bindparam("hash")
)
_USE = (
    update(invitations)
    .where(
        invitations.c.token_hash == bindparam("hash"),
        invitations.c.used_at.is_(None),
        invitations.c.expires_at > bindparam("now"),
    )
    .values(used_at=bindparam("now"))
    .returning(invitations.c.dossier, invitations.c.procedure, invitations.c.field, invitations.c.agency)
)


def add_invitation(connection: Connection, invitation: Mapping[str, Any]) -> bool:
    """Writes an invitation; false when the dossier has one."""
    new = (
        insert(invitations, connection)
        .values(invitation)
        .on_conflict_do_nothing(index_elements=[invitations.c.dossier])
    )
    return connection.execute(new.returning(invitations.c.dossier)).first() is not None


def find_invitation(connection: Connection, hash_: str) -> Invitation | None:
    """The invitation under a token's digest."""
    row = connection.execute(_FIND, {"hash": hash_}).first()
    return Invitation(*row) if row else None


def use_invitation(connection: Connection, hash_: str, now: datetime) -> RatedDossier | None:
    """Uses an invitation up, by compare-and-set: of several at the same time one succeeds.

    Returns:
        what the rating is about; None when there is no open invitation under this digest.
    """
    row = connection.execute(_USE, {"hash": hash_, "now": now}).first()
    return RatedDossier(*row) if row else None


def add_rating(connection: Connection, dossier: str, rating: Rating, given_at: datetime) -> None:
    """Writes a rating."""
    values = {"score": rating.score, "criteria": dict(rating.criteria), "comment": rating.comment}
    connection.execute(ratings.insert(), {"dossier": dossier, "given_at": given_at, **values})
