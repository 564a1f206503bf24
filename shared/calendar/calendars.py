"""The calendar of each agency. Agencies with equal rules share one, so its years and counted results are built once."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from shared.calendar.rules import CalendarRules
from shared.calendar.timeline import default_rules
from shared.calendar.working import WorkingCalendar

if TYPE_CHECKING:
    from shared.agencies import Agencies


def for_agency(agencies: Agencies, code: str, on: date | None = None) -> WorkingCalendar:
    """Return the calendar of the agency `code` as it stood on `on` (its latest version when None).

    An agency without a calendar of its own works the default week. Raises UnknownAgency.
    """
    return for_rules(agencies.get(code, on).calendar or default_rules())


@lru_cache(maxsize=256)
def for_rules(rules: CalendarRules) -> WorkingCalendar:
    """Return the calendar under `rules`, one and the same for equal rules."""
    return WorkingCalendar(rules)
