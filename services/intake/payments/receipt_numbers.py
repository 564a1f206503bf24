"""Numbers of receipts (biên lai) and refund vouchers (phiếu chi): 1, 2, 3 … for each desk and year, without gaps.

The number is taken in the transaction of the payment, and given back when that rolls back. After a database was restored from a backup,
numbers given between backup and restore stand on printed receipts. So the rest of that year has a series of its own, which begins at 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Integer, String, Table

from services.intake.database import metadata
from shared.persistence.epoch import present
from shared.persistence.sql import insert
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

RECEIPT, VOUCHER = "BL", "PC"
"""Kinds of numbered papers: biên lai thu, phiếu chi."""

receipt_numbers = Table(
    "receipt_number",
    metadata,
    Column("kind", String(2), primary_key=True),
    Column("desk", String(50), primary_key=True),
    Column("series", String(20), primary_key=True),
    Column("last", Integer, nullable=False),
)


@dataclass(frozen=True, slots=True)
class ReceiptNumber:
    """A number of a desk.

    Attributes:
        series: the year, and in a year with a restore the moment of it.
        number: from 1.
    """

    series: str
    number: int


def next_number(work: UnitOfWork, kind: str, desk: str) -> ReceiptNumber:
    """Takes a desk's next number. Others of the desk wait until the transaction ends.

    Args:
        work: the transaction.
        kind: :data:`RECEIPT` or :data:`VOUCHER`.
        desk: the desk's code.
    """
    series = series_of(work)
    row = insert(receipt_numbers, work.connection).values(kind=kind, desk=desk, series=series, last=1)
    row = row.on_conflict_do_update(
        index_elements=list(receipt_numbers.primary_key), set_={"last": receipt_numbers.c.last + 1}
    ).returning(receipt_numbers.c.last)
    return ReceiptNumber(series, int(work.connection.execute(row).scalar_one()))


def series_of(work: UnitOfWork) -> str:
    """The series of the present moment: ``2025``, or ``2025-11201530`` after a restore at 15:30 on 20 November of that year."""
    year = work.now.astimezone(VIETNAM).year
    epoch = present(work.connection).number
    began = datetime.fromtimestamp(epoch, VIETNAM)
    return f"{year}-{began:%m%d%H%M}" if epoch and began.year == year else str(year)


def written(kind: str, series: str, number: int) -> str:
    """A number as papers show it: ``BL 2025/000012``."""
    return f"{kind} {series}/{number:06d}"
