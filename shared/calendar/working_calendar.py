"""The working time of one agency: when it is open, and due times with their explanation.

The rules of counting are in `periods.py`, the promised date on a receipt in `promised_date.py`.
"""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from shared.calendar import explanation
from shared.calendar.holidays import PublicHolidays, public_holidays
from shared.calendar.model import TIMEZONE, DayInfo, Due, TimeLimit, local_minute, whole_minutes
from shared.calendar.periods import Periods, end_of, not_negative
from shared.calendar.promised_date import PromisedDates
from shared.calendar.rules import CalendarRules
from shared.calendar.timeline import Timeline
from shared.regulations.model import Regulation


class WorkingCalendar:
    """Working time under `rules` and the public holidays (the product's own when None).

    Every method takes datetimes of any time zone and returns Vietnamese time, to the minute; all raise ValueError
    for a datetime without a time zone and CalendarRangeError (a ValueError) outside the recorded years. Safe to share
    between threads.
    """

    def __init__(self, rules: CalendarRules, holidays: PublicHolidays | None = None) -> None:
        self.rules = rules
        self._timeline = Timeline(rules, holidays or public_holidays())
        self._periods = Periods(self._timeline)
        self._promised_dates = PromisedDates(self._periods)

    def day(self, day: date) -> DayInfo:
        """Return when the agency is open on `day`, and the reason if that is out of the ordinary."""
        return self._timeline.day(day)

    def is_working_day(self, day: date) -> bool:
        """Return whether time limits run on `day`. A reception-only day is open but no working day."""
        return bool(self._timeline.day(day).working_sessions)

    def next_opening(self, moment: datetime) -> datetime:
        """Return `moment` if it lies in working time, otherwise the next start of a session."""
        return self._timeline.next_opening(local_minute(moment))

    def rolled(self, moment: datetime) -> datetime:
        """Return a due time under this calendar: `moment`, or the end of the next working day if its day was declared off since.

        So it is too when the agency closes early on that day, before `moment`. Source: Civil Code 2015, article 148.5.
        """
        info = self.day(moment.astimezone(TIMEZONE).date())
        sessions = info.working_sessions
        closes_early = info.reason is not None and info.reason.code == "open"  # the agency's own hours for this one day
        if sessions and not (closes_early and end_of(info) < moment):
            return moment
        return end_of(self._timeline.next_working_day(info.date))

    def working_minutes_between(self, a: datetime, b: datetime) -> int:
        """Return the working minutes from `a` to `b`; negative when `b` is the earlier."""
        start, end = local_minute(a), local_minute(b)
        if start > end:
            return -self._timeline.minutes_between(end, start)
        return self._timeline.minutes_between(start, end)

    def add_working_days(self, start: datetime, n: int) -> Due:
        """Return the end of the `n`-th working day after the day of `start`, which is not counted.

        With `n` = 0 it is the end of the day of `start`, or of the next working day if that day is closed or already
        over. Source: Civil Code 2015, articles 147.2 and 148. Raises ValueError when `n` is negative.
        """
        not_negative(n)
        local = local_minute(start)
        if n == 0 and self._periods.is_over(local):
            opening = self._timeline.next_opening(local)
            end = end_of(self._timeline.day(opening.date()))
            specials = self._periods.special_days(local.date(), end.date())
            return Due(
                end, (explanation.started(local), explanation.next_opening(opening), *specials, explanation.due(end))
            )
        end, notes = self._periods.working_days(local.date(), n, 0)
        return Due(end, (explanation.started(local), *notes))

    def add_calendar_days(self, start: datetime, n: int) -> Due:
        """Return the end of the `n`-th calendar day after the day of `start`; a closed one rolls to a working day.

        Source: Civil Code 2015, articles 147.2 and 148.5. Raises ValueError when `n` is negative.
        """
        not_negative(n)
        local = local_minute(start)
        if n == 0:
            return self.add_working_days(local, 0)
        end, notes = self._periods.calendar_days(local.date(), n, 0)
        return Due(end, (explanation.started(local), *notes))

    def add_working_hours(self, start: datetime, hours: float) -> Due:
        """Return the moment at which `hours` of working time have run since `start`.

        Raises ValueError when `hours` is negative or not a whole number of minutes.
        """
        return self.add_working_minutes(start, whole_minutes(hours))

    def add_working_minutes(self, start: datetime, minutes: int) -> Due:
        """Return the moment at which `minutes` of working time have run since `start`, or since the next opening.

        It is the earliest such moment, so a period that fills a session ends at its closing. Source: Civil Code 2015,
        article 147.1. Raises ValueError when `minutes` is negative.
        """
        not_negative(minutes)
        local = local_minute(start)
        end, notes = self._periods.working_minutes(local, minutes, 0)
        return Due(end, (explanation.started(local), *notes))

    def promise(
        self, received_at: datetime, limit: TimeLimit, regulation: Regulation, remote_extra_days: int = 0
    ) -> Due:
        """Return the time to promise on the receipt of a dossier received at `received_at`.

        The time runs from the receipt: days without the day of receipt, whatever its hour (Civil Code 2015, article 147.2),
        hours by the working minutes after it. `regulation` is the version in force at receipt. An immediate result is due by
        the end of the day of receipt, or of the next working day for a receipt later in the day than the regulation's
        `late_receipt_after` (NĐ 118/2025, article 18.2) or outside working days. `remote_extra_days` are added for
        hard-to-reach areas, in the kind of days of the limit (working days beside hours). Raises ValueError when
        `remote_extra_days` is negative.
        """
        return self._promised_dates.promise(received_at, limit, regulation, remote_extra_days)


@lru_cache(maxsize=256)
def calendar_for_rules(rules: CalendarRules) -> WorkingCalendar:
    """Return the calendar under `rules`; equal rules share one, so its years and counted results are built once."""
    return WorkingCalendar(rules)
