"""A time limit that an authority promises to keep although the law allows more (cắt giảm thời gian giải quyết)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from shared.catalogue.statutory_limit import HOURS_PER_WORKING_DAY, StatutoryLimit
from shared.catalogue.text import normalise


@dataclass(frozen=True)
class Shortening:
    """Why a case's limit is shorter than the law's.

    Args:
        law_limit: the law's limit.
        decision: number and date of the decision that shortened it.
        valid_from: the day from which the shorter limit is promised.
    """

    law_limit: StatutoryLimit
    decision: str
    valid_from: date

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Shortening:
        """Read the member ``shortened`` of a case in the catalogue's JSON shape."""
        limit = StatutoryLimit.from_dict(data["law_limit"])
        return cls(limit, normalise(data["decision"]), date.fromisoformat(data["valid_from"]))

    def as_dict(self) -> dict[str, Any]:
        """Return the shape that :meth:`from_dict` reads."""
        return {
            "law_limit": self.law_limit.as_dict(),
            "decision": self.decision,
            "valid_from": self.valid_from.isoformat(),
        }

    def days(self, limit: StatutoryLimit) -> float:
        """By how many days a limit is shorter than the law's: of the law's unit, with eight hours a working day.

        Args:
            limit: as promised. Where one is counted in calendar days and the other is not, all count as days of the calendar.
        """
        law = self.law_limit
        if (law.unit == "calendar_days") != (limit.unit == "calendar_days") and limit.unit != "immediate":
            return round(law.approximate_days - limit.approximate_days, 1)
        return _days(law) - _days(limit)


def _days(limit: StatutoryLimit) -> float:
    return limit.amount / HOURS_PER_WORKING_DAY if limit.unit == "working_hours" else float(limit.amount)
