"""All facts that stats holds, for comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import delete

from services.stats.facts.dossiers import DOSSIERS
from services.stats.facts.procedures import procedures
from services.stats.facts.rows import Subject
from services.stats.facts.store import (
    apologies,
    applications,
    complaint_events,
    corrections,
    declined_filings,
    documents,
    dossiers,
    messages,
    payments,
    ratings,
    refunds,
    steps,
    surveys,
    tickets,
    waivers,
    warnings,
)
from services.stats.facts.subjects import facts_of
from services.stats.totals.codes import codes
from services.stats.totals.folding import fold
from services.stats.totals.tables import TOTALS, Total, agency_pairs
from services.stats.totals.writing import Differences
from shared.persistence.unit_of_work import UnitOfWork
from tests.support.service import ServiceUnderTest

TABLES = (
    apologies,
    applications,
    dossiers,
    steps,
    warnings,
    corrections,
    payments,
    refunds,
    waivers,
    documents,
    declined_filings,
    messages,
    tickets,
    ratings,
    complaint_events,
    surveys,
    procedures,
)


def spread(found: Differences) -> dict[tuple[Any, ...], dict[str, int]]:
    """Differences in all their cells, as plain Python; the database does the same.

    The key is level, span and start, then agency, handling agency, procedure, field and channel ("*" for all together), then kinds.
    """
    cells: dict[tuple[Any, ...], dict[str, int]] = {}
    for (place, day, kinds, column), number in found.items():
        agency, handling, field, procedure, channel = place
        for level, told in enumerate(TOLD):
            all_codes = (agency, handling, procedure, field, channel)
            shown = [code if known == "x" else "*" for code, known in zip(all_codes, told, strict=True)]
            for span in {0: (1, 64), 1: (1, 8, 64)}.get(level, (1, 8, 64, 512)):
                numbers = cells.setdefault((level, span, day // span * span, *shown, *kinds), {})
                numbers[column] = numbers.get(column, 0) + number
    return cells


TOLD = ("xxxxx", "xx-xx", "xx--x", "xx---", "--xxx", "---xx", "----x")
"""Of each level: which of agency, handling agency, procedure, field and channel are told apart."""


def kept_cells(stats: ServiceUnderTest, total: Total) -> dict[tuple[Any, ...], dict[str, int]]:
    """The cells of a total that have a number, in the form of :func:`spread`; nothing waits to be folded then."""
    fold_totals(stats)
    known = {row["id"]: row["code"] for row in stats.rows(codes)} | {0: "*"}
    found = {}
    for row in stats.rows(total.table):
        number, start = divmod(row["block"], 2**22)
        level, place = divmod(number, 4)
        key = (level, 8**place, start, *(known[row[name]] for name in total.key[1:]))
        if numbers := {name: row[name] for name in total.values if row[name]}:
            found[key] = numbers
    return found


def fold_totals(stats: ServiceUnderTest) -> None:
    """Folds what waits into the cells, and deletes cells that say nothing."""
    with stats.store.engine.begin() as connection:
        for total in TOTALS:
            assert fold(connection, total)
            connection.execute(delete(total.table).where(*(total.table.c[name].is_(None) for name in total.values)))


def _replaced(after: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    return after


def store_dossiers(stats: ServiceUnderTest, rows: Iterable[Mapping[str, Any]]) -> None:
    """Writes facts about dossiers, whatever events would have brought them, with their totals; those that are known lose what they had."""

    store_rows(stats, DOSSIERS, rows)


def store_rows(stats: ServiceUnderTest, subject: Subject, rows: Iterable[Mapping[str, Any]]) -> None:
    """Writes facts of a subject in the same way."""

    def write(work: UnitOfWork) -> None:
        for row in rows:
            key = tuple(row[column.name] for column in subject.table.primary_key)
            facts_of(work).change(subject, key, partial(_replaced, subject.blank(key) | dict(row)))

    stats.store.run(write)


def forget_everything(stats: ServiceUnderTest) -> None:
    """Deletes all facts and totals."""
    with stats.store.engine.begin() as connection:
        for table in (*TABLES, *(table for total in TOTALS for table in (total.table, total.changes)), agency_pairs):
            connection.execute(delete(table))


def facts(stats: ServiceUnderTest) -> dict[str, list[dict[str, Any]]]:
    """Table → its rows."""
    return {table.name: stats.rows(table) for table in TABLES}


def moment(text: str) -> datetime:
    """A time in the form of events."""
    return datetime.fromisoformat(text)
