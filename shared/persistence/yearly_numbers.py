"""Numbers of papers, 1, 2, 3 … without gaps, that begin anew each year.

After a restore from a backup, the numbers that were given since the backup are not known; they stand on papers. The year's numbers then
go on at 10,001 and ten more for each minute between the beginning of the year and the restore, so that no number is given twice unless
an agency gives more than ten of a kind a minute, all year long.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Table, func, select

from shared.messaging.tables import epochs
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

FIRST_AFTER_RESTORE = 10_001
PER_MINUTE = 10


def take_number(work: UnitOfWork, table: Table, year: int, **key: str) -> int:
    """Takes the next number. The counter's row stays locked until the commit; a rollback gives the number back.

    Args:
        work: the transaction.
        table: of counters; its primary key is the columns of `key` and ``year``, its other column is ``last``.
        year: of the paper.
        key: column → value, such as the agency that numbers.
    """
    statement = work.insert(table).values(**key, year=year, last=_first(work, year))
    columns = [table.c[name] for name in (*key, "year")]
    greatest = func.greatest if work.connection.dialect.name == "postgresql" else func.max
    following = greatest(table.c.last + 1, statement.excluded.last)
    statement = statement.on_conflict_do_update(index_elements=columns, set_={"last": following})
    number: int = work.execute(statement.returning(table.c.last)).scalar_one()
    return number


def _first(work: UnitOfWork, year: int) -> int:
    begins, ends = (int(work.clock.unix_seconds(datetime(one, 1, 1, tzinfo=VIETNAM))) for one in (year, year + 1))
    restored = select(func.max(epochs.c.number)).where(epochs.c.number > 0, epochs.c.number.between(begins, ends - 1))
    at = work.execute(restored).scalar_one()
    return 1 if at is None else FIRST_AFTER_RESTORE + (int(at) - begins) // 60 * PER_MINUTE
