"""All facts that stats holds, for comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from itertools import product
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
from services.stats.totals.places import ALL
from services.stats.totals.spans import intervals_of
from services.stats.totals.tables import TOTALS, agency_pairs
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
    """Differences in all their cells, as plain Python; the database does the same: values of the key → column → number."""
    cells: dict[tuple[Any, ...], dict[str, int]] = {}
    for (place, day, kinds, column), number in found.items():
        agency, handling, field, procedure, channel = place
        for (detail, one, other), (level, of_field, of_procedure) in product(
            ((0, agency, handling), (3, ALL, ALL)), ((0, ALL, ALL), (1, field, ALL), (2, field, procedure))
        ):
            for span, start in intervals_of(day):
                key = (detail + level, span, start, one, other, of_procedure, of_field, channel, *kinds)
                numbers = cells.setdefault(key, {})
                numbers[column] = numbers.get(column, 0) + number
    return cells


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
        for table in (*TABLES, *(total.table for total in TOTALS), agency_pairs):
            connection.execute(delete(table))


def facts(stats: ServiceUnderTest) -> dict[str, list[dict[str, Any]]]:
    """Table → its rows."""
    return {table.name: stats.rows(table) for table in TABLES}


def moment(text: str) -> datetime:
    """A time in the form of events."""
    return datetime.fromisoformat(text)
