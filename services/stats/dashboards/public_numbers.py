"""The numbers that everybody may see: of a month and of its year so far, by agency and field. No dossier, no person."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.stats.dashboards.figures import Counts, Row, Successors, rows_by
from services.stats.dashboards.selection import MONTH, calendar_period, keys_of
from services.stats.measures.domain import Period
from services.stats.measures.queries import Scope, count_measures
from services.stats.measures.series import count_by
from shared.agencies import UnknownAgency
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context

EXTENSION = "motcua-stats-public-numbers"
FRESH = timedelta(seconds=60)
"""Real time for which numbers are kept, so that many viewers cost one read of the database."""
KEPT_MONTHS = 24
FIRST_MONTH = date(2015, 1, 1)


@dataclass(frozen=True, slots=True)
class Side:
    """The numbers of one period.

    Attributes:
        period: its days, until today at most.
        total: all together.
        agencies, fields: by receiving agency and by field.
    """

    period: Period
    total: Counts
    agencies: Sequence[Row]
    fields: Sequence[Row]


@dataclass(frozen=True, slots=True)
class PublicNumbers:
    """What the transparency page and the figures show.

    Attributes:
        as_of: business time.
        month, year: the month, and the year from its beginning to the end of the month.
        course: each month of that year with its numbers.
    """

    as_of: datetime
    month: Side
    year: Side
    course: Sequence[tuple[str, Counts]]


class PublicCache:
    """The public numbers of one process, each month's kept for :data:`FRESH`; thread-safe.

    Args:
        context: of stats.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._kept: OrderedDict[date, tuple[datetime, PublicNumbers]] = OrderedDict()

    def of(self, month: date) -> PublicNumbers:
        """The numbers of a month.

        Args:
            month: its first day; it has begun.
        """
        with self._lock:
            wall, known = self._context.clock.wall(), self._kept.get(month)
            if known is None or not timedelta(0) <= wall - known[0] < FRESH:
                known = self._kept[month] = (wall, self._read(month))
            self._kept.move_to_end(month)
            while len(self._kept) > KEPT_MONTHS:
                self._kept.popitem(last=False)
            return known[1]

    def _read(self, month: date) -> PublicNumbers:
        now = self._context.clock.now()
        today = now.astimezone(VIETNAM).date()
        last = min(calendar_period(MONTH, month).last, today)
        days, year = Period(month, last), Period(date(month.year, 1, 1), last)
        with self._context.store.snapshot() as connection:
            scopes = (Scope(days, now, {}), Scope(year, now, {}))
            sides = [
                Side(
                    scope.period,
                    count_measures(connection, scope),
                    rows_by(connection, scope, "agency", self._successors(today)),
                    rows_by(connection, scope, "field", self._successors(today)),
                )
                for scope in scopes
            ]
            course = count_by(connection, scopes[1], "month")
        months = [(key, course.get(key, Counter())) for key in keys_of(year, "month")]
        return PublicNumbers(now, sides[0], sides[1], months)

    def _successors(self, day: date) -> Successors:
        agencies = self._context.reference.agencies

        def successor(code: str) -> str:
            try:
                return agencies.successor(code, day).code
            except UnknownAgency:
                return code

        return successor
