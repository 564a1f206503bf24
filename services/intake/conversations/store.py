"""The tables of conversations: entries, which are never changed, and which of them wait for whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, String, Table, delete, func, select

from services.intake.conversations.domain import Audience, Entry, Kind, Waiting
from services.intake.database import metadata
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

entries = Table(
    "conversation_entry",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("dossier", String(60), nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("author", String(200), nullable=False),
    Column("agency", String(50), nullable=False),
    Column("refers_to", String(36)),
    Column("audience", String(10), nullable=False),
    Column("happened_at", Moment),
    Column("text", PersonalText("conversation_entry.text", row="id"), nullable=False),
    Index("ix_conversation_entry_dossier", "dossier", "at", "id"),
)

waiting = Table(
    "conversation_waiting",  # entries that somebody must answer or read
    metadata,
    Column("entry", String(36), primary_key=True),
    Column("dossier", String(60), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("agency", String(50), nullable=False),
    Column("asked_by", String(50), nullable=False),
    Column("since", Moment, nullable=False),
    Index("ix_conversation_waiting_agency", "agency", "since", "entry"),
    Index("ix_conversation_waiting_dossier", "dossier"),
)

_E, _W = entries.c, waiting.c


def add(work: UnitOfWork, entry: Entry) -> None:
    """Writes an entry."""
    work.execute(entries.insert(), personal_values(entries, asdict(entry)))


def find(connection: Connection, dossier: str, id: str) -> Entry | None:
    """An entry of a dossier; None if it has none of this id."""
    row = connection.execute(select(entries).where(_E.id == id, _E.dossier == dossier)).first()
    return _entry(row) if row else None


def entries_of(connection: Connection, dossier: str, for_citizen: bool = False) -> list[Entry]:
    """A dossier's entries in order of time: all, or those that the citizen reads."""
    found = select(entries).where(_E.dossier == dossier)
    found = found.where(_E.audience == str(Audience.CITIZEN)) if for_citizen else found
    return [_entry(row) for row in connection.execute(found.order_by(_E.at, _E.id))]


def questions_since(connection: Connection, dossier: str, since: datetime) -> int:
    """How many questions the citizen has asked since a moment."""
    found = select(func.count()).where(_E.dossier == dossier, _E.at >= since, _E.kind == str(Kind.QUESTION))
    return int(connection.execute(found).scalar_one())


def wait(work: UnitOfWork, one: Waiting) -> None:
    """Notes that an entry waits for somebody."""
    work.execute(waiting.insert(), asdict(one))


def done(work: UnitOfWork, entry: str) -> bool:
    """Notes that an entry waits no more; False if it did not."""
    return work.execute(delete(waiting).where(_W.entry == entry)).rowcount == 1


def waiting_of(connection: Connection, dossier: str) -> list[Waiting]:
    """What waits in a dossier, the oldest first."""
    rows = connection.execute(select(waiting).where(_W.dossier == dossier).order_by(_W.since, _W.entry))
    return [_waiting(row) for row in rows]


def waiting_at(connection: Connection, agencies: Collection[str], most: int) -> list[Waiting]:
    """What waits for some agencies, the oldest first."""
    found = select(waiting).where(_W.agency.in_(sorted(agencies))).order_by(_W.since, _W.entry).limit(most)
    return [_waiting(row) for row in connection.execute(found)]


def erase(work: UnitOfWork, dossier: str) -> None:
    """Erases the conversation of a dossier."""
    work.execute(delete(entries).where(_E.dossier == dossier))
    work.execute(delete(waiting).where(_W.dossier == dossier))


def _entry(row: Any) -> Entry:
    id, dossier, at, kind, author, agency, refers_to, audience, happened_at, text = row
    return Entry(id, dossier, at, Kind(kind), author, agency, refers_to, Audience(audience), happened_at, text)


def _waiting(row: Any) -> Waiting:
    return Waiting(row[0], row[1], Kind(row[2]), *row[3:])
