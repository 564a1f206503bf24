"""Counting days and working time as the law does, with the notes that explain each result.

The rules, each in one place:
- a period in days does not count its first day and ends with the last session of its last day: `working_days`;
- a last day that is not a working day rolls to the end of the next one: `calendar_days`;
- hours run at once, or from the next opening: `working_minutes`.

Source: Civil Code 2015, articles 147 and 148.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from shared.calendar import explanation
from shared.calendar.model import DayInfo, Note
from shared.calendar.timeline import Timeline, at_minute

Counted = tuple[datetime, tuple[Note, ...]]
"""The end of a period and the notes that explain it."""

CACHED = 8192
"""Results kept of each kind: some thirty limits over a year of start days."""

_DAY = timedelta(days=1)
_AT_ONCE = ("giải quyết ngay trong ngày làm việc", "at once, within the working day")


class Periods:
    """Periods of time in one timeline; results are cached. Datetimes are local, to the minute."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.special_days = lru_cache(CACHED)(self._special_days)
        self.working_days = lru_cache(CACHED)(self._working_days)
        self.calendar_days = lru_cache(CACHED)(self._calendar_days)
        self.working_minutes = lru_cache(CACHED)(self._working_minutes)

    def is_over(self, moment: datetime) -> bool:
        """Return whether no working time is left on the day of `moment`: it is closed, or its last session has ended."""
        sessions = self.timeline.day(moment.date()).working_sessions
        return not sessions or moment.time() > sessions[-1].closes

    def _working_days(self, first: date, days: int, extra: int) -> Counted:
        """Return the end of the last of `days` + `extra` working days after `first`; with none, of `first` itself."""
        notes = [explanation.limit(first, *(_days(days, "ngày làm việc", "working days") if days else _AT_ONCE))]
        if extra:
            notes.append(explanation.remote(first, *_days(extra, "ngày làm việc", "working days")))
        if days + extra == 0:
            end = end_of(self.timeline.day(first))
        else:
            end = end_of(self.timeline.next_working_day(first, days + extra))
            notes += [explanation.first_day(first), *self.special_days(first + _DAY, end.date())]
        return end, (*notes, explanation.due(end))

    def _calendar_days(self, first: date, days: int, extra: int) -> Counted:
        """Return the end of the last of `days` + `extra` calendar days after `first`, rolled to a working day."""
        notes = [explanation.limit(first, *_days(days, "ngày", "days"))]
        if extra:
            notes.append(explanation.remote(first, *_days(extra, "ngày", "days")))
        notes.append(explanation.first_day(first))
        last = self.timeline.day(first + (days + extra) * _DAY)
        end_day = last if last.working_sessions else self.timeline.next_working_day(last.date)
        if end_day is not last:
            notes += [*self.special_days(last.date, end_day.date - _DAY), explanation.rolled(last.date, end_day.date)]
        end = end_of(end_day)
        return end, (*notes, explanation.due(end))

    def _working_minutes(self, start: datetime, minutes: int, extra: int) -> Counted:
        """Return the moment at which `minutes` + `extra` working minutes have run since `start`."""
        notes = [explanation.at_once(start.date(), *_hours(minutes))]
        if extra:
            notes.append(explanation.remote(start.date(), *_hours(extra)))
        opening = self.timeline.next_opening(start)
        end = self.timeline.add_minutes(start, minutes + extra)
        if start < opening <= end:
            notes.append(explanation.next_opening(opening))
        notes += self.special_days(start.date(), end.date())
        return end, (*notes, explanation.due(end))

    def _special_days(self, first: date, last: date) -> tuple[Note, ...]:
        """Return the notes on every day from `first` to `last` that is closed or open out of the ordinary."""
        days = range(first.toordinal(), last.toordinal() + 1)
        return explanation.special_days(self.timeline.day(date.fromordinal(ordinal)) for ordinal in days)


def end_of(day: DayInfo) -> datetime:
    """Return the end of the last working session of a working day."""
    return at_minute(day.date, day.working_sessions[-1].end)


def not_negative(count: int) -> None:
    """Raise ValueError if `count` is negative."""
    if count < 0:
        raise ValueError(f"{count} is negative; time is counted forward only")


def _days(count: int, vi: str, en: str) -> tuple[str, str]:
    return f"{count} {vi}", f"{count} {en.removesuffix('s') if count == 1 else en}"


def _hours(minutes: int) -> tuple[str, str]:
    hours, rest = divmod(minutes, 60)
    if rest:
        return f"{hours} giờ {rest} phút làm việc", f"{hours} h {rest} min of working time"
    return f"{hours} giờ làm việc", f"{hours} working hour{'' if hours == 1 else 's'}"
