"""Properties that hold for every calendar, start and length."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.calendar import TIMEZONE, CalendarRules, Session, TimeLimit, WorkingCalendar
from shared.calendar.regulated_periods import period_end
from shared.calendar.rules import ClosedDay, OpenDay, WeekPattern
from shared.regulations import Number, Regulations
from tests.shared.calendar import oracle

MORNING, AFTERNOON = Session(time(7, 30), time(11, 30)), Session(time(13, 30), time(17, 30))
OFFICE = (MORNING, AFTERNOON)
WEEK = (OFFICE,) * 5


def _calendar(saturday: tuple[Session, ...], reception_only: frozenset[int] = frozenset()) -> WorkingCalendar:
    weeks = (WeekPattern(date(2016, 6, 1), None, (*WEEK, saturday, ()), reception_only),)
    closed = (ClosedDay(date(2025, 10, 1), "bão", "storm"),)
    opened = (OpenDay(date(2025, 10, 5), (MORNING,), "làm bù", "made up"),)
    return WorkingCalendar(CalendarRules(weeks, closed, opened))


CALENDARS = [WorkingCalendar(CalendarRules()), _calendar((MORNING,)), _calendar((MORNING,), frozenset({5}))]
REGULATIONS = Regulations.load()

calendars = st.sampled_from(CALENDARS)
# Around ordinary days and around Tết, swapped days, year ends and changes of the regulation.
moments = st.builds(
    lambda minutes, origin: origin + timedelta(minutes=minutes),
    st.integers(0, 60 * 24 * 60),
    st.sampled_from(
        [datetime(y, m, d, tzinfo=TIMEZONE) for y, m, d in ((2016, 1, 10), (2018, 12, 1), (2025, 4, 1), (2025, 8, 20))]
    ),
)
limits = st.one_of(
    st.builds(lambda n: TimeLimit(working_days=n), st.integers(1, 60)),
    st.builds(lambda n: TimeLimit(working_hours=n), st.integers(1, 300)),
    st.builds(lambda n: TimeLimit(calendar_days=n), st.integers(1, 90)),
    st.just(TimeLimit(immediate=True)),
)


def in_working_time(calendar: WorkingCalendar, moment: datetime) -> bool:
    sessions = calendar.day(moment.date()).working_sessions
    return any(session.opens <= moment.time() <= session.closes for session in sessions)


def end_of_day(calendar: WorkingCalendar, moment: datetime) -> bool:
    return calendar.day(moment.date()).working_sessions[-1].closes == moment.time()


@given(calendars, moments, limits, st.integers(0, 10))
def test_a_promise_never_falls_in_closed_time_nor_before_the_receipt(
    calendar: WorkingCalendar, received: datetime, limit: TimeLimit, extra: int
) -> None:
    due = calendar.promise(received, limit, REGULATIONS.on(received.date()), extra)
    assert in_working_time(calendar, due.at)
    assert due.at >= received
    assert limit.working_hours is not None or end_of_day(calendar, due.at)
    assert due.explanation[0].code == "received"
    assert due.explanation[-1].code == "due"
    assert due.explanation[-1].date == due.at.date()


@given(calendars, moments, moments, limits)
def test_a_later_receipt_is_never_promised_earlier(
    calendar: WorkingCalendar, a: datetime, b: datetime, limit: TimeLimit
) -> None:
    regulation = REGULATIONS.get("nd118-2025")
    first, second = sorted((a, b))
    assert calendar.promise(first, limit, regulation).at <= calendar.promise(second, limit, regulation).at


@given(calendars, moments, st.integers(0, 60), st.integers(0, 60))
def test_more_days_are_never_due_earlier(calendar: WorkingCalendar, start: datetime, m: int, n: int) -> None:
    few, many = sorted((m, n))
    assert calendar.add_working_days(start, few).at <= calendar.add_working_days(start, many).at
    assert calendar.add_calendar_days(start, few).at <= calendar.add_calendar_days(start, many).at
    assert calendar.add_calendar_days(start, few).at <= calendar.add_working_days(start, few).at


@given(calendars, moments, st.integers(1, 60))
def test_the_working_days_after_the_start_are_those_added(calendar: WorkingCalendar, start: datetime, n: int) -> None:
    due = calendar.add_working_days(start, n).at
    days = (start.date() + timedelta(days=offset) for offset in range(1, (due.date() - start.date()).days + 1))
    assert sum(calendar.is_working_day(day) for day in days) == n


@given(calendars, moments, moments, st.integers(0, 9000), st.integers(0, 9000))
def test_adding_minutes_is_monotone_in_minutes_and_in_the_start(
    calendar: WorkingCalendar, a: datetime, b: datetime, m: int, n: int
) -> None:
    first, second = sorted((a, b))
    few, many = sorted((m, n))
    assert calendar.add_working_minutes(first, few).at <= calendar.add_working_minutes(first, many).at
    assert calendar.add_working_minutes(first, few).at <= calendar.add_working_minutes(second, few).at


@given(calendars, moments, moments, moments)
def test_minutes_between_are_additive(calendar: WorkingCalendar, a: datetime, b: datetime, c: datetime) -> None:
    between = calendar.working_minutes_between
    assert between(a, c) == between(a, b) + between(b, c)


@given(calendars, moments, st.integers(0, 9000))
def test_adding_minutes_is_the_inverse_of_minutes_between(
    calendar: WorkingCalendar, start: datetime, minutes: int
) -> None:
    end = calendar.add_working_minutes(start, minutes).at
    assert in_working_time(calendar, end)
    assert calendar.working_minutes_between(start, end) == minutes


@given(calendars, moments, st.integers(0, 60 * 24 * 20))
def test_minutes_between_are_those_counted_day_by_day(calendar: WorkingCalendar, a: datetime, length: int) -> None:
    b = a + timedelta(minutes=length)
    total = 0
    for offset in range((b.date() - a.date()).days + 1):
        day = a.date() + timedelta(days=offset)
        for session in calendar.day(day).working_sessions:
            opens = max(datetime.combine(day, session.opens, TIMEZONE), a)
            closes = min(datetime.combine(day, session.closes, TIMEZONE), b)
            total += max(0, int((closes - opens).total_seconds()) // 60)
    assert calendar.working_minutes_between(a, b) == total


def counted_slowly(calendar: WorkingCalendar, received: datetime, limit: TimeLimit, extra: int) -> datetime:
    def hours(day: date) -> list[tuple[time, time]]:
        return [(session.opens, session.closes) for session in calendar.day(day).working_sessions]

    start = received.replace(tzinfo=None)
    if limit.working_days is not None:
        return oracle.working_days(start, limit.working_days + extra, hours)
    if limit.calendar_days is not None:
        return oracle.calendar_days(start, limit.calendar_days + extra, hours)
    if limit.working_hours is not None:
        return oracle.working_minutes(start, int(limit.working_hours * 60) + extra * 480, hours)
    late = REGULATIONS.on(received.date()).find("late_receipt_after")
    return oracle.working_days(oracle.immediate(start, late.clock if late else None, hours), extra, hours)


@settings(max_examples=300)
@given(calendars, moments, limits, st.integers(0, 3))
def test_every_promise_is_that_of_the_slow_count(
    calendar: WorkingCalendar, received: datetime, limit: TimeLimit, extra: int
) -> None:
    promised = calendar.promise(received, limit, REGULATIONS.on(received.date()), extra).at
    assert promised.replace(tzinfo=None) == counted_slowly(calendar, received, limit, extra)


@given(calendars, moments, st.integers(1, 60), st.sampled_from(["working_days", "calendar_days", "working_hours"]))
def test_a_period_of_the_regulation_and_a_promise_follow_one_rule(
    calendar: WorkingCalendar, start: datetime, count: int, unit: str
) -> None:
    promised = calendar.promise(start, TimeLimit.of(unit, count), REGULATIONS.on(start.date())).at
    assert period_end(Number("any", count, unit, "1", "law"), start, calendar) == promised
