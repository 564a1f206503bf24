"""Dossier numbers: the counter of each agency and day, from which the next dossier's number is taken.

A database that was restored from a backup does not know which numbers it gave between the backup and the restore; they stand on receipts
and are known to the other services. Only the day of the restore matters, since no other day's numbers are given any more. On that day all
desks go on at 10,001 and a thousand more for each minute of the day at which the epoch began (see `shared.persistence.epoch`). So

- no number of a day without a restore is met, unless a desk receives more than ten thousand dossiers a day;
- a second restore on the same day begins above the numbers that were given after the first, even if both are of the same backup, unless
  a desk receives more than a thousand dossiers a minute;
- the number has five to seven digits, which tells a clerk at once that something was restored that day.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import BigInteger, Column, Date, Integer, String, Table, bindparam, func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite

from services.intake.database import metadata
from shared.messaging.tables import epochs
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

dossier_numbers = Table(
    "dossier_number",  # the last number that an agency has given on a day
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)


FIRST_AFTER_RESTORE = 10_001
BLOCK = 1_000
"""Numbers for each minute between the beginning of the day and the restore."""


def _next_number(insert: Any, greater: Any) -> Any:
    minutes = (func.max(epochs.c.number) - bindparam("day_began", type_=BigInteger)) // literal_column("60", Integer)
    restored = epochs.c.number.between(bindparam("day_began"), bindparam("day_ends", type_=BigInteger))
    after_restore = minutes * literal_column(str(BLOCK), Integer) + literal_column(str(FIRST_AFTER_RESTORE))
    lowest = (
        select(func.coalesce(after_restore, literal_column("1")))
        .where(epochs.c.number > literal_column("0"), restored)
        .scalar_subquery()
    )
    first = insert(dossier_numbers).values(agency=bindparam("agency"), day=bindparam("day"), last=lowest)
    return first.on_conflict_do_update(
        index_elements=[dossier_numbers.c.agency, dossier_numbers.c.day],
        set_={"last": greater(dossier_numbers.c.last + literal_column("1"), first.excluded.last)},
    ).returning(dossier_numbers.c.last)


# Built once: building the statement costs more than running it.
_NEXT_NUMBER = {
    "postgresql": _next_number(postgresql.insert, func.greatest),
    "sqlite": _next_number(sqlite.insert, func.max),
}


def defer_dossier_number(work: UnitOfWork, agency: str, day: date, digits: int) -> str:
    """Takes the next number of an agency on a day at the end of the transaction: 1, 2, 3 …, without gaps except after a restore.

    The counter's row stays locked from then until the commit, so it is taken as late as possible. A rollback gives the number back.

    Returns:
        the number's placeholder, see :meth:`shared.persistence.unit_of_work.UnitOfWork.defer_number`.
    """
    statement = _NEXT_NUMBER[work.connection.dialect.name]
    began = int(work.clock.unix_seconds(datetime.combine(day, time(), VIETNAM)))
    ends = int(work.clock.unix_seconds(datetime.combine(day + timedelta(days=1), time(), VIETNAM))) - 1
    return work.defer_number(statement, {"agency": agency, "day": day, "day_began": began, "day_ends": ends}, digits)
