"""All facts that stats holds, for comparisons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

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


def facts(stats: ServiceUnderTest) -> dict[str, list[dict[str, Any]]]:
    """Table → its rows."""
    return {table.name: stats.rows(table) for table in TABLES}


def moment(text: str) -> datetime:
    """A time in the form of events."""
    return datetime.fromisoformat(text)
