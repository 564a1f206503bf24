"""Series: the measures of a period by day or month, or by agency, field, procedure or channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from sqlalchemy import Connection

from services.stats.facts.dossier_measures import MEASURES, STOCKS
from services.stats.measures.domain import ONE_DAY, Period
from services.stats.measures.queries import FILTERS, Scope
from services.stats.totals.reading import Reader
from services.stats.totals.tables import DOSSIERS
from shared.agencies import Agencies, UnknownAgency

BY = ("day", "month", *FILTERS)
"""By what a series may be: local days, calendar months, or one of the filters."""
Successors = Callable[[str], str]
"""Code of an agency → that of the agency that took over its work, or itself."""
FLOWS = tuple(name for name in MEASURES if name not in STOCKS)


def successors_on(agencies: Agencies, day: date) -> Successors:
    """Under which agencies the numbers of merged ones go on: those that do their work on a day; an unknown code stands for itself."""

    def successor(code: str) -> str:
        try:
            return agencies.successor(code, day).code
        except UnknownAgency:
            return code

    return successor


def count_by(
    connection: Connection, scope: Scope, by: str, successors: Successors | None = None
) -> dict[str, dict[str, int]]:
    """The measures of a scope, apart for each day, agency and so on.

    Measures of a moment, such as `in_progress`, are those at the end of each day or month (as far as it is in the period), or at the
    end of the period; they are 0 for days to come.

    Args:
        connection: reads.
        scope: period and filters.
        by: one of :data:`BY`.
        successors: gives the agency under which the numbers of an agency go on; all under their own code by default.

    Returns:
        ISO day, month as ``YYYY-MM`` or code ("" where it is not known) → measure → number, in order of the keys. Keys of which all
        measures are 0 are left out.
    """
    reader = scope.reader(connection)
    found = _by_time(reader, scope, by) if by in ("day", "month") else numbers_by(reader, scope, by, successors)
    return {key: {name: found[key][name] for name in MEASURES} for key in sorted(found) if any(found[key].values())}


def numbers_by(reader: Reader, scope: Scope, by: str, successors: Successors | None = None) -> dict[str, Counter[str]]:
    """The measures of a scope by a code, as for :func:`count_by`; unordered."""
    flows = reader.sums(DOSSIERS, [(0, *scope.period.days)], FLOWS, (by,))
    stocks = reader.sums(DOSSIERS, [reader.until(0, DOSSIERS, scope.observed_day)], STOCKS, (by,))
    found: dict[str, Counter[str]] = {}
    for one in (*flows, *stocks):
        key = one.by[0]
        if successors is not None and key and by in ("agency", "handling_agency"):
            key = successors(key)
        counted = found.setdefault(key, Counter())
        for name, number in one.numbers.items():
            counted[name] += number
    return found


def _by_time(reader: Reader, scope: Scope, by: str) -> dict[str, Counter[str]]:
    parts = list(_parts(scope.period, by))
    asked = [reader.until(0, DOSSIERS, scope.period.days[0] - 1)]
    asked += [(label, *part.days) for label, (_, part) in enumerate(parts, start=1)]
    today = scope.as_of.date()
    of_label = {one.label: one.numbers for one in reader.sums(DOSSIERS, asked, tuple(MEASURES))}
    stocks = Counter({name: of_label[0][name] if 0 in of_label else 0 for name in STOCKS})
    found: dict[str, Counter[str]] = {}
    for label, (key, part) in enumerate(parts, start=1):
        numbers = of_label.get(label, {})
        found[key] = Counter({name: numbers.get(name, 0) for name in FLOWS})
        if part.first <= today:
            for name in STOCKS:
                stocks[name] += numbers.get(name, 0)
                found[key][name] = stocks[name]
    return found


def _parts(period: Period, by: str) -> Iterator[tuple[str, Period]]:
    """The days or months of a period, the first and the last as far as they are in it."""
    first: date = period.first
    while first <= period.last:
        if by == "day":
            yield first.isoformat(), Period(first, first)
            first += ONE_DAY
            continue
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield first.isoformat()[:7], Period(first, min(following - ONE_DAY, period.last))
        first = following
