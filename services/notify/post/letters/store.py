"""The table of letters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Index, Integer, String, Table, Text, func, select, update

from services.notify.database import metadata
from services.notify.post.letters.domain import TRANSITIONS, Letter, LetterState
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment

letters = Table(
    "letter",
    metadata,
    Column("id", String(36), primary_key=True),  # of the delivery
    Column("number", String(120), nullable=False),
    Column("reference", String(130), nullable=False, unique=True),  # what receipts name
    Column("provider", String(40), nullable=False),  # under whose name receipts are recorded
    Column("agency", String(100), nullable=False),
    Column("dossier", String(100), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("language", String(2), nullable=False),
    Column("contents", PersonalText("letter.contents", row="id"), nullable=False),  # JSON; empty: erased
    Column("state", String(10), nullable=False),
    Column("pages", Integer, nullable=False),
    Column("grams", Integer, nullable=False),  # of its weight class
    Column("fee", Integer, nullable=False),  # VND
    Column("queued_at", Moment, nullable=False),
    Column("batch", String(36), index=True),
    Column("changed_at", Moment, nullable=False),
    Column("changed_by", String(200), nullable=False),  # empty: the platform or the post
    Column("reason", Text, nullable=False),  # of a return or loss
    Index("ix_letter_waiting", "agency", "state", "queued_at"),
    Index("ix_letter_dossier", "dossier"),
)
CONTENTS = ("name", "address", "subject", "body")


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter as it is kept; `contents` is empty once they were erased."""

    id: str
    number: str
    reference: str
    provider: str
    agency: str
    dossier: str
    kind: str
    language: str
    contents: str
    state: str
    pages: int
    grams: int
    fee: int
    queued_at: datetime
    batch: str | None
    changed_at: datetime
    reason: str

    @property
    def letter(self) -> Letter | None:
        """What it says; None once its contents were erased."""
        if not self.contents:
            return None
        said: dict[str, Any] = orjson.loads(self.contents)
        return Letter(
            id=self.id,
            number=self.number,
            agency=self.agency,
            dossier=self.dossier,
            kind=self.kind,
            language=self.language,
            name=tuple(said["name"]),
            address=tuple(said["address"]),
            subject=said["subject"],
            body=said["body"],
            queued_at=self.queued_at,
        )


_COLUMNS = [letters.c[field.name] for field in fields(LetterRow)]


def contents_of(letter: Letter) -> str:
    """The personal part of a letter as JSON."""
    return orjson.dumps({name: getattr(letter, name) for name in CONTENTS}).decode()


def add(connection: Connection, row: LetterRow) -> None:
    """Adds a letter."""
    values = asdict(row) | {"changed_by": ""}
    connection.execute(letters.insert(), personal_values(letters, values))


def find(connection: Connection, id: str) -> LetterRow | None:
    """The letter of a delivery; None if there is none."""
    row = connection.execute(select(*_COLUMNS).where(letters.c.id == id)).first()
    return None if row is None else LetterRow(*row)


def lock(connection: Connection, *, id: str = "", reference: str = "") -> LetterRow | None:
    """A letter by its id or reference, locked until the transaction ends."""
    wanted = letters.c.id == id if id else letters.c.reference == reference
    row = connection.execute(select(*_COLUMNS).where(wanted).with_for_update()).first()
    return None if row is None else LetterRow(*row)


def reference_known(connection: Connection, id: str) -> str | None:
    """The reference of the letter of a delivery; None if there is none yet."""
    return connection.execute(select(letters.c.reference).where(letters.c.id == id)).scalar_one_or_none()


def change_state(connection: Connection, row: LetterRow, state: LetterState, at: datetime, **values: Any) -> bool:
    """Moves a locked letter to a state; false where the table of states does not allow it."""
    if state not in TRANSITIONS[LetterState(row.state)]:
        return False
    connection.execute(update(letters).where(letters.c.id == row.id).values(state=state, changed_at=at, **values))
    return True


def lock_waiting(connection: Connection, agency: str, until: datetime | None, most: int) -> list[str]:
    """The ids of the letters of an agency that wait, the oldest first, locked until the transaction ends.

    Args:
        connection: inside a transaction.
        agency: its code.
        until: only those queued until then; None for all.
        most: how many at most.
    """
    wanted = [letters.c.agency == agency, letters.c.state == LetterState.WAITING]
    if until is not None:
        wanted.append(letters.c.queued_at <= until)
    found = select(letters.c.id).where(*wanted).order_by(letters.c.queued_at, letters.c.id).limit(most)
    return list(connection.execute(found.with_for_update()).scalars())


def put_into_batch(connection: Connection, ids: Sequence[str], batch: str, at: datetime, by: str) -> None:
    """Puts waiting letters into a batch."""
    mine = (letters.c.id.in_(ids), letters.c.state == LetterState.WAITING)
    values = {"batch": batch, "state": LetterState.BATCHED, "changed_at": at, "changed_by": by}
    connection.execute(update(letters).where(*mine).values(**values))


def waiting(connection: Connection, agencies: Collection[str], limit: int) -> list[LetterRow]:
    """Letters of some agencies that wait for a batch, the oldest first."""
    mine = (letters.c.agency.in_(agencies), letters.c.state == LetterState.WAITING)
    found = select(*_COLUMNS).where(*mine).order_by(letters.c.agency, letters.c.queued_at, letters.c.id).limit(limit)
    return [LetterRow(*row) for row in connection.execute(found)]


def agencies_waiting(connection: Connection) -> list[tuple[str, int, datetime]]:
    """Agencies with letters that wait: code, how many, and when the oldest was queued."""
    oldest = func.min(letters.c.queued_at, type_=Moment())
    found = select(letters.c.agency, func.count(), oldest).where(letters.c.state == LetterState.WAITING)
    return [(agency, count, at) for agency, count, at in connection.execute(found.group_by(letters.c.agency))]


def of_batch(connection: Connection, batch: str) -> list[LetterRow]:
    """The letters of a batch in the order in which they are printed."""
    found = select(*_COLUMNS).where(letters.c.batch == batch).order_by(letters.c.queued_at, letters.c.id)
    return [LetterRow(*row) for row in connection.execute(found)]


def erase_letters(connection: Connection, dossier: str) -> None:
    """Erases what the letters of a dossier said, and their addresses; that and when they were sent stays known."""
    empty = personal_values(letters, {"contents": ""}, dossier)
    connection.execute(update(letters).where(letters.c.dossier == dossier).values(empty))
