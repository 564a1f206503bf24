"""A number of the law: its value, its article, and how certain it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

UNITS = ("boolean", "calendar_days", "count", "hours", "time_of_day", "working_days", "working_hours")
"""What a number counts. `hours` are hours of the clock, `working_hours` only those in which the agency works."""

CERTAINTIES = ("law", "secondary", "memory")
"""`law`: read in the law's text; `secondary`: press, code or practice; `memory`: from memory, not checked."""


class RegulationNotFound(LookupError):
    """No regulation has this id, or none was in force on this day."""


class NumberNotFound(LookupError):
    """The regulation holds no number of this name."""


@dataclass(frozen=True, slots=True)
class Number:
    """One number of the law, for example 15:00 of NĐ 118/2025, article 18.2."""

    name: str
    value: int | bool | time
    unit: str
    article: str
    certainty: str
    note: str = ""

    @property
    def count(self) -> int:
        """The value of a number that counts something (days, hours, times). Raises TypeError for any other unit."""
        if isinstance(self.value, time | bool):
            raise TypeError(f"{self.name} is a {self.unit}, not a count")
        return self.value

    @property
    def clock(self) -> time:
        """The value of a number that is a time of day. Raises TypeError for any other unit."""
        if not isinstance(self.value, time):
            raise TypeError(f"{self.name} is in {self.unit}, not a time of day")
        return self.value

    @property
    def boolean(self) -> bool:
        """The value of a number with the unit `boolean`. Raises TypeError for any other unit."""
        if not isinstance(self.value, bool):
            raise TypeError(f"{self.name} is in {self.unit}, not a yes or no")
        return self.value


@dataclass(frozen=True, slots=True)
class Regulation:
    """One version of the one-stop rules, in force from `valid_from` to `valid_to`, both inclusive (None: no end)."""

    id: str
    title_vi: str
    title_en: str
    valid_from: date
    valid_to: date | None
    numbers: Mapping[str, Number] = field(hash=False)
    note: str = ""

    def number(self, name: str) -> Number:
        """Return the number called `name`. Raises NumberNotFound when this version of the rules has none."""
        number = self.numbers.get(name)
        if number is None:
            raise NumberNotFound(f"{self.id} has no number {name!r}; it has {', '.join(sorted(self.numbers))}")
        return number

    def find(self, name: str) -> Number | None:
        """Return the number called `name`, or None when this version of the rules has none."""
        return self.numbers.get(name)
