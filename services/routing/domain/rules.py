"""What the rules of the law share: the periods that they set.

A regulation version that does not have a number does not have the rule: then nothing is refused and no period ends.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from shared.calendar import TIMEZONE, WorkingCalendar
from shared.calendar.deadlines import end_of_day
from shared.regulations import Number, Regulation


class UnitUnusable(ValueError):
    """A number of the regulation has a unit that makes no period; an error in the data."""


def required(regulation: Regulation, name: str) -> Number | None:
    """The boolean number `name` if the regulation has it and it is true, otherwise None."""
    number = regulation.find(name)
    return number if number is not None and number.boolean else None


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


def day_before(number: Number, end: datetime, calendar: WorkingCalendar) -> date:
    """The last working day that lies the number's working days before the day of `end`.

    Raises:
        UnitUnusable: the number counts no working days.
    """
    if number.unit != "working_days":
        raise UnitUnusable(f"{number.name} is in {number.unit}, not in working days")
    day, left = local_day(end), number.count
    while left:
        day -= timedelta(days=1)
        left -= calendar.is_working_day(day)
    return day


def local_day(moment: datetime) -> date:
    """The date of a moment in Vietnam."""
    return moment.astimezone(TIMEZONE).date()


def in_working_time(moment: datetime, calendar: WorkingCalendar) -> bool:
    """Whether time limits run at a moment; the very end of a session is included, since due times fall there."""
    local = moment.astimezone(TIMEZONE)
    return any(
        session.opens <= local.time() <= session.closes for session in calendar.day(local.date()).working_sessions
    )


def shown(moment: datetime) -> str:
    """A moment as it is printed in both languages: ``17:30 02/12/2025``."""
    return f"{moment.astimezone(TIMEZONE):%H:%M %d/%m/%Y}"
