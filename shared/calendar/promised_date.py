"""The promised date of a dossier (ngày hẹn trả kết quả), with the explanation of how it was counted.

A receipt after the hour of the regulation (15:00 in NĐ 118/2025, article 18.2), or outside working time, counts from
the start of the next working day; from there `periods.py` counts the time that the procedure allows.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from shared.calendar import explanation
from shared.calendar.model import Due, TimeLimit, local_minute, whole_minutes
from shared.calendar.periods import CACHED, Counted, Periods, not_negative
from shared.calendar.timeline import at_minute
from shared.regulations.model import Number, Regulation

_DAY = timedelta(days=1)


class PromisedDates:
    """The promised dates under one calendar; see :meth:`shared.calendar.WorkingCalendar.promise`."""

    def __init__(self, periods: Periods) -> None:
        self._periods = periods
        self._timeline = periods.timeline
        self._next_working_day = lru_cache(CACHED)(self._put_off_to_next_working_day)

    def promise(self, received_at: datetime, limit: TimeLimit, regulation: Regulation, remote_extra_days: int) -> Due:
        """Return the promised time of a dossier received at `received_at`, with its explanation.

        Raises ValueError when `remote_extra_days` is negative.
        """
        not_negative(remote_extra_days)
        received = local_minute(received_at)
        start, shift = self._start(received, regulation)
        if limit.working_hours is not None:
            extra = remote_extra_days and remote_extra_days * regulation.number("hours_per_working_day").count * 60
            end, notes = self._periods.working_minutes(start, whole_minutes(limit.working_hours), extra)
        elif limit.calendar_days is not None:
            end, notes = self._periods.calendar_days(start.date(), limit.calendar_days, remote_extra_days)
        else:
            end, notes = self._periods.working_days(start.date(), limit.working_days or 0, remote_extra_days)
        return Due(end, (explanation.received(received), *shift, *notes))

    def _start(self, received: datetime, regulation: Regulation) -> Counted:
        """Return the moment from which a receipt counts, and why if that is not the receipt itself."""
        late = regulation.find("late_receipt_after")
        is_working_day = self._is_working_day(received.date())
        if is_working_day and late is not None and received.time() > late.clock:
            return self._next_working_day(received.date(), late, regulation)
        if not is_working_day or self._periods.is_over(received):
            return self._next_working_day(received.date(), None, regulation)
        return received, ()

    def _is_working_day(self, day: date) -> bool:
        return bool(self._timeline.day(day).working_sessions)

    def _put_off_to_next_working_day(self, day: date, late: Number | None, regulation: Regulation) -> Counted:
        following = self._timeline.next_working_day(day)
        opening = at_minute(following.date, following.working_sessions[0].start)
        why = (
            explanation.closed_receipt(day, opening)
            if late is None
            else explanation.late_receipt(day, opening, late, regulation)
        )
        left_out_from = day + _DAY if self._is_working_day(day) else day
        return opening, (why, *self._periods.special_days(left_out_from, following.date - _DAY))
