"""When a time has run out, and how waiting moves it: one rule for every legal moment.

Moments are compared by the minute, as receipts print them: 15:00:24 is 15:00 and not after it, and what happens at 17:30:59 is
in time for 17:30. A time that has run out did so at its deadline, whenever it is noticed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from shared.calendar.model import TIMEZONE


class DueTime(Protocol):
    """A due time as a calendar returns it."""

    @property
    def at(self) -> datetime:
        """The moment."""


class WorkingTime(Protocol):
    """What a clock needs of an agency's calendar."""

    def working_minutes_between(self, a: datetime, b: datetime) -> int:
        """Working minutes from `a` to `b`."""

    def rolled(self, moment: datetime) -> datetime:
        """`moment`, or the end of the next working day if its day was declared off."""

    def add_working_minutes(self, start: datetime, minutes: int) -> DueTime:
        """The moment at which `minutes` of working time have run since `start`."""


def minute_of(moment: datetime) -> datetime:
    """Return `moment` cut to its minute."""
    return moment.replace(second=0, microsecond=0)


def is_past(deadline: datetime, moment: datetime) -> bool:
    """Return whether `moment` is later than `deadline`, by the minute."""
    return minute_of(moment) > minute_of(deadline)


def past_from(deadline: datetime) -> datetime:
    """Return the first moment that is later than `deadline`, by the minute: when a sweep must look."""
    return minute_of(deadline) + timedelta(minutes=1)


def end_of_day(moment: datetime) -> datetime:
    """Return 24:00 of the local day of `moment`, at which a citizen's period ends (Civil Code 2015, article 148.6).

    It is the day's last minute, 23:59, so that it is shown and counted on that day; by the rule above the whole minute is in time.
    """
    return moment.astimezone(TIMEZONE).replace(hour=23, minute=59, second=0, microsecond=0)


def due(promised_at: datetime, uncounted_minutes: int, calendar: WorkingTime) -> datetime:
    """The due time: what was promised, extended by the working time that is not counted.

    A promised last day that was declared off since gives way to the next working day (Civil Code 2015, article 148.5); a day off
    before it leaves the promise.

    Args:
        promised_at: as it was told to the citizen.
        uncounted_minutes: working minutes, by the calendar of the agency whose promise it is.
        calendar: of that agency.
    """
    base = calendar.rolled(promised_at)
    return calendar.add_working_minutes(base, uncounted_minutes).at if uncounted_minutes else base
