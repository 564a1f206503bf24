"""The periods of reports: days, weeks, months, quarters, half-years, nine months and years; months are counted from their first day or
from another one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, timedelta

DAY_DAYS, WEEK_DAYS = 1, 7
DAYS = (DAY_DAYS, WEEK_DAYS)
"""Lengths in days: a day, and seven days from Monday on (ISO 8601)."""
NINE_MONTHS, YEAR_MONTHS = 9, 12
MONTHS = (1, 3, 6, NINE_MONTHS, YEAR_MONTHS)
"""Lengths in months. Nine months begin with the year; the rest of the year is in no such period."""
LENGTHS = (*((0, days) for days in DAYS), *((months, 0) for months in MONTHS))
"""Months and days of all lengths; one of the two is 0."""
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
        months: how long a period is; 0 for one that is counted in days.
        first_day: the day of the month on which a month begins. Above 1, it begins in the month before the one that it is named by.
        valid_from: the first day on which such a period may end.
        valid_to: the last one; None while it is in use.
        days: how long a period is that is not counted in months: one of :data:`DAYS`.
    """

    id: str
    vi: str
    en: str
    months: int
    first_day: int
    valid_from: date
    valid_to: date | None = None
    days: int = 0

    @property
    def every(self) -> int:
        """After how many months the next period begins; 0 for one that is counted in days."""
        return YEAR_MONTHS if self.months == NINE_MONTHS else self.months


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
        """Its name in data: 2026-11-30, 2026-W48, 2026-11, 2026-Q4, 2026-H2, 2026-9M, 2026."""
        if self.kind.days == DAY_DAYS:
            return self.first.isoformat()
        if self.kind.days == WEEK_DAYS:
            year, week, _ = self.first.isocalendar()
            return f"{year}-W{week:02d}"
        year, number = self.last.year, self._number
        return {
            1: f"{year}-{number:02d}",
            3: f"{year}-Q{number}",
            6: f"{year}-H{number}",
            NINE_MONTHS: f"{year}-9M",
            YEAR_MONTHS: f"{year}",
        }[self.kind.months]

    @property
    def label(self) -> tuple[str, str]:
        """Its name in Vietnamese, as papers write it, and in English."""
        if self.kind.days == DAY_DAYS:
            day = self.first
            return f"ngày {day.day} tháng {day.month} năm {day.year}", f"{day.day} {day:%B %Y}"
        if self.kind.days == WEEK_DAYS:
            year, week, _ = self.first.isocalendar()
            return f"tuần {week} năm {year}", f"week {week} of {year}"
        year, number = self.last.year, self._number
        return {
            1: (f"tháng {number} năm {year}", f"month {number} of {year}"),
            3: (f"quý {_ROMAN[(number - 1) % 4]} năm {year}", f"quarter {number} of {year}"),
            6: (f"6 tháng {('đầu', 'cuối')[(number - 1) % 2]} năm {year}", f"half-year {number} of {year}"),
            NINE_MONTHS: (f"9 tháng đầu năm {year}", f"first nine months of {year}"),
            YEAR_MONTHS: (f"năm {year}", f"year {year}"),
        }[self.kind.months]

    @property
    def _number(self) -> int:
        """Its number in the year, from 1."""
        return (self.last.month - 1) // self.kind.months + 1


def containing(kind: PeriodKind, day: date) -> ReportPeriod:
    """The period that contains a day; of nine months, for a day of the rest of the year, the one that has ended before it.

    Args:
        kind: how periods are cut.
        day: any local day.

    Raises:
        PeriodOutOfRange: the year is one of the first or the last that dates have.
    """
    if not MINYEAR + 2 < day.year < MAXYEAR - 1:
        raise PeriodOutOfRange(day.isoformat())
    if kind.days:
        first = day - timedelta(days=day.weekday() if kind.days == WEEK_DAYS else 0)
        return ReportPeriod(kind, first, first + timedelta(days=kind.days - 1))
    early = kind.first_day > 1
    named_by = day.year * YEAR_MONTHS + day.month - 1 + (early and day.day >= kind.first_day)
    begins = named_by - named_by % kind.every - early
    first, following = (_day_of(month, kind.first_day) for month in (begins, begins + kind.months))
    return ReportPeriod(kind, first, following - _ONE_DAY)


def before(period: ReportPeriod) -> ReportPeriod:
    """The period before: it ends on the day before a period begins; of nine months it is last year's."""
    return containing(period.kind, period.first - _ONE_DAY)


def year_before(period: ReportPeriod) -> ReportPeriod:
    """The same period of last year: of the same name. Of 29 February it is the day before, and of a 53rd week the last one that last
    year had."""
    if period.kind.days == DAY_DAYS:
        day = period.first
        leap = (day.month, day.day) == (2, 29)
        return containing(period.kind, date(day.year - 1, day.month, day.day - leap))
    if period.kind.days == WEEK_DAYS:
        year, week, _ = period.first.isocalendar()
        last_week = date(year - 1, 12, 28).isocalendar().week  # 28 December is always in the last week
        return containing(period.kind, date.fromisocalendar(year - 1, min(week, last_week), 1))
    index = period.last.year * YEAR_MONTHS + period.last.month - 1 - YEAR_MONTHS
    return containing(period.kind, _day_of(index, 1))


def _day_of(month: int, day: int) -> date:
    year, index = divmod(month, YEAR_MONTHS)
    return date(year, index + 1, day)
