"""When a time has run out: one rule for every legal moment.

Moments are compared by the minute, as receipts print them: 15:00:24 is 15:00 and not after it, and what happens at 17:30:59 is
in time for 17:30. A time that has run out did so at its deadline, whenever it is noticed.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.calendar.model import TIMEZONE


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
