"""The periods of reports: weeks, months, quarters, half-years and years, counted from the first of the month or from another day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta

WEEK = 0
"""In place of a number of months: seven days from Monday on (ISO 8601)."""
YEAR_MONTHS = 12
LENGTHS = (WEEK, 1, 3, 6, YEAR_MONTHS)
_ONE_DAY = timedelta(days=1)
_ROMAN = ("I", "II", "III", "IV")


class PeriodOutOfRange(ValueError):
    """The period lies outside the years that can be computed."""


@dataclass(frozen=True, slots=True)
class PeriodKind:
    """How periods are cut.

    Attributes:
        id: short name; it is kept with each report and never changes its meaning.
        vi, en: what people call it.
        months: how long a period is; :data:`WEEK` for a week.
        first_day: the day of the month on which a month begins. Above 1, it begins in the month before the one that it is named by.
        valid_from: the first day on which such a period may end.
        valid_to: the last one; None while it is in use.
    """

    id: str
    vi: str
    en: str
    months: int
    first_day: int
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """One period.

    Attributes:
        kind: how it is cut.
        first, last: its days, both inclusive.
    """

    kind: PeriodKind
    first: date
    last: date

    @property
    def key(self) -> str:
        """Its name in data: 2026-W48, 2026-11, 2026-Q4, 2026-H2, 2026."""
        if self.kind.months == WEEK:
            year, week, _ = self.first.isocalendar()
            return f"{year}-W{week:02d}"
        year, number = self.last.year, self._number
        return {1: f"{year}-{number:02d}", 3: f"{year}-Q{number}", 6: f"{year}-H{number}"}.get(
            self.kind.months, f"{year}"
        )

    @property
    def label(self) -> tuple[str, str]:
        """Its name in Vietnamese, as papers write it, and in English."""
        if self.kind.months == WEEK:
            year, week, _ = self.first.isocalendar()
            return f"tuần {week} năm {year}", f"week {week} of {year}"
        year, number = self.last.year, self._number
        names = {
            1: (f"tháng {number} năm {year}", f"month {number} of {year}"),
            3: (f"quý {_ROMAN[(number - 1) % 4]} năm {year}", f"quarter {number} of {year}"),
            6: (f"6 tháng {('đầu', 'cuối')[(number - 1) % 2]} năm {year}", f"half-year {number} of {year}"),
        }
        return names.get(self.kind.months, (f"năm {year}", f"year {year}"))

    @property
    def _number(self) -> int:
        """Its number in the year, from 1."""
        return (self.last.month - 1) // self.kind.months + 1


def containing(kind: PeriodKind, day: date) -> ReportPeriod:
    """The period that contains a day.

    Args:
        kind: how periods are cut.
        day: any local day.

    Raises:
        PeriodOutOfRange: the year is one of the first or the last that dates have.
    """
    if not MINYEAR + 2 < day.year < MAXYEAR - 1:
        raise PeriodOutOfRange(day.isoformat())
    if kind.months == WEEK:
        first = day - timedelta(days=day.weekday())
        return ReportPeriod(kind, first, first + timedelta(days=6))
    early = kind.first_day > 1
    named_by = day.year * YEAR_MONTHS + day.month - 1 + (early and day.day >= kind.first_day)
    block = named_by - named_by % kind.months
    begins = block - early
    first, following = (_day_of(month, kind.first_day) for month in (begins, begins + kind.months))
    return ReportPeriod(kind, first, following - _ONE_DAY)


def before(period: ReportPeriod) -> ReportPeriod:
    """The period that ends on the day before a period begins."""
    return containing(period.kind, period.first - _ONE_DAY)


def year_before(period: ReportPeriod) -> ReportPeriod:
    """The same period of last year: of the same name, and of a 53rd week the last one that last year had."""
    if period.kind.months == WEEK:
        year, week, _ = period.first.isocalendar()
        last_week = date(year - 1, 12, 28).isocalendar().week  # 28 December is always in the last week
        return containing(period.kind, date.fromisocalendar(year - 1, min(week, last_week), 1))
    index = period.last.year * YEAR_MONTHS + period.last.month - 1 - YEAR_MONTHS
    return containing(period.kind, _day_of(index, 1))


def _day_of(month: int, day: int) -> date:
    year, index = divmod(month, YEAR_MONTHS)
    return date(year, index + 1, day)
