"""Apologies (form 04) for late dossiers: what is known of each letter, from its events in any order.

What is known only grows: the first report, the last day of a report, its signature, its withdrawal. Once it is signed, the agency that
signed it stays the responsible one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.stats.facts.domain import day_number
from services.stats.facts.rows import Row, Subject
from services.stats.facts.store import apologies
from services.stats.totals import tables
from services.stats.totals.writing import Contribution
from shared.messaging.records import require_same

Data = Mapping[str, Any]
_ABOUT = ("dossier", "agency", "was_due_at")


def missing(row: Row, data: Data) -> Row:
    """A late dossier had no signed letter on a day. Agency and due time are those of the newest report, until the signature says them.

    Raises:
        Conflict: the letter is known for another dossier.
    """
    after, day, at, reports = _about(row, data), data["day"], data["reported_at"], data["reports"]
    if row["signed_at"] is None and (row["missing_on"] or "") <= day:
        after |= {name: data[name] for name in _ABOUT}
    after["missing_at"] = at if row["missing_at"] is None else min(row["missing_at"], at)
    after["missing_on"] = max(row["missing_on"] or day, day)
    after["reports"] = max(row["reports"] or reports, reports)
    return after


def signed(row: Row, data: Data) -> Row:
    """The letter was signed.

    Raises:
        Conflict: the letter is known for another dossier.
    """
    return _about(row, data) | {name: data[name] for name in (*_ABOUT, "number", "signed_at")}


def withdrawn(row: Row, data: Data) -> Row:
    """The letter is not owed any more, and was not signed.

    Raises:
        Conflict: the letter is known for another dossier.
    """
    return _about(row, data) | {"withdrawn_at": data["withdrawn_at"], "withdrawn_cause": data["cause"]}


def _about(row: Row, data: Data) -> dict[str, Any]:
    if row["dossier"] is None:
        return {**row, **{name: data[name] for name in _ABOUT}}
    require_same(f"apology {row['apology']}", row, {"dossier": data["dossier"]})
    return dict(row)


def _contributions(row: Row) -> list[Contribution]:
    """Signed, ended without a letter, and owed: +1 when a letter is missed and -1 when it is signed or not owed any more."""
    agency, missing_at = row["agency"], row["missing_at"]
    counted: list[tuple[int, str, int]] = []
    if row["signed_at"] is not None:
        counted.append((day_number(row["signed_at"]), "apology_signed", 1))
    if row["withdrawn_cause"] == "ended":
        counted.append((day_number(row["withdrawn_at"]), "apology_unsigned", 1))
    over = [day_number(at) for at in (row["signed_at"], row["withdrawn_at"]) if at is not None]
    if missing_at is not None and (not over or day_number(missing_at) < min(over)):
        counted.append((day_number(missing_at), "apology_missing", 1))
        counted += [(min(over), "apology_missing", -1)] if over else []
    return [(day, (kind, agency), "number", number) for day, kind, number in counted]


APOLOGIES = Subject(apologies, tables.EVENTS, _contributions, dossier_column="dossier")
