"""The rules of measures: periods of local days, and shares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, time, timedelta

from shared.runtime.clock import VIETNAM

ONE_DAY = timedelta(days=1)


class BadCursor(ValueError):
    """What stands for the last page of a list was not given out by it."""


class BadPeriod(ValueError):
    """The two days are not a valid period.

    Attributes:
        field: the day that is wrong: ``from`` or ``to``.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Period:
    """Whole local days, both inclusive.

    Attributes:
        first: the first day.
        last: the last day.

    Raises:
        BadPeriod: the last day is before the first, or a year is out of range.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        for name, day in (("from", self.first), ("to", self.last)):
            if not MINYEAR + 1 < day.year < MAXYEAR:  # outside, the midnights cannot be computed
                raise BadPeriod(name, "Năm không hợp lệ.")
        if self.last < self.first:
            raise BadPeriod("to", "Ngày cuối không được trước ngày đầu.")

    @property
    def start(self) -> datetime:
        """The first moment of the period."""
        return datetime.combine(self.first, time.min, VIETNAM)

    @property
    def end(self) -> datetime:
        """The first moment after the period."""
        return datetime.combine(self.last + ONE_DAY, time.min, VIETNAM)

    @property
    def days(self) -> tuple[int, int]:
        """The numbers of the first and the last day; see :mod:`services.stats.totals.spans`."""
        return self.first.toordinal(), self.last.toordinal()

    def observed_until(self, now: datetime) -> datetime:
        """The moment for which measures of a moment (such as "in progress") count: the end of the last day, or of today if earlier."""
        today = now.astimezone(VIETNAM).date()
        return self.end if self.last <= today else datetime.combine(today + ONE_DAY, time.min, VIETNAM)


def period_of(first: date | None, last: date | None, today: date) -> Period:
    """A period with defaults for missing days.

    Args:
        first: by default the first day of the month of `last`.
        last: by default today, or `first` if that is later.
        today: the local day.

    Raises:
        BadPeriod: the last day is before the first, or a year is out of range.
    """
    if last is None:
        last = today if first is None else max(first, today)
    return Period(first or last.replace(day=1), last)


def share(part: int, whole: int) -> float | None:
    """A share in percent with one decimal; None if `whole` is 0.

    It is 100 only if `part` equals `whole`: rounding must not hide a single late dossier.
    """
    if whole == 0:
        return None
    rounded = round(100 * part / whole, 1)
    return 99.9 if rounded == 100 and part < whole else rounded
