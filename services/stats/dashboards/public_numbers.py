"""The numbers that everybody may see: of a month and of its year so far, by agency and field. No dossier, no person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from services.stats.dashboards.figures import Counts, Row, rows_by
from services.stats.dashboards.selection import MONTH, calendar_period, keys_of
from services.stats.measures.domain import Period
from services.stats.measures.kept import Kept
from services.stats.measures.queries import Scope, count_measures
from services.stats.measures.series import Successors, count_by, successors_on
from shared.agencies import Agencies
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


def kept_numbers(context: Context) -> Kept[date, PublicNumbers]:
    """The public numbers of months that have begun, by their first day."""

    def read(connection: Connection, month: date, now: datetime) -> PublicNumbers:
        return _read(connection, month, now, context.reference.agencies)

    return Kept(context, FRESH, read, KEPT_MONTHS)


def _read(connection: Connection, month: date, now: datetime, agencies: Agencies) -> PublicNumbers:
    today = now.astimezone(VIETNAM).date()
    last = min(calendar_period(MONTH, month).last, today)
    days, year = Period(month, last), Period(date(month.year, 1, 1), last)
    scopes = (Scope(days, now, {}), Scope(year, now, {}))
    sides = [_side(connection, scope, successors_on(agencies, today)) for scope in scopes]
    course = count_by(connection, scopes[1], "month")
    months = [(key, course.get(key, Counter())) for key in keys_of(year, "month")]
    return PublicNumbers(now, sides[0], sides[1], months)


def _side(connection: Connection, scope: Scope, successors: Successors) -> Side:
    agencies, fields = (rows_by(connection, scope, by, successors) for by in ("agency", "field"))
    return Side(scope.period, count_measures(connection, scope), agencies, fields)
