"""Working time of one agency: counting days and hours as the law does, with the explanation of every result.

The rules, each in one place:
- a period in days does not count its first day and ends with the last session of its last day: `add_working_days`;
- a last day that is not a working day rolls to the end of the next one: `add_calendar_days`;
- hours run at once, or from the next opening: `add_working_minutes`;
- a receipt after 15:00 counts from the start of the next working day: `promise`.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from shared.calendar import explain
from shared.calendar.holidays import PublicHolidays, public_holidays
from shared.calendar.model import DayInfo, Due, Note, TimeLimit, local_minute, whole_minutes
from shared.calendar.rules import CalendarRules
from shared.calendar.timeline import Timeline, at_minute
from shared.regulations.model import Number, Regulation

_DAY = timedelta(days=1)
_CACHED = 8192  # results kept of each kind: some thirty limits over a year of start days


class WorkingCalendar:
    """Working time under `rules` and the public holidays (the product's own when None).

    Every method takes datetimes of any time zone and answers in Vietnamese time, to the minute; all raise ValueError
    for a datetime without a time zone and CalendarRangeError (a ValueError) outside the recorded years. Safe to share
    between threads.
    """

    def __init__(self, rules: CalendarRules, holidays: PublicHolidays | None = None) -> None:
        self.rules = rules
        self._timeline = Timeline(rules, holidays or public_holidays())
        self._specials = lru_cache(_CACHED)(self._name_specials)
        self._count_days = lru_cache(_CACHED)(self._count_working_days)
        self._count_calendar = lru_cache(_CACHED)(self._count_calendar_days)
        self._run = lru_cache(_CACHED)(self._run_minutes)
        self._put_off = lru_cache(_CACHED)(self._put_off_to_next_working_day)

    def day(self, day: date) -> DayInfo:
        """Return when the agency is open on `day`, and the reason if that is out of the ordinary."""
        return self._timeline.day(day)

    def is_working_day(self, day: date) -> bool:
        """Return whether time limits run on `day`. A day of reception only is open and yet no working day."""
        return bool(self._timeline.day(day).working_sessions)

    def next_opening(self, moment: datetime) -> datetime:
        """Return `moment` if it lies in working time, otherwise the next start of a session."""
        return self._timeline.next_opening(local_minute(moment))

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
        _not_negative(n)
        local = local_minute(start)
        if n == 0 and self._is_over(local):
            opening = self._timeline.next_opening(local)
            end = self._end_of(self._timeline.day(opening.date()))
            specials = self._specials(local.date(), end.date())
            return Due(end, (explain.started(local), explain.next_opening(opening), *specials, explain.due(end)))
        end, notes = self._count_days(local.date(), n, 0)
        return Due(end, (explain.started(local), *notes))

    def add_calendar_days(self, start: datetime, n: int) -> Due:
        """Return the end of the `n`-th calendar day after the day of `start`; a closed one rolls to a working day.

        Source: Civil Code 2015, articles 147.2 and 148.5. Raises ValueError when `n` is negative.
        """
        _not_negative(n)
        local = local_minute(start)
        if n == 0:
            return self.add_working_days(local, 0)
        end, notes = self._count_calendar(local.date(), n, 0)
        return Due(end, (explain.started(local), *notes))

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
        _not_negative(minutes)
        local = local_minute(start)
        end, notes = self._run(local, minutes, 0)
        return Due(end, (explain.started(local), *notes))

    def promise(
        self, received_at: datetime, limit: TimeLimit, regulation: Regulation, remote_extra_days: int = 0
    ) -> Due:
        """Return the time to promise on the receipt of a dossier received at `received_at`.

        `regulation` is the version in force at receipt: a dossier received later in the day than its
        `late_receipt_after` (NĐ 118/2025, article 18.2), or outside working time, counts as received at the start of
        the next working day. `remote_extra_days` are added for hard-to-reach areas, in the kind of days of the limit
        (working days beside hours). An immediate result is due by the end of the day of receipt. Raises ValueError when
        `remote_extra_days` is negative.
        """
        _not_negative(remote_extra_days)
        received = local_minute(received_at)
        start, shift = self._accept(received, regulation)
        if limit.working_hours is not None:
            extra = remote_extra_days and remote_extra_days * regulation.number("hours_per_working_day").count * 60
            end, notes = self._run(start, whole_minutes(limit.working_hours), extra)
        elif limit.calendar_days is not None:
            end, notes = self._count_calendar(start.date(), limit.calendar_days, remote_extra_days)
        else:
            end, notes = self._count_days(start.date(), limit.working_days or 0, remote_extra_days)
        return Due(end, (explain.received(received), *shift, *notes))

    def _accept(self, received: datetime, regulation: Regulation) -> tuple[datetime, tuple[Note, ...]]:
        """Return the moment from which a receipt counts, and why if that is not the receipt itself."""
        late = regulation.find("late_receipt_after")
        is_working_day = self.is_working_day(received.date())
        if is_working_day and late is not None and received.time() > late.clock:
            return self._put_off(received.date(), late, regulation)
        if not is_working_day or self._is_over(received):
            return self._put_off(received.date(), None, regulation)
        return received, ()

    def _put_off_to_next_working_day(
        self, day: date, late: Number | None, regulation: Regulation
    ) -> tuple[datetime, tuple[Note, ...]]:
        following = self._timeline.next_working_day(day)
        opening = at_minute(following.date, following.working_sessions[0].start)
        why = (
            explain.closed_receipt(day, opening)
            if late is None
            else explain.late_receipt(day, opening, late, regulation)
        )
        left_out_from = day + _DAY if self.is_working_day(day) else day
        return opening, (why, *self._specials(left_out_from, following.date - _DAY))

    def _count_working_days(self, first: date, days: int, extra: int) -> tuple[datetime, tuple[Note, ...]]:
        """Return the end of the last of `days` + `extra` working days after `first`; with none, of `first` itself."""
        notes = [explain.limit(first, *(_days(days, "ngày làm việc", "working days") if days else _AT_ONCE))]
        if extra:
            notes.append(explain.remote(first, *_days(extra, "ngày làm việc", "working days")))
        if days + extra == 0:
            end = self._end_of(self._timeline.day(first))
        else:
            end = self._end_of(self._timeline.next_working_day(first, days + extra))
            notes += [explain.first_day(first), *self._specials(first + _DAY, end.date())]
        return end, (*notes, explain.due(end))

    def _count_calendar_days(self, first: date, days: int, extra: int) -> tuple[datetime, tuple[Note, ...]]:
        """Return the end of the last of `days` + `extra` calendar days after `first`, rolled to a working day."""
        notes = [explain.limit(first, *_days(days, "ngày", "days"))]
        if extra:
            notes.append(explain.remote(first, *_days(extra, "ngày", "days")))
        notes.append(explain.first_day(first))
        last = self._timeline.day(first + (days + extra) * _DAY)
        end_day = last if last.working_sessions else self._timeline.next_working_day(last.date)
        if end_day is not last:
            notes += [*self._specials(last.date, end_day.date - _DAY), explain.rolled(last.date, end_day.date)]
        end = self._end_of(end_day)
        return end, (*notes, explain.due(end))

    def _run_minutes(self, start: datetime, minutes: int, extra: int) -> tuple[datetime, tuple[Note, ...]]:
        """Return the moment at which `minutes` + `extra` working minutes have run since `start`."""
        notes = [explain.at_once(start.date(), *_hours(minutes))]
        if extra:
            notes.append(explain.remote(start.date(), *_hours(extra)))
        opening = self._timeline.next_opening(start)
        end = self._timeline.add_minutes(start, minutes + extra)
        if start < opening <= end:
            notes.append(explain.next_opening(opening))
        notes += self._specials(start.date(), end.date())
        return end, (*notes, explain.due(end))

    def _name_specials(self, first: date, last: date) -> tuple[Note, ...]:
        days = range(first.toordinal(), last.toordinal() + 1)
        return explain.special_days(self._timeline.day(date.fromordinal(ordinal)) for ordinal in days)

    def _is_over(self, moment: datetime) -> bool:
        """Whether no working time is left on the day of `moment`: it is closed, or its last session has ended."""
        sessions = self._timeline.day(moment.date()).working_sessions
        return not sessions or moment.time() > sessions[-1].closes

    @staticmethod
    def _end_of(day: DayInfo) -> datetime:
        return at_minute(day.date, day.working_sessions[-1].end)


_AT_ONCE = ("giải quyết ngay trong ngày làm việc", "at once, within the working day")


def _not_negative(count: int) -> None:
    if count < 0:
        raise ValueError(f"{count} is negative; time is counted forward only")


def _days(count: int, vi: str, en: str) -> tuple[str, str]:
    return f"{count} {vi}", f"{count} {en.removesuffix('s') if count == 1 else en}"


def _hours(minutes: int) -> tuple[str, str]:
    hours, rest = divmod(minutes, 60)
    if rest:
        return f"{hours} giờ {rest} phút làm việc", f"{hours} h {rest} min of working time"
    return f"{hours} giờ làm việc", f"{hours} working hour{'' if hours == 1 else 's'}"
