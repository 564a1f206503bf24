"""The tables of ratings, of the officials whom they are about, and of corrections. None tells who has rated."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    bindparam,
    select,
    update,
)

from services.rating.database import metadata
from services.rating.invitations.store import invitations
from services.rating.officials.domain import Part
from services.rating.ratings.domain import NewRating
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment, Upsert, WithList
from shared.persistence.unit_of_work import UnitOfWork

ratings = Table(
    "rating",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("dossier", String(100), unique=True),
    Column("agency", String(100), nullable=False),
    Column("procedure", String(50)),
    Column("field", String(100)),
    Column("counter", Integer),
    Column("form", String(50), nullable=False),  # version of the form
    Column("score", Integer, nullable=False),  # as given; see the corrections
    Column("criteria", JSON, nullable=False),
    Column("courtesy", JSON, nullable=False),
    Column("comment", PersonalText("rating.comment", row="id"), nullable=False),  # it may name people
    Column("channel", String(10), nullable=False),
    Column("entered_by", String(100)),
    Column("given_at", Moment, nullable=False),
    Index("ix_rating_agency", "agency", "given_at"),
)

rating_officials = Table(
    "rating_official",
    metadata,
    Column("rating", String(36), primary_key=True),
    Column("official", String(100), primary_key=True),
    Column("part", String(10), primary_key=True),
    Index("ix_rating_official_official", "official"),
)

rating_corrections = Table(
    "rating_correction",  # only appended; the last one says what counts
    metadata,
    Column("id", String(36), primary_key=True),
    Column("rating", String(36), nullable=False),
    Column("score", Integer),  # None: the rating does not count
    Column("reason", Text, nullable=False),  # of the staff, in words
    Column("corrected_by", String(100), nullable=False),
    Column("corrected_at", Moment, nullable=False),
    Index("ix_rating_correction_rating", "rating"),
)

_C = ratings.c
_COMPARED = (
    *("kind", "dossier", "agency", "procedure", "field", "counter"),
    *("score", "criteria", "courtesy", "comment", "channel", "entered_by"),
)
"""What the same rating, sent again, has in common with what is known."""
_KNOWN = select(*(_C[name] for name in _COMPARED)).where(_C.id == bindparam("of_id"))
_ADD = Upsert(ratings, lambda row: row.on_conflict_do_nothing().returning(_C.id))
_ADD_OFFICIAL = Upsert(rating_officials, lambda row: row.on_conflict_do_nothing())
_LOCK_INVITATIONS = WithList(
    lambda among: (
        select(invitations.c.dossier)
        .where(among(invitations.c.dossier, "dossiers"))
        .order_by(invitations.c.dossier)
        .with_for_update()
    )
)
_RATED = WithList(lambda among: select(_C.dossier, _C.id).where(among(_C.dossier, "dossiers")))


def add_rating(connection: Connection, new: NewRating, form: str) -> bool:
    """Writes a rating; false if its id or its dossier is known.

    Args:
        connection: inside a transaction.
        new: the rating.
        form: version of the form by which it was given.
    """
    values = _row(new) | {"id": new.id, "form": form, "given_at": new.given_at}
    return connection.execute(_ADD.on(connection), personal_values(ratings, values)).first() is not None


def is_same(connection: Connection, new: NewRating) -> bool | None:
    """Whether what is known under a rating's id is this rating; None if nothing is. An erased comment is like any."""
    known = connection.execute(_KNOWN, {"of_id": new.id}).mappings().first()
    if known is None:
        return None
    given = _row(new) | ({} if known["comment"] else {"comment": ""})
    return dict(known) == given


def _row(new: NewRating) -> dict[str, Any]:
    rating = new.rating
    said = {"score": rating.score, "criteria": dict(rating.criteria), "courtesy": dict(rating.courtesy)}
    about = ("kind", "dossier", "agency", "procedure", "field", "counter", "channel", "entered_by")
    return {name: getattr(new, name) for name in about} | said | {"comment": rating.comment}


def add_rating_officials(work: UnitOfWork, rating: str, parts: Iterable[Part]) -> None:
    """Writes whom a rating is about, with all that is deferred; those that are known stay."""
    for one in parts:
        work.defer(_ADD_OFFICIAL.on(work.connection), {"rating": rating, "official": one.official, "part": one.part})


def ratings_of(work: UnitOfWork, dossiers: Iterable[str]) -> dict[str, str]:
    """Dossier → its rating, where there is one. No other is rated from now on before the transaction ends.

    Who rates holds the invitation's row, so that of a rating and an event at the same moment one sees the other. Nobody rates without one.
    """
    invited = list(work.execute(_LOCK_INVITATIONS.on(work.connection), {"dossiers": sorted(dossiers)}).scalars())
    if not invited:
        return {}
    found: dict[str, str] = dict(work.connection.execute(_RATED.on(work.connection), {"dossiers": invited}).all())
    return found


def is_about(connection: Connection, rating: str, official: str) -> bool:
    """Whether an official had a part in what was rated."""
    of = rating_officials.c
    found = select(of.rating).where(of.rating == rating, of.official == official).limit(1)
    return connection.execute(found).first() is not None


@dataclass(frozen=True, slots=True)
class KeptRating:
    """What is kept of the rating of a dossier.

    Attributes:
        invited_at: when the citizen was invited to rate.
        expires_at: until when the invitation is open.
        form: version of the form by which the dossier is rated.
        given_at: None if nobody rated.
        score, criteria, courtesy, comment: as in :class:`services.rating.ratings.domain.Rating`; None if nobody rated.
    """

    invited_at: datetime
    expires_at: datetime
    form: str
    given_at: datetime | None
    score: int | None
    criteria: dict[str, int] | None
    courtesy: dict[str, bool] | None
    comment: str | None


_ASKED = (invitations.c.invited_at, invitations.c.expires_at, invitations.c.form)
_KEPT = (
    select(*_ASKED, _C.given_at, _C.score, _C.criteria, _C.courtesy, _C.comment)
    .select_from(invitations.outerjoin(ratings, _C.dossier == invitations.c.dossier))
    .where(invitations.c.dossier == bindparam("of_dossier"))
)


def kept_rating(connection: Connection, dossier: str) -> KeptRating | None:
    """What is kept of the rating of a dossier; None if nobody was invited to rate it. For the applicant alone."""
    row = connection.execute(_KEPT, {"of_dossier": dossier}).first()
    return None if row is None else KeptRating(*row)


def erase_comment(connection: Connection, dossier: str) -> None:
    """Erases what the citizen wrote."""
    empty = personal_values(ratings, {"comment": ""}, "")  # the empty text is the same in every row
    connection.execute(update(ratings).where(_C.dossier == dossier).values(empty))
