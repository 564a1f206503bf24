"""The rules of counting, pure: periods in local days, and when a dossier counts as early or late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta

from shared.runtime.clock import VIETNAM

ONE_DAY = timedelta(days=1)
SATISFIED_FROM = 4
"""Scores from here on count as satisfied: hài lòng, rất hài lòng."""


WARNINGS = ("step_due_soon", "step_overdue", "dossier_due_soon", "step_returned")
"""What is kept as a warning."""


class BadPeriod(ValueError):
    """The days do not make a period.

    Attributes:
        field: which of the two is wrong: ``from`` or ``to``.
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
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        for name, day in (("from", self.first), ("to", self.last)):
            if not MINYEAR + 1 < day.year < MAXYEAR:  # beyond these there is no next midnight, or none in UTC
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

    def seen_at(self, now: datetime) -> datetime:
        """The moment at which work in hand is looked at: the end of the period, or now if that is earlier."""
        return min(self.end, now)


def period_of(first: date | None, last: date | None, today: date) -> Period:
    """The period that was asked for.

    Args:
        first: without it, the first day of the last day's month.
        last: without it, today; or the first day, if that lies ahead.
        today: the local day.

    Raises:
        BadPeriod: the last day is before the first.
    """
    if last is None:
        last = today if first is None else max(first, today)
    return Period(first or last.replace(day=1), last)


def is_early(resolved_at: datetime, due_at: datetime) -> bool:
    """Whether a dossier was resolved before its due day (trước hạn): on an earlier local day, not merely some hours before."""
    return resolved_at.astimezone(VIETNAM).date() < due_at.astimezone(VIETNAM).date()


def warning_id(kind: str, about: str, when: datetime) -> str:
    """The identity of a warning, the same however often it is said.

    Args:
        kind: one of :data:`WARNINGS`.
        about: the step's or the dossier's identity.
        when: the due time warned of, or the time at which the step was handed back; after a supplement there is a new one.
    """
    return f"{kind}/{about}/{when.astimezone(UTC).isoformat()}"


def share(part: int, whole: int) -> float | None:
    """A share in percent with one decimal; None when there is nothing to take a share of.

    100 only when it is all: rounding must not hide the one that was late.
    """
    if whole == 0:
        return None
    rounded = round(100 * part / whole, 1)
    return 99.9 if rounded == 100 and part < whole else rounded
