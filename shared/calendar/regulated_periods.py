"""When the periods that a regulation sets end."""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.calendar.deadlines import end_of_day
from shared.calendar.working_calendar import WorkingCalendar
from shared.regulations.model import Number


class UnitUnusable(ValueError):
    """A number of the regulation has a unit that makes no period; an error in the data."""


def period_end(number: Number, start: datetime, calendar: WorkingCalendar) -> datetime:
    """When a period of the regulation that begins at `start` ends, counted in the unit of its number.

    Days end with the last session of their last day (Civil Code 2015, articles 147 and 148); hours run at once.

    Raises:
        UnitUnusable: the number counts no time.
    """
    match number.unit:
        case "calendar_days":
            return calendar.add_calendar_days(start, number.count).at
        case "working_days":
            return calendar.add_working_days(start, number.count).at
        case "working_hours":
            return calendar.add_working_hours(start, number.count).at
        case "hours":
            return start + timedelta(hours=number.count)
        case unit:
            raise UnitUnusable(f"{number.name} is in {unit}, which is no period")


def citizens_period_end(number: Number, start: datetime, calendar: WorkingCalendar) -> datetime:
    """When a period in which a citizen may act ends: in days at 24:00 of the last day (Civil Code 2015, article 148.6).

    It is longer than an agency's by the evening: citizens act online too, while an agency's desk has its opening hours. Otherwise it is
    counted as by :func:`period_end`.

    Raises:
        UnitUnusable: the number counts no time.
    """
    end = period_end(number, start, calendar)
    return end_of_day(end) if number.unit in {"calendar_days", "working_days"} else end
