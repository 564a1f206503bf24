"""Dossier numbers: the counter of each agency and day, from which the next dossier's number is taken."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Column, Date, Integer, String, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite

from services.intake.database import metadata
from shared.persistence.unit_of_work import UnitOfWork

dossier_numbers = Table(
    "dossier_number",  # the last number that an agency has given on a day
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("last", Integer, nullable=False),
)


def _next_number(insert: Any) -> Any:
    first = insert(dossier_numbers).values(agency=bindparam("agency"), day=bindparam("day"), last=bindparam("one"))
    return first.on_conflict_do_update(
        index_elements=[dossier_numbers.c.agency, dossier_numbers.c.day],
        set_={"last": dossier_numbers.c.last + first.excluded.last},
    ).returning(dossier_numbers.c.last)


# Built once: building the statement costs more than running it.
_NEXT_NUMBER = {"postgresql": _next_number(postgresql.insert), "sqlite": _next_number(sqlite.insert)}


def defer_dossier_number(work: UnitOfWork, agency: str, day: date, digits: int) -> str:
    """Takes the next number of an agency on a day at the end of the transaction: 1, 2, 3 …, without gaps.

    The counter's row stays locked from then until the commit, so it is taken as late as possible. A rollback gives the number back.

    Returns:
        the number's placeholder, see :meth:`shared.persistence.unit_of_work.UnitOfWork.defer_number`.
    """
    statement = _NEXT_NUMBER[work.connection.dialect.name]
    return work.defer_number(statement, {"agency": agency, "day": day, "one": 1}, digits)
