"""All facts that stats holds, for comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import delete

from services.stats.facts.dossiers import DOSSIERS
from services.stats.facts.store import (
    apologies,
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
from services.stats.totals.tables import agency_pairs, dossier_totals, event_totals
from shared.persistence.unit_of_work import UnitOfWork
from tests.support.service import ServiceUnderTest

TABLES = (
    apologies,
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
)


def _replaced(after: Mapping[str, Any], _: Mapping[str, Any]) -> Mapping[str, Any]:
    return after


def store_dossiers(stats: ServiceUnderTest, rows: Iterable[Mapping[str, Any]]) -> None:
    """Writes facts about dossiers, whatever events would have brought them, with their totals; those that are known lose what they had."""

    def write(work: UnitOfWork) -> None:
        for row in rows:
            known = DOSSIERS.blank((row["code"],)) | dict(row)
            facts_of(work).change(DOSSIERS, (row["code"],), partial(_replaced, known))

    stats.store.run(write)


def forget_everything(stats: ServiceUnderTest) -> None:
    """Deletes all facts and totals."""
    with stats.store.engine.begin() as connection:
        for table in (*TABLES, dossier_totals, event_totals, agency_pairs):
            connection.execute(delete(table))


def facts(stats: ServiceUnderTest) -> dict[str, list[dict[str, Any]]]:
    """Table → its rows."""
    return {table.name: stats.rows(table) for table in TABLES}


def moment(text: str) -> datetime:
    """A time in the form of events."""
    return datetime.fromisoformat(text)
