"""The table of statements' lines that somebody has imported."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, time, timedelta

from sqlalchemy import BigInteger, Column, Connection, Index, String, Table, select

from services.intake.database import metadata
from services.intake.payments.providers.port import Receipt
from shared.persistence.sql import Moment, insert
from shared.runtime.clock import VIETNAM

lines = Table(
    "statement_line",
    metadata,
    Column("provider", String(20), primary_key=True),
    Column("transaction", String(100), primary_key=True),
    Column("reference", String(100), nullable=False),
    Column("amount", BigInteger, nullable=False),  # VND
    Column("paid_at", Moment, nullable=False),  # as the bank says
    Column("imported_at", Moment, nullable=False),  # business time
    Column("imported_by", String(200), nullable=False),
    Index("ix_statement_line_paid_at", "provider", "paid_at"),
)


def add_lines(connection: Connection, provider: str, receipts: Iterable[Receipt], at: datetime, by: str) -> int:
    """Adds lines; returns how many are new. One that is known stays as it is."""
    added = 0
    for receipt in receipts:
        row = asdict(receipt) | {"provider": provider, "imported_at": at, "imported_by": by}
        statement = insert(lines, connection).values(**row).on_conflict_do_nothing().returning(lines.c.transaction)
        added += connection.execute(statement).first() is not None
    return added


def lines_of(connection: Connection, provider: str, day: date) -> list[Receipt]:
    """The imported lines of a day, by the bank's time in Vietnam."""
    begins = datetime.combine(day, time(), VIETNAM)
    of_day = (lines.c.paid_at >= begins) & (lines.c.paid_at < begins + timedelta(days=1))
    columns = (lines.c.transaction, lines.c.reference, lines.c.amount, lines.c.paid_at)
    return [Receipt(*row) for row in connection.execute(select(*columns).where(lines.c.provider == provider, of_day))]
