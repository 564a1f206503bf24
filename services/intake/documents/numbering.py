"""Numbers of papers: 1, 2, 3 … without gaps for each agency, kind and year.

After a restore from a backup they go on much higher: see `shared.persistence.yearly_numbers` and `services.intake.filing.dossier_number`.
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from services.intake.database import metadata
from shared.persistence import yearly_numbers
from shared.persistence.unit_of_work import UnitOfWork

document_numbers = Table(
    "document_number",  # the last number that an agency has given to a kind of paper in a year
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("kind", String(30), primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("last", Integer, nullable=False),
)


def take_number(work: UnitOfWork, agency: str, kind: str, year: int) -> int:
    """Takes the next number. The counter's row stays locked until the commit; a rollback gives the number back.

    Args:
        work: the transaction.
        agency: the issuer's code.
        kind: of :class:`services.intake.documents.domain.DocumentType`.
        year: of the day of issue.
    """
    return yearly_numbers.take_number(work, document_numbers, year, agency=agency, kind=kind)
