"""The statutory time limit of a case as data; ``shared.calendar`` turns it into a due time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

LimitUnit = Literal["working_days", "working_hours", "calendar_days", "immediate"]

# One-stop desks plan the hours of an internal process with eight hours a working day.
HOURS_PER_WORKING_DAY = 8
_UNITS = {
    "working_days": ("ngày làm việc", "working days"),
    "working_hours": ("giờ làm việc", "working hours"),
    "calendar_days": ("ngày", "days"),
}


@dataclass(frozen=True)
class StatutoryLimit:
    """The statutory time limit of a case.

    Args:
        unit: what is counted; ``immediate`` means at once, at the latest within the day of receipt.
        amount: number of units, at least 1; 0 for ``immediate``.
    """

    unit: LimitUnit
    amount: int = 0

    def __post_init__(self) -> None:
        if (self.unit == "immediate") != (self.amount == 0) or self.amount < 0:
            raise ValueError(f"a limit of {self.amount} {self.unit} has no meaning")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> StatutoryLimit:
        """Read ``{"working_days": 8}``, or likewise working_hours or calendar_days, or ``{"immediate": true}``."""
        if data.get("immediate"):
            return cls("immediate")
        if "working_days" in data:
            return cls("working_days", int(data["working_days"]))
        if "working_hours" in data:
            return cls("working_hours", int(data["working_hours"]))
        return cls("calendar_days", int(data["calendar_days"]))

    def as_dict(self) -> dict[str, int | bool]:
        """Return the shape that :meth:`from_dict` reads."""
        return {self.unit: True if self.unit == "immediate" else self.amount}

    @property
    def words(self) -> tuple[str, str]:
        """The limit in words, Vietnamese and English."""
        if self.unit == "immediate":
            return "Giải quyết ngay trong ngày làm việc", "At once, within the working day"
        vi, en = _UNITS[self.unit]
        return f"{self.amount} {vi}", f"{self.amount} {en.removesuffix('s') if self.amount == 1 else en}"

    @property
    def planned_hours(self) -> int:
        """Working hours that the counted steps of a route may take together under this limit.

        An immediate result may use one working day. Calendar days all count as working days: an upper bound, since the
        number of working days among them depends on the date.
        """
        if self.unit == "immediate":
            return HOURS_PER_WORKING_DAY
        return self.amount if self.unit == "working_hours" else self.amount * HOURS_PER_WORKING_DAY

    @property
    def approximate_days(self) -> float:
        """The limit in calendar days, roughly, for comparing limits in different units.

        Five working days count as a week, an immediate result as 0.
        """
        if self.unit in ("calendar_days", "immediate"):
            return float(self.amount)
        hours = self.amount if self.unit == "working_hours" else self.amount * HOURS_PER_WORKING_DAY
        return hours / HOURS_PER_WORKING_DAY * 7 / 5
