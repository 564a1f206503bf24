"""The table of drafts: at most one for each procedure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Integer, String, Table, Text, bindparam, delete, select, update

from services.intake.database import metadata
from shared.persistence.sql import Moment, insert

drafts = Table(
    "procedure_draft",
    metadata,
    Column("code", String(50), primary_key=True),
    Column("number", Integer, nullable=False),  # of the change; a form that was made from an older one is refused
    Column("based_on", Integer, nullable=False),  # the newest version when the draft was saved
    Column("definition", Text, nullable=False),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", String(200), nullable=False),
)

_ONE = select(drafts).where(drafts.c.code == bindparam("of_code"))


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft of a procedure; members as the columns."""

    code: str
    number: int
    based_on: int
    definition: str
    changed_at: datetime
    changed_by: str


def get(connection: Connection, code: str) -> Draft | None:
    """The draft of a procedure; None when there is none."""
    row = connection.execute(_ONE, {"of_code": code}).one_or_none()
    return None if row is None else Draft(*row)


def write(connection: Connection, draft: Draft) -> bool:
    """Stores a draft over the one with the number before it; number 1 is a new draft.

    Returns:
        whether that was still the draft; otherwise nothing is changed.
    """
    values = {
        "number": draft.number,
        "based_on": draft.based_on,
        "definition": draft.definition,
        "changed_at": draft.changed_at,
        "changed_by": draft.changed_by,
    }
    if draft.number == 1:
        statement = insert(drafts, connection).values(code=draft.code, **values)
        added = statement.on_conflict_do_nothing().returning(drafts.c.code)
        return connection.execute(added).scalar_one_or_none() is not None
    older = (drafts.c.code == draft.code) & (drafts.c.number == draft.number - 1)
    return connection.execute(update(drafts).where(older).values(**values)).rowcount == 1


def drop(connection: Connection, code: str, number: int) -> bool:
    """Deletes a draft if it still has this number; returns whether it had."""
    found = (drafts.c.code == code) & (drafts.c.number == number)
    return connection.execute(delete(drafts).where(found)).rowcount == 1
