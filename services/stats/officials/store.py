"""The tables of what officials did, and of their totals by official and day.

Each act is kept once, by what was done about what; a total is the sum of what its acts contribute, and is changed by the difference that
events make to their acts, in the transaction that changes the acts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Date, Integer, String, Table, bindparam, select, update

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


Key = tuple[str, str]
"""What was done, and about which ticket, dossier or task."""

_INSERT = Upsert(official_acts, lambda row: row.on_conflict_do_nothing().returning(_A.kind, _A.about))
_THIS = (_A.kind == bindparam("of_kind"), _A.about == bindparam("of_about"))
_LOCK = select(_A.official, _A.at, _A.timeliness).where(*_THIS).with_for_update()
_CHANGE = update(official_acts).where(*_THIS)
_ADD = Upsert(official_totals, _add)


def write_acts(connection: Connection, given: Mapping[Key, Act]) -> None:
    """Writes acts, each once for what was done about what, and what they change in the totals.

    Args:
        connection: inside a transaction.
        given: kind and ticket, dossier or task → the act, as events tell it.
    """
    acts = sorted(given.items())  # two transactions take the locks in the same order
    written = connection.execute(_INSERT.on(connection), [_row(about, act) for (_, about), act in acts])
    new = {(kind, about) for kind, about in written}
    change: Counter[tuple[str, date, str]] = Counter()
    for key, act in acts:
        known = None if key in new else _locked(connection, key)
        after = merged(known, act)
        if known is not None and after != known:
            connection.execute(_CHANGE, _row(key[1], after) | {"of_kind": key[0], "of_about": key[1]})
        change.update(contribution(after))
        change.subtract(contribution(known))
    if rows := list(_differences(change)):
        connection.execute(_ADD.on(connection), rows)


def _locked(connection: Connection, key: Key) -> Act:
    kind, about = key
    return Act(kind, *connection.execute(_LOCK, {"of_kind": kind, "of_about": about}).one())


def _row(about: str, act: Act) -> dict[str, Any]:
    return {"about": about} | {name: getattr(act, name) for name in ("kind", "official", "at", "timeliness")}


def _differences(change: Counter[tuple[str, date, str]]) -> Iterator[dict[str, Any]]:
    """The rows to add, always in the same order, so that two transactions do not wait for each other."""
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
