"""The numbers of dossiers; see :data:`services.stats.facts.dossier_measures.MEASURES`. The lists behind them are in `lists.py`.

All times are business times. A period lasts from `start` (inclusive) to `end` (exclusive). A citizen's dossier is one row, so it counts
once, even if it has linked procedures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, and_

from services.stats.facts.dossier_measures import MEASURES as MEASURES
from services.stats.facts.dossier_measures import STOCKS
from services.stats.measures.domain import ONE_DAY, Period
from services.stats.totals.reading import Reader, Where
from services.stats.totals.tables import DOSSIERS


@dataclass(frozen=True, slots=True)
class Scope:
    """Which period and which dossiers are counted.

    Attributes:
        period: the local days.
        as_of: now, in business time.
        filters: one of :data:`FILTERS` → the value that the dossier must have.
        agencies: only dossiers that one of these has received or handles; None for all.
    """

    period: Period
    as_of: datetime
    filters: Mapping[str, str]
    agencies: frozenset[str] | None = None

    @property
    def observed_until(self) -> datetime:
        """The moment for which measures of a moment are computed: the end of the period's last day, or of today if earlier."""
        return self.period.observed_until(self.as_of)

    def in_period(self, column: Column[Any]) -> ColumnElement[bool]:
        """The condition that a time lies in the period."""
        return and_(column >= self.period.start, column < self.period.end)

    @property
    def observed_day(self) -> int:
        """The number of the day at whose end measures of a moment are observed."""
        return (self.observed_until - ONE_DAY).date().toordinal()

    def reader(self, connection: Connection) -> Reader:
        """Reads the totals of its places."""
        return Reader(connection, Where(self.filters, self.agencies))


FILTERS = ("agency", "handling_agency", "field", "procedure", "channel")
"""Columns of the dossier that summaries and lists can be filtered by; `agency` is the receiving agency."""


LISTED = tuple(name for name in MEASURES if name not in ("rated", "satisfied"))
"""The measures whose dossiers are listed; not those of ratings, which would tell who rated how (NĐ 118/2025, Điều 29.3)."""


def count_measures(connection: Connection, scope: Scope) -> dict[str, int]:
    """Measure → its number. One statement reads all numbers, so that they are from the same moment."""
    reader = scope.reader(connection)
    first, last = scope.period.days
    asked = [(0, first, last), reader.until(1, DOSSIERS, scope.observed_day)]
    found = {one.label: one.numbers for one in reader.sums(DOSSIERS, asked, tuple(MEASURES))}
    nothing = dict.fromkeys(MEASURES, 0)
    flows, stocks = found.get(0, nothing), found.get(1, nothing)
    return {name: (stocks if name in STOCKS else flows)[name] for name in MEASURES}
