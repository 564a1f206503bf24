"""The table of print batches."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Column, Connection, Index, Integer, String, Table, UniqueConstraint, select, update

from services.notify.database import metadata
from services.notify.post.batches.domain import Batch, BatchState
from shared.persistence.sql import Moment

batches = Table(
    "letter_batch",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("agency", String(100), nullable=False),
    Column("number", Integer, nullable=False),
    Column("year", Integer, nullable=False),
    Column("state", String(10), nullable=False),
    Column("letters", Integer, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("fee", Integer, nullable=False),
    Column("closed_at", Moment, nullable=False),
    Column("closed_by", String(200), nullable=False),
    Column("printed_at", Moment),
    Column("printed_by", String(200)),
    Column("posted_at", Moment),
    Column("posted_by", String(200)),
    UniqueConstraint("agency", "year", "number", name="uq_letter_batch_agency_year_number"),
    Index("ix_letter_batch_agency_closed_at", "agency", "closed_at"),
)


def add(connection: Connection, batch: Batch) -> None:
    """Adds a batch."""
    connection.execute(batches.insert(), asdict(batch))


def find(connection: Connection, id: str, *, lock: bool = False) -> Batch | None:
    """A batch; None if there is none. With `lock` it stays locked until the transaction ends."""
    found = select(batches).where(batches.c.id == id)
    row = connection.execute(found.with_for_update() if lock else found).first()
    return None if row is None else Batch(*row)


def newest(connection: Connection, agencies: Collection[str], limit: int) -> list[Batch]:
    """Batches of some agencies: those that the post has not yet first, then the newest."""
    done = batches.c.state == BatchState.POSTED
    found = select(batches).where(batches.c.agency.in_(agencies))
    rows = connection.execute(found.order_by(done, batches.c.closed_at.desc(), batches.c.id).limit(limit))
    return [Batch(*row) for row in rows]


def mark(connection: Connection, batch: Batch, state: BatchState, at: datetime, by: str) -> None:
    """Moves a locked batch to a state."""
    values = {"state": state, f"{state.value}_at": at, f"{state.value}_by": by}
    connection.execute(update(batches).where(batches.c.id == batch.id).values(**values))
