"""How often visitors were turned away before filing: by reason, desk and procedure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.stats.measures.activities import Counts

GUIDANCE = "supplement_request"
OUTSIDE = ""
"""Stands for the procedure of a matter outside the catalogue."""


@dataclass(frozen=True, slots=True)
class DeclinedTotals:
    """Visitors whom desks have turned away in the period.

    Attributes:
        guided: who were told what to supplement or complete (form 02).
        refused: who were refused (form 03).
        repeated: who had been turned away before for the same procedure, and had filed nothing since.
        by_reason, by_agency, by_procedure: all of them, by the code of the reason, the desk and the procedure.
    """

    guided: int
    refused: int
    repeated: int
    by_reason: Mapping[str, int]
    by_agency: Mapping[str, int]
    by_procedure: Mapping[str, int]


def count_declined(events: Counts) -> DeclinedTotals:
    """Counts the declined filings of a scope. They came to the counter and to no handling agency: other filters find none."""
    kinds = events.get("declined", {})
    guided = kinds.get(GUIDANCE, 0)
    by = (_ordered(events.get(kind, {})) for kind in ("declined_for", "declined_by", "declined_of"))
    return DeclinedTotals(guided, sum(kinds.values()) - guided, sum(events.get("declined_again", {}).values()), *by)


def _ordered(counts: Mapping[str, int]) -> dict[str, int]:
    """The greatest first, and then by code."""
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
