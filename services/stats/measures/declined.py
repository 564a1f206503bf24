"""How often visitors were turned away before filing: by reason, desk and procedure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, false, func, select

from services.stats.facts.store import declined_filings
from services.stats.measures.queries import Scope

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


def count_declined(connection: Connection, scope: Scope) -> DeclinedTotals:
    """Counts the declined filings of a scope. They came to the counter and to no handling agency: other filters find none."""
    c = declined_filings.c
    conditions = [c[name] == value for name, value in scope.filters.items() if name in c]
    if "handling_agency" in scope.filters or scope.filters.get("channel", "counter") != "counter":
        conditions.append(false())
    if scope.agencies is not None:
        conditions.append(c.agency.in_(sorted(scope.agencies)))
    groups = (c.kind, c.reason, c.agency, c.procedure, c.repeated)
    counted = select(*groups, func.count()).where(scope.in_period(c.declined_at), *conditions).group_by(*groups)
    kinds, reasons, desks, procedures = (Counter[str]() for _ in range(4))
    repeated = 0
    for kind, reason, agency, procedure, again, count in connection.execute(counted):
        kinds[kind] += count
        reasons[reason] += count
        desks[agency] += count
        procedures[procedure or OUTSIDE] += count
        repeated += count if again else 0
    guided = kinds.pop(GUIDANCE, 0)
    refused = kinds.total()
    return DeclinedTotals(guided, refused, repeated, _ordered(reasons), _ordered(desks), _ordered(procedures))


def _ordered(counts: Counter[str]) -> dict[str, int]:
    """The greatest first, and then by code."""
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
