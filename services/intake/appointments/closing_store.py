"""The table of the days and hours that desks have closed to appointments."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Index, String, Table, Text, select, update

from services.intake.database import metadata
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

closings = Table(
    "desk_closing",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("desk", String(50), nullable=False),
    Column("start", Moment, nullable=False),
    Column("end", Moment, nullable=False),
    Column("reason", Text, nullable=False),
    Column("closed_at", Moment, nullable=False),
    Column("closed_by", String(200), nullable=False),
    Column("reopened_at", Moment),
    Column("reopened_by", String(200)),
    Index("ix_desk_closing_desk", "desk", "end"),
)
_C = closings.c


@dataclass(frozen=True, slots=True)
class DeskClosing:
    """A row of `desk_closing`; the fields are the columns, in their order."""

    id: str
    desk: str
    start: datetime
    end: datetime
    reason: str
    closed_at: datetime
    closed_by: str
    reopened_at: datetime | None = None
    reopened_by: str | None = None


def add_closing(work: UnitOfWork, closing: DeskClosing) -> None:
    """Stores that a desk gives no appointments for some time."""
    work.execute(closings.insert(), {name: getattr(closing, name) for name in DeskClosing.__slots__})


def reopen(work: UnitOfWork, id: str, by: str) -> bool:
    """Ends a closing before its time; false if that was done before."""
    present = update(closings).where(_C.id == id, _C.reopened_at.is_(None))
    return work.execute(present.values(reopened_at=work.now, reopened_by=by)).rowcount == 1


def closing(connection: Connection, id: str) -> DeskClosing | None:
    """A closing; None if there is none of this id."""
    row = connection.execute(select(closings).where(_C.id == id)).one_or_none()
    return DeskClosing(*row) if row else None


def closings_of(connection: Connection, desks: Collection[str], since: datetime) -> list[DeskClosing]:
    """The closings in force of some desks that end after a moment, in order of time."""
    own = (_C.desk.in_(sorted(desks)), _C.end > since, _C.reopened_at.is_(None))
    rows = connection.execute(select(closings).where(*own).order_by(_C.start, _C.id))
    return [DeskClosing(*row) for row in rows]
