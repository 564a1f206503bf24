"""Official papers, visitors who were turned away, and agencies' corrections of their own errors: what is known, and what is counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.stats.facts.domain import day_number
from services.stats.facts.once import columns_of, once
from services.stats.facts.rows import Row, Subject
from services.stats.facts.store import corrections, declined_filings, documents
from services.stats.totals import tables
from services.stats.totals.places import Place
from services.stats.totals.writing import Contribution

Data = Mapping[str, Any]


def issued(row: Row, data: Data) -> Row:
    """An official paper about a dossier was issued.

    Raises:
        Conflict: another paper of this number and year is known.
    """
    return once(documents, row, columns_of(documents, data), "issued_at")


def declined(row: Row, data: Data) -> Row:
    """A desk has turned a visitor away before filing, with form 02 or 03.

    Raises:
        Conflict: another declined filing of this id is known.
    """
    given = columns_of(declined_filings, data) | {"agency": data["receiving_agency"]}
    return once(declined_filings, row, given, "declined_at")


def corrected(row: Row, data: Data) -> Row:
    """An agency corrected its own error.

    Raises:
        Conflict: another error of this id is known.
    """
    return once(corrections, row, columns_of(corrections, data), "corrected_at", same=("dossier", "found_at"))


def _document(row: Row) -> list[Contribution]:
    return [(day_number(row["issued_at"]), ("document", row["kind"]), "number", 1)]


def _declined(row: Row) -> list[Contribution]:
    kinds = [
        ("declined", row["kind"]),
        ("declined_for", row["reason"]),
        ("declined_by", row["agency"]),
        ("declined_of", row["procedure"] or ""),
    ]
    if row["repeated"]:
        kinds.append(("declined_again", ""))
    day = day_number(row["declined_at"])
    return [(day, kind, "number", 1) for kind in kinds]


def _place_of_declined(row: Row, _: Place) -> Place:
    """They came to the counter, and to no handling agency."""
    return Place(row["agency"], "", row["field"] or "", row["procedure"] or "", "counter")


DOCUMENTS = Subject(documents, tables.EVENTS, _document, dossier_column="dossier")
DECLINED = Subject(declined_filings, tables.EVENTS, _declined, _place_of_declined)
CORRECTIONS = Subject(corrections, None, lambda _: [])
