"""Numbers of papers: 1, 2, 3 … without gaps for each agency, kind and year.

After a restore from a backup, the numbers that were given since the backup are not known; they stand on papers. The year's numbers then
go on at 10,001 and ten more for each minute between the beginning of the year and the restore, so that no number is given twice
unless an agency issues more than ten papers of a kind a minute, all year long. See `services.intake.filing.dossier_number`.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Integer, String, Table, func, select

from services.intake.database import metadata
from shared.messaging.tables import epochs
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

FIRST_AFTER_RESTORE = 10_001
PER_MINUTE = 10

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
    first = _first(work, year)
    statement = work.insert(document_numbers).values(agency=agency, kind=kind, year=year, last=first)
    key = [document_numbers.c[name] for name in ("agency", "kind", "year")]
    greatest = func.greatest if work.connection.dialect.name == "postgresql" else func.max
    following = greatest(document_numbers.c.last + 1, statement.excluded.last)
    statement = statement.on_conflict_do_update(index_elements=key, set_={"last": following})
    number: int = work.execute(statement.returning(document_numbers.c.last)).scalar_one()
    return number


def _first(work: UnitOfWork, year: int) -> int:
    begins, ends = (int(work.clock.unix_seconds(datetime(one, 1, 1, tzinfo=VIETNAM))) for one in (year, year + 1))
    restored = select(func.max(epochs.c.number)).where(epochs.c.number > 0, epochs.c.number.between(begins, ends - 1))
    at = work.execute(restored).scalar_one()
    return 1 if at is None else FIRST_AFTER_RESTORE + (int(at) - begins) // 60 * PER_MINUTE
