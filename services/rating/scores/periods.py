"""The periods of scores: whole weeks, months, quarters and years in Vietnam. No others, so that no period holds one rating alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime, time, timedelta

from shared.runtime.clock import VIETNAM

WEEK, MONTH, QUARTER, YEAR = "week", "month", "quarter", "year"
_KEY = re.compile(r"(?P<year>2[0-9]{3})(?:-(?:W(?P<week>[0-9]{2})|Q(?P<quarter>[1-4])|(?P<month>[0-9]{2})))?")


class NoSuchPeriod(ValueError):
    """The text names no period."""


@dataclass(frozen=True, slots=True)
class ScorePeriod:
    """A week (Monday to Sunday), a month, a quarter or a year.

    Attributes:
        key: ``2026-W48``, ``2026-11``, ``2026-Q4`` or ``2026``.
        kind: one of the four.
        first: its first day.
        last: its last day.
    """

    key: str
    kind: str
    first: date
    last: date

    @property
    def begins(self) -> datetime:
        """The first moment."""
        return datetime.combine(self.first, time(), VIETNAM)

    @property
    def ends(self) -> datetime:
        """The first moment after it."""
        return datetime.combine(self.last + timedelta(days=1), time(), VIETNAM)

    def is_over(self, now: datetime) -> bool:
        """Whether it lies wholly before a moment."""
        return self.ends <= now


def period_of(kind: str, day: date) -> ScorePeriod:
    """The period of a kind in which a day lies."""
    if kind == WEEK:
        first = day - timedelta(days=day.weekday())
        year, week, _ = first.isocalendar()
        return ScorePeriod(f"{year}-W{week:02}", kind, first, first + timedelta(days=6))
    months = {MONTH: 1, QUARTER: 3, YEAR: 12}[kind]
    begin = (day.month - 1) // months * months + 1
    first = date(day.year, begin, 1)
    end = date(day.year + (begin + months > 12), (begin + months - 1) % 12 + 1, 1)
    keys = {MONTH: f"{day.year}-{day.month:02}", QUARTER: f"{day.year}-Q{begin // 3 + 1}", YEAR: f"{day.year}"}
    return ScorePeriod(keys[kind], kind, first, end - timedelta(days=1))


def parse_period(key: str) -> ScorePeriod:
    """The period of a key.

    Raises:
        NoSuchPeriod: no period has this key.
    """
    found = _KEY.fullmatch(key)
    if found is None or int(found["year"]) >= MAXYEAR:
        raise NoSuchPeriod(key[:20])
    year = int(found["year"])
    try:
        if found["week"]:
            return period_of(WEEK, date.fromisocalendar(year, int(found["week"]), 1))
        if found["month"]:
            return period_of(MONTH, date(year, int(found["month"]), 1))
    except ValueError as error:
        raise NoSuchPeriod(key) from error
    if found["quarter"]:
        return period_of(QUARTER, date(year, int(found["quarter"]) * 3, 1))
    return period_of(YEAR, date(year, 1, 1))


def before(period: ScorePeriod) -> ScorePeriod:
    """The period of the same kind before this one."""
    return period_of(period.kind, period.first - timedelta(days=1))


def recent_periods(kind: str, today: date, number: int) -> list[ScorePeriod]:
    """The latest periods of a kind, that of today first."""
    found = [period_of(kind, today)]
    while len(found) < number:
        found.append(before(found[-1]))
    return found
