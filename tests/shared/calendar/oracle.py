"""A second, slow count of the law's periods, day by day and minute by minute, that shares no code with the calendar.

It knows only which days and minutes are worked. Source: Civil Code 2015, articles 147 and 148; NĐ 118/2025, 17.3 and 18.2.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

Hours = Callable[[date], list[tuple[time, time]]]
"""A day -> its working sessions, in order; empty on a day on which time limits do not run."""

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def last_minute(day: date, hours: Hours) -> datetime:
    """The end of the working time of a worked day."""
    return datetime.combine(day, hours(day)[-1][1])


def next_worked(day: date, hours: Hours) -> date:
    """The next worked day after `day`."""
    day += DAY
    while not hours(day):
        day += DAY
    return day


def working_days(start: datetime, count: int, hours: Hours) -> datetime:
    """The day of `start` is not counted; the period ends with the working time of its last day."""
    day = start.date()
    for _ in range(count):
        day = next_worked(day, hours)
    return last_minute(day, hours)


def calendar_days(start: datetime, count: int, hours: Hours) -> datetime:
    """The day of `start` is not counted; a last day that is not worked rolls to the next worked one."""
    day = start.date() + count * DAY
    return last_minute(day if hours(day) else next_worked(day, hours), hours)


def working_minutes(start: datetime, count: int, hours: Hours) -> datetime:
    """Every minute in working time after `start` counts, whatever the hour."""
    moment = start
    while count:
        if any(opens <= moment.time() < closes for opens, closes in hours(moment.date())):
            count -= 1
        moment += MINUTE
    return moment


def immediate(start: datetime, late_after: time | None, hours: Hours) -> datetime:
    """At once: the same day, or the next worked day after the late hour, after closing or on a day that is not worked."""
    day = start.date()
    over = not hours(day) or start.time() > hours(day)[-1][1] or (late_after is not None and start.time() > late_after)
    return last_minute(next_worked(day, hours) if over else day, hours)
