"""The table of invitations. Of a token only its digest is stored."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Column, Connection, String, Table, bindparam, select, update

from services.rating.database import metadata
from services.rating.invitations.domain import Invitation, RatedDossier
from shared.persistence.sql import Moment, Upsert

invitations = Table(
    "invitation",
    metadata,
    Column("dossier", String(100), primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("procedure", String(50), nullable=False),
    Column("field", String(100), nullable=False),
    Column("agency", String(100), nullable=False),
    Column("form", String(50), nullable=False),  # version of the form
    Column("invited_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)

_INVITATION = tuple(invitations.c[field.name] for field in fields(Invitation))
_SUBJECT = tuple(invitations.c[field.name] for field in fields(RatedDossier))
_FIND = select(*_INVITATION).where(invitations.c.token_hash == bindparam("hash"))
_FIND_OF = select(*_INVITATION).where(invitations.c.dossier == bindparam("of_dossier"))
_RATED = select(*_SUBJECT).where(invitations.c.dossier == bindparam("of_dossier"))
_USE_OPEN = (
    update(invitations)
    .where(invitations.c.used_at.is_(None), invitations.c.expires_at > bindparam("now"))
    .values(used_at=bindparam("now"))
    .returning(*_SUBJECT)
)
_USE = _USE_OPEN.where(invitations.c.token_hash == bindparam("hash"))
_USE_OF = _USE_OPEN.where(invitations.c.dossier == bindparam("of_dossier"))
_ADD = Upsert(
    invitations,
    lambda row: row.on_conflict_do_nothing(index_elements=[invitations.c.dossier]).returning(invitations.c.dossier),
)
_REPLACE = (
    update(invitations)
    .where(
        invitations.c.dossier == bindparam("of_dossier"),
        invitations.c.used_at.is_(None),
        invitations.c.expires_at > bindparam("now"),
    )
    .values(token_hash=bindparam("hash"))
    .returning(invitations.c.expires_at)
)


def add_invitation(
    connection: Connection, rated: RatedDossier, hash_: str, invited_at: datetime, expires_at: datetime
) -> bool:
    """Writes an invitation; false if the dossier already has one."""
    values = asdict(rated) | {"token_hash": hash_, "invited_at": invited_at, "expires_at": expires_at}
    return connection.execute(_ADD.on(connection), values).first() is not None


def rated_dossier(connection: Connection, dossier: str) -> RatedDossier | None:
    """What a dossier's invitation is about; None if it has none."""
    row = connection.execute(_RATED, {"of_dossier": dossier}).first()
    return RatedDossier(*row) if row else None


def find_invitation(connection: Connection, hash_: str) -> Invitation | None:
    """The invitation of a token, by the token's digest."""
    row = connection.execute(_FIND, {"hash": hash_}).first()
    return Invitation(*row) if row else None


def find_invitation_of(connection: Connection, dossier: str) -> Invitation | None:
    """The invitation to rate a dossier; None if its result was not handed over."""
    row = connection.execute(_FIND_OF, {"of_dossier": dossier}).first()
    return Invitation(*row) if row else None


def use_invitation(connection: Connection, hash_: str, now: datetime) -> RatedDossier | None:
    """Marks an open invitation as used, in one statement: of several concurrent requests one succeeds.

    Returns:
        the dossier to rate; None if no open invitation has this digest.
    """
    row = connection.execute(_USE, {"hash": hash_, "now": now}).first()
    return RatedDossier(*row) if row else None


def use_invitation_of(connection: Connection, dossier: str, now: datetime) -> RatedDossier | None:
    """Marks the open invitation of a dossier as used, in one statement.

    Returns:
        the dossier to rate; None if it has no open invitation.
    """
    row = connection.execute(_USE_OF, {"of_dossier": dossier, "now": now}).first()
    return RatedDossier(*row) if row else None


def replace_token(connection: Connection, dossier: str, hash_: str, now: datetime) -> datetime | None:
    """Gives a dossier's open invitation another token; returns until when it is open, None if there is none."""
    found: datetime | None = connection.execute(
        _REPLACE, {"of_dossier": dossier, "hash": hash_, "now": now}
    ).scalar_one_or_none()
    return found
