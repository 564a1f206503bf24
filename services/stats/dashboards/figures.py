"""The numbers of a dashboard, read in one transaction, and what is made of them: shares, rows by agency or field, the course over time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from services.stats.dashboards.labels import SHARES
from services.stats.dashboards.selection import Selection, keys_of, trend_of
from services.stats.measures.domain import ONE_DAY, Period, share
from services.stats.measures.queries import Scope, count_measures
from services.stats.measures.series import Successors, count_by
from services.stats.measures.summary import Summary, summarise
from services.stats.measures.tickets import TicketTotals, totals_by_group
from shared.runtime.clock import VIETNAM

Counts = Mapping[str, int]
PARTS = {
    "on_time_share": ("on_time", "resolved"),
    "late_share": ("resolved_late", "resolved"),
    "satisfied_share": ("satisfied", "rated"),
}
"""Share → the measures of its part and its whole."""


@dataclass(frozen=True, slots=True)
class Row:
    """The numbers of one agency, level, field, procedure or channel.

    Attributes:
        key: its code; empty for dossiers of which it is not known.
        codes: those whose numbers are added up: of an agency also those merged into it, of a level its agencies.
        counts: measure → number.
    """

    key: str
    codes: Sequence[str]
    counts: Counts


@dataclass(frozen=True, slots=True)
class Dashboard:
    """All numbers of a leader's page.

    Attributes:
        summary: of the period.
        today: of today.
        before: of the period before, as many days.
        trend_by: ``day`` or ``month``.
        trend: each day or month of the course with its numbers.
        rows: by what the view asks for.
        agencies: by receiving agency.
        queues: by handling agency.
        visitors: (desk, service group) → visitors of the period.
    """

    summary: Summary
    today: Counts
    before: Counts
    trend_by: str
    trend: Sequence[tuple[str, Counts]]
    rows: Sequence[Row]
    agencies: Sequence[Row]
    queues: Sequence[Row]
    visitors: Mapping[tuple[str, str], TicketTotals]


def read_dashboard(
    connection: Connection, selection: Selection, scope: Scope, successors: Successors, levels: Successors
) -> Dashboard:
    """Reads a leader's page.

    Args:
        connection: a transaction of one moment.
        selection: what is shown.
        scope: its period, filters and agencies.
        successors: code of an agency → that of the one that does its work today.
        levels: code of an agency → its level.
    """
    period, now = scope.period, scope.as_of.astimezone(VIETNAM).date()
    trend, trend_by = trend_of(selection, period)
    course = count_by(connection, replace(scope, period=trend), trend_by)
    agencies = rows_by(connection, scope, "agency", successors)
    queues = rows_by(connection, scope, "handling_agency", successors)
    shown = {"agency": agencies, "handling_agency": queues}
    desk = scope.filters.get("agency")
    desks = scope.agencies if desk is None else {desk} & (scope.agencies if scope.agencies is not None else {desk})
    return Dashboard(
        summary=summarise(connection, scope),
        today=count_measures(connection, replace(scope, period=Period(now, now))),
        before=count_measures(connection, replace(scope, period=_before(period))),
        trend_by=trend_by,
        trend=[(key, course.get(key, Counter())) for key in keys_of(trend, trend_by)],
        rows=shown.get(selection.by) or _rows(connection, scope, selection.by, successors, levels),
        agencies=agencies,
        queues=queues,
        visitors=totals_by_group(connection, period, desks),
    )


def _rows(connection: Connection, scope: Scope, by: str, successors: Successors, levels: Successors) -> list[Row]:
    if by == "level":
        return rows_by(connection, scope, "agency", levels)
    return rows_by(connection, scope, by, successors)


def rows_by(connection: Connection, scope: Scope, by: str, successors: Successors) -> list[Row]:
    """The numbers of a scope by agency, field and so on; an agency with those that were merged into it, by key."""
    merged: dict[str, list[tuple[str, Counts]]] = {}
    for code, counts in count_by(connection, scope, by).items():
        key = successors(code) if code and by.endswith("agency") else code
        merged.setdefault(key, []).append((code, counts))
    return [
        Row(key, [code for code, _ in of], sum((Counter(counts) for _, counts in of), Counter()))
        for key, of in sorted(merged.items())
    ]


def figure(name: str, counts: Counts, least_ratings: int = 1) -> int | float | None:
    """A number or share of :data:`services.stats.dashboards.labels.FIGURES`.

    Args:
        name: of the number.
        counts: measure → number; a missing one is 0.
        least_ratings: with fewer, what ratings say is not shown, so that nobody is known by them.

    Returns:
        A share in percent; None where there is nothing of which it is a share, or too few ratings.
    """
    if name not in SHARES:
        return counts.get(name, 0)
    part, whole = (counts.get(one, 0) for one in PARTS[name])
    if name == "satisfied_share" and whole < least_ratings:
        return None
    return share(part, whole)


def by_urgency(rows: Sequence[Row], most: int) -> list[Row]:
    """The queues with most overdue dossiers in hand first, then those with most in hand; those with none in hand are left out."""
    waiting = [row for row in rows if row.counts.get("in_progress", 0)]
    order = ("in_progress_overdue", "in_progress")
    return sorted(waiting, key=lambda row: ([-row.counts.get(name, 0) for name in order], row.key))[:most]


def _before(period: Period) -> Period:
    """As many days that end before a period begins."""
    last = period.first - ONE_DAY
    return Period(last - (period.last - period.first), last)
