"""The promised date of a dossier (ngày hẹn trả kết quả), with the explanation of how it was counted.

The time runs from the receipt (NĐ 118/2025, article 17.3), whatever the hour and the day: days by the rule of every
period, which leaves the day of receipt out (Civil Code 2015, article 147.2), hours by the working minutes after it. The
hour after which a dossier is handed over only on the next working day (15:00, article 18.2) concerns the hand-over; it
counts here only for results that are due at once, which a late receipt puts off to the next working day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shared.calendar import explanation
from shared.calendar.model import Due, Note, TimeLimit, local_minute, whole_minutes
from shared.calendar.periods import Counted, Periods, not_negative
from shared.calendar.timeline import at_minute
from shared.regulations.model import Number, Regulation

_DAY = timedelta(days=1)


class PromisedDates:
    """The promised dates under one calendar; see :meth:`shared.calendar.WorkingCalendar.promise`."""

    def __init__(self, periods: Periods) -> None:
        self._periods = periods
        self._timeline = periods.timeline

    def promise(self, received_at: datetime, limit: TimeLimit, regulation: Regulation, remote_extra_days: int) -> Due:
        """Return the promised time of a dossier received at `received_at`, with its explanation.

        Raises ValueError when `remote_extra_days` is negative.
        """
        not_negative(remote_extra_days)
        received = local_minute(received_at)
        end, notes = self._count(received, limit, regulation, remote_extra_days)
        return Due(end, (explanation.received(received), *notes))

    def _count(self, received: datetime, limit: TimeLimit, regulation: Regulation, extra_days: int) -> Counted:
        if limit.working_hours is not None:
            extra = extra_days and extra_days * regulation.number("hours_per_working_day").count * 60
            return self._periods.working_minutes(received, whole_minutes(limit.working_hours), extra)
        if limit.calendar_days is not None:
            return self._periods.calendar_days(received.date(), limit.calendar_days, extra_days)
        if limit.working_days is not None:
            return self._periods.working_days(received.date(), limit.working_days, extra_days)
        start, shift = self._start_of_immediate(received, regulation)
        end, notes = self._periods.working_days(start.date(), 0, extra_days)
        return end, (*shift, *notes)

    def _start_of_immediate(self, received: datetime, regulation: Regulation) -> Counted:
        """Return from when a result is due at once: the receipt, or the next working day after a late one, with the reason."""
        late = regulation.find("late_receipt_after")
        is_working_day = bool(self._timeline.day(received.date()).working_sessions)
        if is_working_day and late is not None and received.time() > late.clock:
            return self._next_working_day(received, late, regulation)
        if self._periods.is_over(received):
            return self._next_working_day(received, None, regulation)
        return received, ()

    def _next_working_day(self, received: datetime, late: Number | None, regulation: Regulation) -> Counted:
        day = received.date()
        following = self._timeline.next_working_day(day)
        opening = at_minute(following.date, following.working_sessions[0].start)
        why: Note = (
            explanation.closed_receipt(day, opening)
            if late is None
            else explanation.late_receipt(day, opening, late, regulation)
        )
        left_out_from = day + _DAY if self._timeline.day(day).working_sessions else day
        return opening, (why, *self._periods.special_days(left_out_from, following.date - _DAY))
