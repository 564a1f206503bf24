"""What is counted beside dossiers: payments, messages, warnings and applications, and all that is counted by kind and part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from services.stats.measures.queries import Scope
from services.stats.totals.reading import Reader
from services.stats.totals.tables import ACTIVITIES, EVENTS

Counts = Mapping[str, Mapping[str, int]]
"""Kind → part → number, in order, without zeros; nothing for a kind that never happened."""


def read_activities(reader: Reader, scope: Scope) -> dict[str, int]:
    """Column of :data:`~services.stats.totals.tables.ACTIVITIES` → its number in the period."""
    asked = [(0, *scope.period.days)]
    for one in reader.sums(ACTIVITIES, asked, ACTIVITIES.values):
        return dict(one.numbers)
    return dict.fromkeys(ACTIVITIES.values, 0)


def read_events(reader: Reader, scope: Scope) -> tuple[Counts, Counts]:
    """What was counted in the period: numbers, and amounts."""
    asked = [(0, *scope.period.days)]
    numbers: defaultdict[str, dict[str, int]] = defaultdict(dict)
    amounts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for one in reader.sums(EVENTS, asked, EVENTS.values, ("kind", "part")):
        kind, part = one.by
        if one.numbers["number"]:
            numbers[kind][part] = one.numbers["number"]
        if one.numbers["amount"]:
            amounts[kind][part] = one.numbers["amount"]
    return numbers, amounts


def read_stock(reader: Reader, scope: Scope, kind: str) -> dict[str, int]:
    """Part → how many there are at the end of the period, or of today if that is earlier; without zeros."""
    asked = [reader.until(0, EVENTS, scope.observed_day)]
    found = reader.sums(EVENTS, asked, ("number",), ("part",), kinds={"kind": kind})
    return {one.by[0]: one.numbers["number"] for one in found if one.numbers["number"]}
