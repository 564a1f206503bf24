"""Dated data that all services read: agencies, regulations and working calendars."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from shared.agencies import Agencies
from shared.calendar import WorkingCalendar
from shared.regulations import Regulation, Regulations


@dataclass(frozen=True)
class Reference:
    """Agencies, regulations and calendars as of any date.

    Attributes:
        agencies: with their levels and roles.
        regulations: the numbers that the law sets.
    """

    agencies: Agencies
    regulations: Regulations

    def regulation(self, on: date) -> Regulation:
        """The regulation in force on a date."""
        return self.regulations.on(on)

    def calendar(self, agency: str, on: date) -> WorkingCalendar:
        """An agency's working calendar on a date."""
        return self.agencies.calendar(agency, on)


def load_reference(agencies_dir: str = "") -> Reference:
    """Loads the built-in data, or the operator's own agencies.

    Args:
        agencies_dir: a directory of agency files; empty for the built-in samples.
    """
    return Reference(Agencies.load(Path(agencies_dir) if agencies_dir else None), Regulations.load())
