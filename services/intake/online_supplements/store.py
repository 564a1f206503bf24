"""The table of supplements that citizens send online."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Index, String, Table, delete, select, update

from services.intake.database import metadata
from services.intake.online_supplements.domain import OnlineSupplement
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

supplements = Table(
    "online_supplement",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("code", String(60), nullable=False),
    Column("of_application", Boolean, nullable=False),
    Column("owner", String(64), nullable=False),
    Column("papers", PersonalText("online_supplement.papers", row="id"), nullable=False),  # JSON
    Column("began_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("sent_at", Moment),
    Index("ix_online_supplement_code", "code"),
    Index("ix_online_supplement_changed_at", "changed_at"),
)
_C = supplements.c


def find_open(connection: Connection, code: str, of_application: bool, owner: str) -> OnlineSupplement | None:
    """What an owner has uploaded and not yet sent; None without it."""
    found = select(supplements).where(
        _C.code == code, _C.of_application == of_application, _C.owner == owner, _C.sent_at.is_(None)
    )
    row = connection.execute(found).first()
    return OnlineSupplement(*row) if row else None


def touch(work: UnitOfWork, code: str, of_application: bool, owner: str) -> str:
    """The id of what an owner is uploading; begun if need be.

    Args:
        work: the transaction that has locked the dossier or the application.
        code, of_application: of which.
        owner: as :class:`OnlineSupplement` says.
    """
    known = find_open(work.connection, code, of_application, owner)
    if known is not None:
        work.execute(update(supplements).where(_C.id == known.id).values(changed_at=work.now))
        return known.id
    id = str(uuid.uuid4())
    row: dict[str, Any] = {"id": id, "code": code, "of_application": of_application, "owner": owner, "papers": "{}"}
    row |= {"began_at": work.now, "changed_at": work.now}
    work.execute(supplements.insert(), personal_values(supplements, row))
    return id


def mark_sent(work: UnitOfWork, id: str, papers: str) -> None:
    """Notes that it was sent.

    Args:
        work: the transaction.
        id: of the supplement.
        papers: JSON: key → name.
    """
    values = personal_values(supplements, {"sent_at": work.now, "changed_at": work.now, "papers": papers}, id)
    work.execute(update(supplements).where(_C.id == id).values(values))


def sent_of_dossier(connection: Connection, code: str) -> list[OnlineSupplement]:
    """What was sent to a dossier, in order of time. What was sent to its application is among the application's papers."""
    found = select(supplements).where(_C.code == code, _C.of_application.is_(False), _C.sent_at.is_not(None))
    return [OnlineSupplement(*row) for row in connection.execute(found.order_by(_C.sent_at, _C.id))]


def unsent(connection: Connection, before: datetime, most: int) -> list[str]:
    """Ids of supplements that were not sent, and not changed since `before`."""
    found = select(_C.id).where(_C.changed_at < before, _C.sent_at.is_(None)).order_by(_C.changed_at).limit(most)
    return list(connection.execute(found).scalars())


def remove_unsent(work: UnitOfWork, id: str, before: datetime) -> bool:
    """Deletes a supplement if it was still not sent, and not changed since `before`; returns whether."""
    chosen = delete(supplements).where(_C.id == id, _C.changed_at < before, _C.sent_at.is_(None))
    return work.execute(chosen).rowcount == 1
