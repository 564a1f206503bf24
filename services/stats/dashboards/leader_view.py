"""A leader's page put together: its tables, charts and map, the same for the page and for its files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.stats.dashboards import leader_charts as charts
from services.stats.dashboards.figures import Dashboard, Row, by_urgency, read_dashboard
from services.stats.dashboards.grids import Grid, ListAddress, queue_grid, rows_grid, trend_grid
from services.stats.dashboards.leader_tables import (
    complaints_grid,
    glance_grid,
    measures_grid,
    ratings_grid,
    visitors_grid,
)
from services.stats.dashboards.names import procedure_names
from services.stats.dashboards.samples import samples
from services.stats.dashboards.selection import BREAKDOWNS, DAY, TILE_MEASURES, Selection, trend_of
from services.stats.dashboards.viewing import PATH, View, levels, path_of, successors
from shared.web.language import text
from shared.web.views import context

LISTS = f"{PATH}/dossiers"
MOST_QUEUES = 10


@dataclass(frozen=True, slots=True)
class LeaderPage:
    """What a leader's page shows.

    Attributes:
        found: the numbers.
        grids: its tables by key, in order.
        least_ratings: with fewer, no satisfaction is shown.
        names: of procedures.
    """

    found: Dashboard
    grids: Mapping[str, Grid]
    least_ratings: int
    names: Mapping[str, str]

    def charts(self) -> Mapping[str, Any]:
        """Name → chart; none without anything to show."""
        trend = self.found.trend
        flow = text("Tiếp nhận và giải quyết", "Received and resolved")
        stock = text("Đang giải quyết cuối ngày, cuối tháng", "In hand at the end of each day or month")
        late = [row for row in self.queues if row.counts.get("in_progress_overdue", 0)]
        return {
            "flow": charts.course("chart-flow", flow, charts.FLOW, trend),
            "stock": charts.course("chart-stock", stock, charts.STOCK, trend),
            "queues": charts.queues(late) if late else "",
        }

    @property
    def queues(self) -> Sequence[Row]:
        """The queues with most overdue."""
        return by_urgency(self.found.queues, MOST_QUEUES)


def read_page(seen: View) -> LeaderPage:
    """Reads and puts together the page of a view, in one transaction."""
    successor = successors(seen.today)
    with context().store.snapshot() as connection:
        found = read_dashboard(connection, seen.selection, seen.scope, successor, levels())
        names = procedure_names(connection, seen.today)
    least = samples(seen.today).leader_ratings
    by = seen.selection.by
    period_list = list_address(seen, "")
    grids = (
        glance_grid(found, least),
        trend_grid(found.trend_by, found.trend, _trend_address(seen)),
        rows_grid(by, found.rows, list_address(seen, by), page_address(seen, by), dict(names), least),
        queue_grid(by_urgency(found.queues, MOST_QUEUES), list_address(seen, "handling_agency")),
        measures_grid(found.summary.counts, period_list),
        ratings_grid(found, least),
        complaints_grid(found),
        visitors_grid(found.visitors),
    )
    return LeaderPage(found, {one.key: one for one in grids}, least, names)


def list_address(seen: View, by: str) -> ListAddress:
    """Gives the address of the list behind the number of a row.

    Args:
        seen: the view.
        by: by what the rows are; empty for the view's own numbers.
    """

    def address(measure: str, row: Row) -> str:
        if by and not row.key:
            return ""  # what is not known cannot be asked for
        if by == "level":  # not the filter, which also counts what an agency of the level handles
            return _plain(seen.selection).address(LISTS, unit=seen.unit, measure=measure, received_level=row.key)
        narrowed = seen.selection.narrowed(by, row.key) if by else seen.selection
        merged = by if by.endswith("agency") and list(row.codes) != [row.key] else ""
        return _plain(narrowed).address(LISTS, unit=seen.unit, measure=measure, merged=merged)

    return address


def page_address(seen: View, by: str) -> Callable[[Row], str]:
    """Gives the address of the page of a row: that of an agency, or this one narrowed to a field, procedure or channel."""

    def address(row: Row) -> str:
        if not row.key:
            return ""
        if not by.endswith("agency"):
            return seen.selection.narrowed(by, row.key).address(path_of(seen))
        if row.key == seen.unit or (seen.visible is not None and row.key not in seen.visible):
            return ""
        rest = {name: value for name, value in seen.selection.filters.items() if name != by}
        return replace(seen.selection, filters=rest).address(f"{PATH}/{row.key}")

    return address


def _trend_address(seen: View) -> ListAddress:
    """The list behind a number of one day; a month of the course may begin before the first day that is counted, and has none."""
    _, by = trend_of(seen.selection, seen.period)

    def address(measure: str, row: Row) -> str:
        if by != "day":
            return ""
        day = Selection(kind=DAY, on=date.fromisoformat(row.key), filters=seen.selection.filters)
        return day.address(LISTS, unit=seen.unit, measure=measure)

    return address


def _plain(selection: Selection) -> Selection:
    """Without what has no meaning for a list."""
    return replace(selection, by=BREAKDOWNS[0], tile=TILE_MEASURES[0])
