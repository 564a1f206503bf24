"""The periods of scores: local months, quarters and years, each with the one before it."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from services.stats.measures.domain import BadPeriod, Period

MONTH, QUARTER, YEAR = "month", "quarter", "year"
KINDS = (MONTH, QUARTER, YEAR)
_MONTHS = {MONTH: 1, QUARTER: 3, YEAR: 12}
_KEY = re.compile(r"(\d{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?")
_ROMAN = ("I", "II", "III", "IV")


@dataclass(frozen=True, slots=True)
class IndexPeriod:
    """A month, quarter or year.

    Attributes:
        kind: one of :data:`KINDS`.
        first: its first day.
    """

    kind: str
    first: date

    @property
    def last(self) -> date:
        """Its last day."""
        month = self.first.month + _MONTHS[self.kind] - 1
        return date(self.first.year, month, monthrange(self.first.year, month)[1])

    @property
    def days(self) -> Period:
        """Its days."""
        return Period(self.first, self.last)

    @property
    def key(self) -> str:
        """As it is kept and asked for: 2025-11, 2025-Q4, 2025."""
        if self.kind == YEAR:
            return f"{self.first:%Y}"
        return f"{self.first:%Y-%m}" if self.kind == MONTH else f"{self.first:%Y}-Q{(self.first.month + 2) // 3}"

    @property
    def before(self) -> IndexPeriod:
        """The one before it, of the same kind."""
        return period_of(self.kind, self.first - timedelta(days=1))

    @property
    def after(self) -> IndexPeriod:
        """The one after it, of the same kind."""
        return period_of(self.kind, self.last + timedelta(days=1))

    @property
    def name(self) -> tuple[str, str]:
        """Its name in Vietnamese and English."""
        year = self.first.year
        if self.kind == MONTH:
            return f"Tháng {self.first.month} năm {year}", f"{self.first:%m/%Y}"
        if self.kind == YEAR:
            return f"Năm {year}", f"Year {year}"
        number = (self.first.month + 2) // 3
        return f"Quý {_ROMAN[number - 1]} năm {year}", f"Quarter {number} of {year}"


def period_of(kind: str, day: date) -> IndexPeriod:
    """The period of a kind in which a day lies."""
    months = _MONTHS[kind]
    return IndexPeriod(kind, date(day.year, (day.month - 1) // months * months + 1, 1))


def parse_period(key: str, field: str = "period") -> IndexPeriod:
    """The period of a key such as 2025-11, 2025-Q4 or 2025.

    Raises:
        BadPeriod: it is none, or its year is out of range.
    """
    found = _KEY.fullmatch(key)
    if found is None:
        raise BadPeriod(field, "Kỳ phải có dạng 2025-11, 2025-Q4 hoặc 2025.")
    year, month, quarter = found.groups()
    if not date.min.year + 1 < int(year) < date.max.year:
        raise BadPeriod(field, "Năm không hợp lệ.")
    kind = MONTH if month else QUARTER if quarter else YEAR
    return IndexPeriod(kind, date(int(year), int(month or (int(quarter or 1) - 1) * 3 + 1), 1))
