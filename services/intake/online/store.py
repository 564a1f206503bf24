"""The table of drafts. Answers are personal data that nobody at the desk may read yet."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Index, String, Table, delete, func, select, update

from services.intake.database import metadata
from services.intake.online.domain import Answers, Draft, UnknownDraft
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

drafts = Table(
    "online_draft",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("procedure", String(50), nullable=False),
    Column("answers", PersonalText("online_draft.answers", row="id"), nullable=False),  # JSON
    Column("began_at", Moment, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("submitted_at", Moment),
    Index("ix_online_draft_owner", "owner", "changed_at"),
    Index("ix_online_draft_changed_at", "changed_at"),
)


def add(work: UnitOfWork, draft: Draft) -> None:
    """Stores a new draft."""
    row: dict[str, Any] = {"id": draft.id, "owner": draft.owner, "procedure": draft.procedure}
    row |= {"answers": _json(draft.answers), "began_at": draft.changed_at, "changed_at": draft.changed_at}
    work.execute(drafts.insert(), personal_values(drafts, row))


def get(connection: Connection, owner: str, id: str, lock: bool = False) -> Draft:
    """A draft of a citizen, optionally locked until the transaction ends.

    Raises:
        UnknownDraft: there is none, or it is another citizen's.
    """
    found = select(drafts).where(drafts.c.id == id, drafts.c.owner == owner)
    row = connection.execute(found.with_for_update() if lock else found).one_or_none()
    if row is None:
        raise UnknownDraft(id)
    return _draft(row)


def find(connection: Connection, id: str, lock: bool = False) -> Draft | None:
    """A draft whoever owns it, optionally locked until the transaction ends; None where there is none."""
    found = select(drafts).where(drafts.c.id == id)
    row = connection.execute(found.with_for_update() if lock else found).one_or_none()
    return _draft(row) if row else None


def of_owner(connection: Connection, owner: str) -> list[Draft]:
    """A citizen's drafts, the one that was changed last first."""
    found = select(drafts).where(drafts.c.owner == owner).order_by(drafts.c.changed_at.desc(), drafts.c.id)
    return [_draft(row) for row in connection.execute(found)]


def count_open(connection: Connection, owner: str) -> int:
    """How many drafts a citizen has that are not submitted."""
    found = select(func.count()).where(drafts.c.owner == owner, drafts.c.submitted_at.is_(None))
    return connection.execute(found).scalar_one()


def save(work: UnitOfWork, draft: Draft, answers: Answers) -> None:
    """Keeps a draft's new answers."""
    values = personal_values(drafts, {"answers": _json(answers), "changed_at": work.now}, draft.id)
    work.execute(update(drafts).where(drafts.c.id == draft.id).values(values))


def mark_submitted(work: UnitOfWork, draft: Draft) -> None:
    """Notes that a draft has become an application, whose submission has the draft's id."""
    work.execute(update(drafts).where(drafts.c.id == draft.id).values(submitted_at=work.now, changed_at=work.now))


def remove(work: UnitOfWork, draft: Draft) -> None:
    """Deletes a draft."""
    work.execute(delete(drafts).where(drafts.c.id == draft.id))


def expired(connection: Connection, before: datetime, most: int) -> list[str]:
    """Ids of drafts that nobody has changed since `before`, submitted or not."""
    found = select(drafts.c.id).where(drafts.c.changed_at < before).order_by(drafts.c.changed_at).limit(most)
    return list(connection.execute(found).scalars())


def remove_by_id(work: UnitOfWork, id: str, before: datetime) -> int:
    """Deletes a draft if it was still not changed since `before`; returns how many."""
    return work.execute(delete(drafts).where(drafts.c.id == id, drafts.c.changed_at < before)).rowcount


def _draft(row: Any) -> Draft:
    answers = Answers.from_dict(orjson.loads(row.answers))
    return Draft(row.id, row.owner, row.procedure, answers, row.changed_at, row.submitted_at)


def _json(answers: Answers) -> str:
    return orjson.dumps(answers.as_dict()).decode()


def is_submitted(connection: Connection, id: str) -> bool:
    """Whether a draft has become an application; locks it until the transaction ends."""
    found = select(drafts.c.submitted_at).where(drafts.c.id == id).with_for_update()
    return connection.execute(found).scalar() is not None
