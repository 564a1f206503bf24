"""The days of one calendar, indexed by year, so that a distant due time costs no more than a near one.

Each year is built when first needed: every day, the working minutes before it (prefix sums), and the working days in
order.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from itertools import accumulate
from pathlib import Path

from shared.calendar.holidays import PublicHolidays
from shared.calendar.model import TIMEZONE, CalendarRangeError, DayInfo, Reason
from shared.calendar.rules import CalendarRules, WeekPattern, parse_rules
from shared.data_files import read_record

_DEFAULT = Path(__file__).parent / "data" / "default.json"
_SATURDAY = 5
_WEEKEND_NAMES = {5: ("thứ Bảy", "Saturday"), 6: ("Chủ nhật", "Sunday")}
_WEEKLY_DAY_OFF = Reason("weekend", "nghỉ hằng tuần", "weekly days off")


@cache
def default_rules() -> CalendarRules:
    """Return the working time of an agency without its own: Monday to Friday, eight hours (`data/default.json`)."""
    record = read_record(_DEFAULT)
    rules = parse_rules(record)
    record.raise_faults()
    return rules


@dataclass(frozen=True)
class _Year:
    first: int  # ordinal of 1 January
    days: tuple[DayInfo, ...]
    minutes_before: list[int]  # one entry a day and one for the year's end
    working: list[int]  # ordinals of the working days


class Timeline:
    """All days under `rules` and `holidays`, with arithmetic on working days and minutes."""

    def __init__(self, rules: CalendarRules, holidays: PublicHolidays) -> None:
        self._rules = rules
        self._holidays = holidays
        self._closed = {day.date: day for day in rules.closed}
        self._opened = {day.date: day for day in rules.opened}
        self._years: dict[int, _Year] = {}

    def day(self, day: date) -> DayInfo:
        """Return what `day` is. Raises CalendarRangeError outside the years of the public holidays."""
        year = self._year(day.year)
        return year.days[day.toordinal() - year.first]

    def next_working_day(self, day: date, count: int = 1) -> DayInfo:
        """Return the `count`-th working day after `day`, which is not counted itself (`count` at least 1)."""
        year = self._year(day.year)
        place = bisect_right(year.working, day.toordinal()) + count - 1
        number = day.year
        while place >= len(year.working):
            place -= len(year.working)
            number += 1
            year = self._year(number)
        return year.days[year.working[place] - year.first]

    def minutes_between(self, a: datetime, b: datetime) -> int:
        """Return the working minutes from `a` to `b` (local, whole minutes, `a` not after `b`)."""
        total = self._minutes_into_year(b) - self._minutes_into_year(a)
        return total + sum(self._year(number).minutes_before[-1] for number in range(a.year, b.year))

    def add_minutes(self, start: datetime, minutes: int) -> datetime:
        """Return the first moment in working time at which `minutes` have run since `start` (local, whole minutes)."""
        if minutes == 0:
            return start if self._in_session(start) else self.next_opening(start)
        target = self._minutes_into_year(start) + minutes
        number = start.year
        year = self._year(number)
        while target > year.minutes_before[-1]:
            target -= year.minutes_before[-1]
            number += 1
            year = self._year(number)
        index = bisect_left(year.minutes_before, target) - 1
        left = target - year.minutes_before[index]
        for session in year.days[index].working_sessions:
            length = session.end - session.start
            if left <= length:
                return at_minute(year.days[index].date, session.start + left)
            left -= length
        raise AssertionError("the prefix sums disagree with the sessions they were made from")

    def next_opening(self, moment: datetime) -> datetime:
        """Return `moment` when time limits run then, otherwise the next moment at which they begin to."""
        minute = moment.hour * 60 + moment.minute
        info = self.day(moment.date())
        for session in info.working_sessions:
            if minute < session.end:
                return moment if minute >= session.start else at_minute(info.date, session.start)
        following = self.next_working_day(info.date)
        return at_minute(following.date, following.working_sessions[0].start)

    def _in_session(self, moment: datetime) -> bool:
        minute = moment.hour * 60 + moment.minute
        return any(session.start <= minute <= session.end for session in self.day(moment.date()).working_sessions)

    def _minutes_into_year(self, moment: datetime) -> int:
        year = self._year(moment.year)
        index = moment.toordinal() - year.first
        minute = moment.hour * 60 + moment.minute
        run = year.minutes_before[index]
        for session in year.days[index].working_sessions:
            if minute > session.start:
                run += min(minute, session.end) - session.start
        return run

    def _year(self, number: int) -> _Year:
        year = self._years.get(number)
        if year is None:
            year = self._years[number] = self._build(number)
        return year

    def _build(self, number: int) -> _Year:
        first, last = self._holidays.first_year, self._holidays.last_year
        if not first <= number <= last:
            raise CalendarRangeError(
                f"{number} is outside the years of the recorded public holidays, {first} to {last}"
            )
        start = date(number, 1, 1).toordinal()
        end = date(number, 12, 31).toordinal()
        days = tuple(self._describe(date.fromordinal(ordinal)) for ordinal in range(start, end + 1))
        minutes_before = list(accumulate((day.working_minutes for day in days), initial=0))
        working = [start + index for index, day in enumerate(days) if day.working_sessions]
        return _Year(start, days, minutes_before, working)

    def _describe(self, day: date) -> DayInfo:
        """Return one day. The agency's own exceptions come first, then swapped days, holidays, and the week."""
        if (opened := self._opened.get(day)) is not None:
            return DayInfo(day, opened.sessions, Reason("open", opened.vi, opened.en))
        if (closed := self._closed.get(day)) is not None:
            return DayInfo(day, (), Reason("closed", closed.vi, closed.en))
        week = self._week(day)
        stands_for = self._holidays.worked.get(day)
        if stands_for is not None and week.sessions[stands_for.weekday()]:
            reason = Reason(
                "swapped_open", f"làm bù ngày {stands_for:%d/%m/%Y}", f"worked in place of {stands_for:%d/%m/%Y}"
            )
            return DayInfo(day, week.sessions[stands_for.weekday()], reason)
        if (holiday := self._holidays.closed.get(day)) is not None:
            return DayInfo(day, (), holiday)
        return _ordinary(day, week)

    def _week(self, day: date) -> WeekPattern:
        week = self._rules.week_on(day) or default_rules().week_on(day)
        if week is None:
            raise CalendarRangeError(f"no working week is in force on {day.isoformat()}")
        return week


def _ordinary(day: date, week: WeekPattern) -> DayInfo:
    weekday = day.weekday()
    sessions = week.sessions[weekday]
    if not sessions:
        return DayInfo(day, (), _WEEKLY_DAY_OFF)
    hours = ", ".join(map(str, sessions))
    if weekday in week.reception_only:
        vi, en = (
            f"chỉ tiếp nhận hồ sơ ({hours}), không tính vào thời hạn",
            f"reception only ({hours}), no time limit runs",
        )
        return DayInfo(day, sessions, Reason("reception_only", vi, en), reception_only=True)
    if weekday >= _SATURDAY:
        vi_name, en_name = _WEEKEND_NAMES[weekday]
        return DayInfo(
            day, sessions, Reason("weekend_session", f"làm việc {vi_name} ({hours})", f"{en_name} worked ({hours})")
        )
    return DayInfo(day, sessions)


def at_minute(day: date, minute: int) -> datetime:
    """Return the moment `minute` minutes after midnight of `day`, in Vietnamese time."""
    return datetime.combine(day, time(minute // 60, minute % 60), TIMEZONE)
