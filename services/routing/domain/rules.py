"""What the rules of the law share: the periods that they set.

A regulation version that does not have a number does not have the rule: then nothing is refused and no period ends.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from shared.calendar import TIMEZONE, WorkingCalendar
from shared.calendar.regulated_periods import UnitUnusable
from shared.regulations import Number, Regulation


def required(regulation: Regulation, name: str) -> Number | None:
    """The boolean number `name` if the regulation has it and it is true, otherwise None."""
    number = regulation.find(name)
    return number if number is not None and number.boolean else None


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
