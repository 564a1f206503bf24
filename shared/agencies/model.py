"""Administrative units and the agencies that work in them, each with the days between which it exists."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.calendar.rules import CalendarRules

LEVELS = ("central", "province", "district", "commune")
"""The levels from the top down. Since 1 July 2025 there is no district level; older dossiers and statistics keep it."""


class UnknownAgency(LookupError):
    """No agency (or unit) has this code, or it did not exist on this day."""


class RoleNotFound(LookupError):
    """No agency plays this role near this place on this day."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A province, district or commune from `valid_from` to `valid_to`, both inclusive (None: no end).

    `successors` are the units into which it was merged or divided.
    """

    code: str
    name: str
    level: str
    valid_from: date
    valid_to: date | None = None
    parent: str | None = None
    successors: tuple[str, ...] = ()

    def valid_on(self, day: date) -> bool:
        """Whether the unit exists on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Agency:
    """One version of an agency, from `valid_from` to `valid_to`, both inclusive (None: no end).

    `code` is the agency's identifier (QĐ 20/2020: `000.21.34.H04`; QĐ 09/2025: `H12.31.01`); a renamed agency keeps it
    in a new version. `unit` is where it sits. With `serves` it is competent for these units only (a land-registry branch
    for several communes), otherwise for its whole unit. `successor` takes over its work after `valid_to`.
    """

    code: str
    name: str
    level: str
    unit: str
    roles: tuple[str, ...]
    valid_from: date
    valid_to: date | None = None
    serves: tuple[str, ...] = ()
    parent: str | None = None
    successor: str | None = None
    calendar: CalendarRules | None = None

    def valid_on(self, day: date) -> bool:
        """Whether this version of the agency exists on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)
