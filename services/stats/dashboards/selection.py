"""What a dashboard shows: a period, filters and ways to look at the numbers. All of it stands in the page's address, so that a saved view
is a link; the shortest address of a view is always the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from types import MappingProxyType
from urllib.parse import urlencode

from services.stats.measures.domain import ONE_DAY, BadPeriod, Period, period_of

DAY, WEEK, MONTH, QUARTER, YEAR, CUSTOM = "day", "week", "month", "quarter", "year", "custom"
PERIODS = (DAY, WEEK, MONTH, QUARTER, YEAR)
"""Kinds of calendar periods; a view that names no day shows the one of today, whenever it is opened."""
FILTER_NAMES = ("level", "agency", "handling_agency", "field", "procedure", "channel")
BREAKDOWNS = ("agency", "level", "handling_agency", "field", "procedure", "channel")
"""By what the rows of the table may be; `level` is that of the receiving agency."""
TILE_MEASURES = ("on_time_share", "late_share", "in_progress_overdue", "in_progress", "received", "satisfied_share")
MAX_DAILY = 62
"""Longest period, in days, whose course is shown by day; a longer one is shown by month."""
_MONTHS = MappingProxyType({MONTH: 1, QUARTER: 3, YEAR: 12})


@dataclass(frozen=True, slots=True)
class Selection:
    """What a view shows.

    Attributes:
        kind: one of :data:`PERIODS`, or ``custom``.
        on: a day of the period; None for today.
        first, last: of a custom period.
        filters: of :data:`FILTER_NAMES`, those that narrow.
        by: of :data:`BREAKDOWNS`: the rows of the table.
        tile: of :data:`TILE_MEASURES`: what the tile map shows.
    """

    kind: str = MONTH
    on: date | None = None
    first: date | None = None
    last: date | None = None
    filters: Mapping[str, str] = field(default_factory=dict)
    by: str = BREAKDOWNS[0]
    tile: str = TILE_MEASURES[0]

    def period(self, today: date) -> Period:
        """The days of the view; a period that goes on ends today.

        Raises:
            services.stats.measures.domain.BadPeriod: the last day is before the first, or a year is out of range.
        """
        if self.kind == CUSTOM:
            return period_of(self.first, self.last, today)
        whole = calendar_period(self.kind, self.on or today)
        return Period(whole.first, min(whole.last, today)) if whole.first <= today else whole

    def query(self) -> dict[str, str]:
        """The shortest arguments of an address that give this view, in an order that is always the same."""
        found: dict[str, str] = {}
        if self.kind == CUSTOM:
            days = {"from": self.first, "to": self.last}
            found |= {name: day.isoformat() for name, day in days.items() if day is not None}
        elif self.kind != MONTH:
            found["period"] = self.kind
        if self.on is not None and self.kind != CUSTOM:
            found["on"] = self.on.isoformat()
        found |= {name: self.filters[name] for name in FILTER_NAMES if self.filters.get(name)}
        if self.by != BREAKDOWNS[0]:
            found["by"] = self.by
        if self.tile != TILE_MEASURES[0]:
            found["tile"] = self.tile
        return found

    def address(self, path: str, **more: str) -> str:
        """The address of this view on a page, with further arguments."""
        query = urlencode(self.query() | {name: value for name, value in more.items() if value})
        return f"{path}?{query}" if query else path

    def narrowed(self, name: str, value: str) -> Selection:
        """The same view with one filter set; empty to remove it."""
        rest = {key: one for key, one in self.filters.items() if key != name}
        return replace(self, filters=rest | ({name: value} if value else {}))

    def moved(self, steps: int, today: date) -> Selection:
        """The view of the period of the same kind before (-1) or after (1) this one; a custom period moves by its length.

        Raises:
            services.stats.measures.domain.BadPeriod: there is none in the years that are counted.
        """
        if self.kind == CUSTOM:
            now = self.period(today)
            length = timedelta(days=(now.last - now.first).days + 1) * steps
            try:
                moved = Period(now.first + length, now.last + length)
            except OverflowError:
                raise BadPeriod("from", "Năm không hợp lệ.") from None
            return replace(self, first=moved.first, last=moved.last)
        whole = calendar_period(self.kind, self.on or today)
        there = calendar_period(self.kind, whole.first - ONE_DAY if steps < 0 else whole.last + ONE_DAY)
        is_now = there == calendar_period(self.kind, today)
        return replace(self, on=None if is_now else there.first)


def calendar_period(kind: str, day: date) -> Period:
    """The whole calendar period of a kind in which a day lies; weeks begin on Monday.

    Raises:
        services.stats.measures.domain.BadPeriod: its year is out of range.
    """
    Period(day, day)
    if kind == DAY:
        return Period(day, day)
    if kind == WEEK:
        first = day - timedelta(days=day.weekday())
        return Period(first, first + timedelta(days=6))
    months = _MONTHS[kind]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    following = first.month + months
    end = date(first.year + (following > 12), (following - 1) % 12 + 1, 1)
    return Period(first, end - ONE_DAY)


def trend_of(selection: Selection, period: Period) -> tuple[Period, str]:
    """The days over which the course of a view is shown, and whether by ``day`` or by ``month``.

    A day is shown with the two weeks that end with it, a week with four, a quarter with the year that ends with it.
    """
    if selection.kind == DAY:
        return Period(period.last - timedelta(days=13), period.last), "day"
    if selection.kind == WEEK:
        return Period(period.last - timedelta(days=27), period.last), "day"
    if selection.kind == QUARTER:
        year_ago = period.last.replace(day=1) - timedelta(days=330)
        return Period(year_ago.replace(day=1), period.last), "month"
    daily = (period.last - period.first).days < MAX_DAILY
    return period, "day" if daily else "month"


def keys_of(period: Period, by: str) -> list[str]:
    """The days (``YYYY-MM-DD``) or months (``YYYY-MM``) of a period in order, so that those without any number are seen too."""
    if by == "day":
        days = (period.last - period.first).days + 1
        return [(period.first + timedelta(days=number)).isoformat() for number in range(days)]
    found, month = [], period.first.replace(day=1)
    while month <= period.last:
        found.append(month.isoformat()[:7])
        month = (month + timedelta(days=32)).replace(day=1)
    return found
