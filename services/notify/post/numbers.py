"""Numbers of letters and batches: 1, 2, 3 … without gaps for each agency, kind and year."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from services.notify.database import metadata
from shared.persistence import yearly_numbers
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

LETTER, BATCH = "letter", "batch"

numbers = Table(
    "post_number",  # the last number of a kind that an agency has given in a year
    metadata,
    Column("agency", String(100), primary_key=True),
    Column("kind", String(10), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)


def take_number(work: UnitOfWork, agency: str, kind: str) -> tuple[int, int]:
    """Takes an agency's next number of a kind; returns it with its year. The counter stays locked until the commit."""
    year = work.now.astimezone(VIETNAM).year
    return yearly_numbers.take_number(work, numbers, year, agency=agency, kind=kind), year
