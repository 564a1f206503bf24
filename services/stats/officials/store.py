"""The tables of what officials did, and of their totals by official and day.

Each act is kept once, by what was done about what; a total is the sum of what its acts contribute, and each event changes it by the
difference that it makes to its own act, in the transaction that changes the act.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Date, Integer, String, Table, select, update

from services.stats.database import metadata
from services.stats.measures.domain import Period
from services.stats.officials.domain import COUNTS, Act, contribution, merged
from shared.persistence.sql import Moment, Upsert

official_acts = Table(
    "official_act",
    metadata,
    Column("kind", String(20), primary_key=True),  # served, received, returned, step, step_returned
    Column("about", String(100), primary_key=True),  # ticket, dossier or task
    Column("official", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Column("timeliness", String(10), nullable=False),  # of a step; uncounted for all else
)
official_totals = Table(
    "official_total",
    metadata,
    Column("official", String(100), primary_key=True),
    Column("day", Date, primary_key=True),
    *(Column(name, Integer, nullable=False) for name in COUNTS),
)
_A, _T = official_acts.c, official_totals.c


def _add(row: Any) -> Any:
    changes = {name: _T[name] + row.excluded[name] for name in COUNTS}
    return row.on_conflict_do_update(index_elements=list(official_totals.primary_key), set_=changes)


_INSERT = Upsert(official_acts, lambda row: row.on_conflict_do_nothing().returning(_A.kind))
_ADD = Upsert(official_totals, _add)


def keep(connection: Connection, about: str, given: Act) -> None:
    """Keeps an act, once for what was done about what, and what it changes in the totals.

    Args:
        connection: inside a transaction.
        about: ticket, dossier or task.
        given: as an event tells it.
    """
    known = None
    if connection.execute(_INSERT.on(connection), _row(about, given)).first() is None:
        known = _locked(connection, given.kind, about)
    after = merged(known, given)
    if known is not None and after != known:
        same = (_A.kind == given.kind, _A.about == about)
        connection.execute(update(official_acts).where(*same).values(**_row(about, after)))
    if rows := list(_differences(known, after)):
        connection.execute(_ADD.on(connection), rows)


def _locked(connection: Connection, kind: str, about: str) -> Act:
    found = select(_A.official, _A.at, _A.timeliness).where(_A.kind == kind, _A.about == about).with_for_update()
    return Act(kind, *connection.execute(found).one())


def _row(about: str, act: Act) -> dict[str, Any]:
    return {"about": about} | {name: getattr(act, name) for name in ("kind", "official", "at", "timeliness")}


def _differences(before: Act | None, after: Act) -> Iterator[dict[str, Any]]:
    """The rows to add, always in the same order, so that two transactions do not wait for each other."""
    change = contribution(after)
    change.subtract(contribution(before))
    for official, day in sorted({(official, day) for (official, day, _), number in change.items() if number}):
        yield {"official": official, "day": day} | {name: change[official, day, name] for name in COUNTS}


def official_days(connection: Connection, official: str, period: Period) -> dict[date, Mapping[str, int]]:
    """Day → the counts of an official; days without any are left out.

    Args:
        connection: reads.
        official: the subject of their token.
        period: local days.
    """
    counts = [_T[name] for name in COUNTS]
    days = _T.day.between(period.first, period.last)
    found = connection.execute(select(_T.day, *counts).where(_T.official == official, days).order_by(_T.day))
    return {day: dict(zip(COUNTS, numbers, strict=True)) for day, *numbers in found if any(numbers)}
