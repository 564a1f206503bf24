"""Counts what a report says, through the read interface alone, so that its numbers agree with those on all pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.stats.measures.domain import Period
from services.stats.measures.queries import Scope
from services.stats.measures.series import Successors, count_by, successors_on
from services.stats.measures.summary import summarise
from services.stats.measures.tickets import numbers_of, together, totals_by_group
from services.stats.reports.domain import BREAKDOWNS, Value
from services.stats.reports.line import Source
from services.stats.reports.lines import DOSSIER_COLUMNS, LINES
from services.stats.reports.notes import missing
from services.stats.reports.periods import ReportPeriod, before, year_before
from services.stats.reports.rules import ReportRules
from shared.agencies import LEVELS, Agencies
from shared.catalogue.roles import FIELDS


def count_content(
    connection: Connection, agencies: Agencies, agency: str, period: ReportPeriod, now: datetime, rules: ReportRules
) -> dict[str, Any]:
    """All that a report says, with a JSON form. Names are those of the period's last day.

    Counted are the dossiers that the agency, one below it or one merged into these has received or handles.

    Args:
        connection: reads; all numbers are of one moment.
        agencies: all of them.
        agency: whose report.
        period: of which.
        now: business time.
        rules: of reports.
    """
    visible = agencies.descendants(agency, period.last)
    scopes = {
        column: Scope(Period(one.first, one.last), now, {}, visible)
        for column, one in {"now": period, "before": before(period), "last_year": year_before(period)}.items()
    }
    sources = {column: _source(connection, scope, rules.rating_sample) for column, scope in scopes.items()}
    numbers = {name: {column: line.value(source) for column, source in sources.items()} for name, line in LINES.items()}
    return {
        "kind": period.kind.id,
        "period": period.key,
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "agency": agency,
        "agency_name": agencies.name_of(agency, period.last),
        "as_of": now.isoformat(),
        "agencies": len(visible),
        "rating_sample": rules.rating_sample,
        "numbers": numbers,
        **_tables(connection, scopes["now"], agencies, period),
        "missing": missing(numbers, now < scopes["now"].period.end, rules.rating_sample),
    }


def active_agencies(connection: Connection, period: ReportPeriod, now: datetime) -> frozenset[str]:
    """The agencies that had a dossier or a visitor in a period, or a dossier in hand at its end: as the receiving or the handling one.

    Args:
        connection: reads.
        period: of which.
        now: business time.
    """
    scope = Scope(Period(period.first, period.last), now, {})
    desks = {desk for desk, _ in totals_by_group(connection, scope.period, None)}
    counted = (code for by in ("agency", "handling_agency") for code in count_by(connection, scope, by))
    return frozenset(code for code in {*counted, *desks} if code)


def _source(connection: Connection, scope: Scope, sample: int) -> Source:
    desks = totals_by_group(connection, scope.period, scope.agencies)
    return Source(summarise(connection, scope), numbers_of(together(desks.values())), sample)


def _tables(
    connection: Connection, scope: Scope, agencies: Agencies, period: ReportPeriod
) -> dict[str, list[dict[str, Any]]]:
    """The dossiers of the period by level, agency, field and channel. A merged agency's stand with the one that took over its work, but
    under the level that it had itself."""
    by_agency = count_by(connection, scope, "agency")
    counted = {
        "level": _put_together(by_agency, _levels(agencies)),
        "agency": _put_together(by_agency, successors_on(agencies, period.last)),
    }
    counted |= {by: count_by(connection, scope, by) for by in BREAKDOWNS if by not in counted}
    return {by: _rows(counted[by], by, agencies, period) for by in BREAKDOWNS}


def _put_together(counted: Mapping[str, Mapping[str, int]], under: Successors) -> dict[str, dict[str, int]]:
    """The numbers of agencies added up under other codes; those of an unknown agency stay."""
    found: dict[str, Counter[str]] = {}
    for code, counts in counted.items():
        found.setdefault(under(code) if code else code, Counter()).update(counts)
    return {code: dict(counts) for code, counts in found.items()}


def _rows(
    counted: Mapping[str, Mapping[str, int]], by: str, agencies: Agencies, period: ReportPeriod
) -> list[dict[str, Any]]:
    """The rows of a table in order: levels from the highest, all others by code."""
    rows = []
    order = {level: place for place, level in enumerate(LEVELS if by == "level" else ())}
    for code, counts in sorted(counted.items(), key=lambda item: (order.get(item[0], len(order)), item[0])):
        shown: dict[str, Value] = {measure: counts.get(measure, 0) for measure in DOSSIER_COLUMNS}
        if any(shown.values()):
            rows.append({"code": code, "name": _name(code, by, agencies, period), "counts": shown})
    return rows


def _levels(agencies: Agencies) -> Successors:
    """Code of an agency → its level; a code that is not known stands for itself."""
    known = {one.code: one.level for one in agencies.all()}
    return lambda code: known.get(code, code)


def _name(code: str, by: str, agencies: Agencies, period: ReportPeriod) -> str:
    """The name of an agency or a field; empty for a level or a channel, whose name depends on the language."""
    if by == "agency":
        return agencies.name_of(code, period.last)
    return FIELDS.get(code, code) if by == "field" else ""
