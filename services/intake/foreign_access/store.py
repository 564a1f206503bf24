"""The table of reasons for which dossiers were opened by others than those who work on them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Column, Connection, Index, String, Table, bindparam, or_, select

from services.intake.database import metadata
from services.intake.foreign_access.domain import ForeignAccess
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

foreign_accesses = Table(
    "foreign_access",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("at", Moment, nullable=False),
    Column("subject", String(200), nullable=False),
    Column("roles", String(100), nullable=False),
    Column("agency", String(100), nullable=False),
    Column("dossier", String(60), nullable=False),
    Column("desk", String(50), nullable=False),
    Column("reason", String(30), nullable=False),
    Column("text", PersonalText("foreign_access.text", row="id"), nullable=False),
    Index("ix_foreign_access_dossier", "dossier", "subject", "at"),
    Index("ix_foreign_access_at", "at"),
)

_C = foreign_accesses.c
_ADD = foreign_accesses.insert()
_SINCE = (
    select(_C.id)
    .where(_C.dossier == bindparam("of_dossier"), _C.subject == bindparam("by"), _C.at >= bindparam("since"))
    .limit(1)
)


def add(work: UnitOfWork, access: ForeignAccess) -> None:
    """Records that somebody opens a dossier."""
    work.execute(_ADD, personal_values(foreign_accesses, asdict(access)))


def given_since(connection: Connection, dossier: str, subject: str, since: datetime) -> bool:
    """Whether somebody has given a reason for a dossier since a moment."""
    return connection.execute(_SINCE, {"of_dossier": dossier, "by": subject, "since": since}).first() is not None


def list_of(
    connection: Connection, agencies: Collection[str] | None, begin: datetime, end: datetime, most: int
) -> list[ForeignAccess]:
    """The accesses from `begin` until before `end`, the newest first.

    Args:
        connection: any.
        agencies: only accesses to dossiers that one of them received, or by their staff; None for all.
        begin: business time.
        end: business time.
        most: maximum number of rows.
    """
    found = select(foreign_accesses).where(_C.at >= begin, _C.at < end)
    if agencies is not None:
        theirs = sorted(agencies)
        found = found.where(or_(_C.desk.in_(theirs), _C.agency.in_(theirs)))
    rows = connection.execute(found.order_by(_C.at.desc(), _C.id.desc()).limit(most))
    return [ForeignAccess(*row) for row in rows]
