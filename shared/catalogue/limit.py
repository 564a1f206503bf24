"""The statutory time of a case, as plain data; counting it on a calendar is the calendar's business."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

LimitUnit = Literal["working_days", "working_hours", "calendar_days", "immediate"]

# Practice of the one-stop desks: the hours of an internal process are planned with eight to the working day.
HOURS_PER_WORKING_DAY = 8


@dataclass(frozen=True)
class Limit:
    """How long a case may take.

    Args:
        unit: what is counted; ``immediate`` is a result on the spot or at the latest within the day of receipt.
        amount: how many units, at least 1; 0 for ``immediate``.
    """

    unit: LimitUnit
    amount: int = 0

    def __post_init__(self) -> None:
        if (self.unit == "immediate") != (self.amount == 0) or self.amount < 0:
            raise ValueError(f"a limit of {self.amount} {self.unit} has no meaning")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Limit:
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
    def planned_hours(self) -> int:
        """Working hours that the counted steps of a route may take together under this limit.

        An immediate result may use the one day within which it is due. Calendar days are taken as if all were working
        days: an upper bound, since which of them are not depends on the date.
        """
        if self.unit == "immediate":
            return HOURS_PER_WORKING_DAY
        return self.amount if self.unit == "working_hours" else self.amount * HOURS_PER_WORKING_DAY

    @property
    def length(self) -> float:
        """Calendar days, roughly, to tell which of two limits in different units is the longer.

        Five working days take a week; a result on the spot takes no time.
        """
        if self.unit in ("calendar_days", "immediate"):
            return float(self.amount)
        hours = self.amount if self.unit == "working_hours" else self.amount * HOURS_PER_WORKING_DAY
        return hours / HOURS_PER_WORKING_DAY * 7 / 5
