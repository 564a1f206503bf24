"""Payments, refunds and waivers of fees: pure functions from what is known and an event to what is known then, and what is counted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.stats.facts.domain import day_number
from services.stats.facts.once import columns_of, once
from services.stats.facts.rows import Row, Subject
from services.stats.facts.store import payments, refunds, waivers
from services.stats.totals import tables
from services.stats.totals.places import Place
from services.stats.totals.writing import Contribution

Data = Mapping[str, Any]


def paid(row: Row, data: Data) -> Row:
    """The citizen paid a fee or an obligation.

    Raises:
        Conflict: another payment of this id is known.
    """
    return once(payments, row, columns_of(payments, data), "paid_at")


def refunded(row: Row, data: Data) -> Row:
    """Money was paid back to the citizen.

    Raises:
        Conflict: another refund of this id is known.
    """
    return once(refunds, row, columns_of(refunds, data), "refunded_at")


def waived(row: Row, data: Data) -> Row:
    """A fee was waived to somebody of a category; for which dossier, nobody tells. Intake, restored from a backup, has it decided again.

    Raises:
        Conflict: a waiver of this id is known for another procedure or agency.
    """
    given = columns_of(waivers, data) | {"day": date.fromisoformat(data["day"])}
    return once(waivers, row, given, "day", same=("agency", "field", "procedure"))


def _payment(row: Row) -> list[Contribution]:
    return [(day_number(row["paid_at"]), (), "fees_paid", row["amount"])]


def _refund(row: Row) -> list[Contribution]:
    """Money that never counted as a payment does not count as paid back."""
    return [] if row["payment"] is None else [(day_number(row["refunded_at"]), (), "fees_refunded", row["amount"])]


def _waiver(row: Row) -> list[Contribution]:
    day, kinds = row["day"].toordinal(), ("waiver", f"{row['category']}/{row['procedure']}")
    return [(day, kinds, "number", 1), (day, kinds, "amount", row["amount"])]


def _place_of_waiver(row: Row, _: Place) -> Place:
    return Place(row["agency"], "", row["field"], row["procedure"], "")


PAYMENTS = Subject(payments, tables.ACTIVITIES, _payment, dossier_column="dossier")
REFUNDS = Subject(refunds, tables.ACTIVITIES, _refund, dossier_column="dossier")
WAIVERS = Subject(waivers, tables.EVENTS, _waiver, _place_of_waiver)
