"""Series: the measures of a period by day or month, or by agency, field, procedure or channel."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection, func, select

from services.stats.facts.store import dossiers
from services.stats.measures.domain import ONE_DAY, Period
from services.stats.measures.queries import FILTERS, MEASURES, Scope, count_measures

BY = ("day", "month", *FILTERS)
"""By what a series may be: local days, calendar months, or one of the filters."""
Successors = Callable[[str], str]
"""Code of an agency → that of the agency that took over its work, or itself."""


def count_by(
    connection: Connection, scope: Scope, by: str, successors: Successors | None = None
) -> dict[str, dict[str, int]]:
    """The measures of a scope, apart for each day, agency and so on.

    Measures of a moment, such as `in_progress`, are those at the end of each day or month (as far as it is in the period), or at the
    end of the period.

    Args:
        connection: reads.
        scope: period and filters.
        by: one of :data:`BY`.
        successors: gives the agency under which the numbers of an agency go on; all under their own code by default.

    Returns:
        ISO day, month as ``YYYY-MM`` or code ("" where it is not known) → measure → number, in order of the keys. Keys of which all
        measures are 0 are left out.
    """
    found: dict[str, Counter[str]] = {}
    if by in FILTERS:
        for measure in MEASURES:
            column = dossiers.c[by]
            condition = (MEASURES[measure].condition(scope), *scope.filter_conditions())
            for code, number in connection.execute(select(column, func.count()).where(*condition).group_by(column)):
                key = code or ""
                if successors is not None and key and by in ("agency", "handling_agency"):
                    key = successors(key)
                found.setdefault(key, Counter())[measure] += number
    else:
        for key, period in _parts(scope.period, by):
            found[key] = Counter(count_measures(connection, replace(scope, period=period)))
    return {key: {name: found[key][name] for name in MEASURES} for key in sorted(found) if any(found[key].values())}


def _parts(period: Period, by: str) -> Iterator[tuple[str, Period]]:
    """The days or months of a period, the first and the last as far as they are in it."""
    first = period.first
    while first <= period.last:
        if by == "day":
            yield first.isoformat(), Period(first, first)
            first += ONE_DAY
            continue
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield first.isoformat()[:7], Period(first, min(following - ONE_DAY, period.last))
        first = following
