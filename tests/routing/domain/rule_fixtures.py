"""Shared by the tests of the rules: moments, regulations, an office calendar, random calendars and random clocks of dossiers."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from services.routing.domain.clock import Interval, Kind, first_interval, stop, switch
from shared.calendar import CalendarRules, Session, TimeLimit, WorkingCalendar
from shared.calendar.rules import ClosedDay, OpenDay, WeekPattern
from shared.regulations import Regulations
from shared.runtime.clock import VIETNAM

REGULATIONS = Regulations.load()
ND118 = REGULATIONS.get("nd118-2025")
ND61 = REGULATIONS.get("nd61-2018")
QD09 = REGULATIONS.get("qd09-2015")
BOTH = [ND61, ND118]

patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For properties over random calendars: each example builds years of days, which is slow on a busy machine."""

OFFICE = WorkingCalendar(CalendarRules())
"""Monday to Friday, 07:30-11:30 and 13:30-17:30."""


def at(text: str) -> datetime:
    """A Vietnamese time such as ``2025-11-20 08:15``."""
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


THURSDAY = at("2025-11-20 08:15")
PROMISED = at("2025-12-02 17:30")
"""Eight working days after Thursday."""

MORNING, AFTERNOON = Session(time(7, 30), time(11, 30)), Session(time(13, 30), time(17, 30))
DAYS = st.sampled_from([(MORNING, AFTERNOON), (MORNING,), (Session(time(8), time(16, 45)),), ()])
SPRING = date(2025, 4, 1)


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """Any week with working Mondays and Thursdays, and some extra closed and open days."""
    week = [draw(DAYS) for _ in range(7)]
    week[0] = week[0] or (MORNING,)
    week[3] = week[3] or (AFTERNOON,)
    reception_only = draw(st.sampled_from([frozenset[int](), frozenset({5})]))
    days = draw(st.lists(st.integers(0, 200), unique=True, max_size=6))
    odd = [SPRING + timedelta(days=day) for day in days]
    closed = tuple(ClosedDay(day, "bão", "storm") for day in odd[::2])
    opened = tuple(OpenDay(day, (MORNING,), "làm bù", "made up") for day in odd[1::2])
    return WorkingCalendar(
        CalendarRules((WeekPattern(date(2024, 1, 1), None, tuple(week), reception_only),), closed, opened)
    )


MINUTES = st.integers(0, 60 * 24 * 60)
MOMENTS = MINUTES.map(lambda minutes: datetime(2025, 5, 20, tzinfo=VIETNAM) + timedelta(minutes=minutes))
"""From 20 May 2025, so that many dossiers are open across the change of the regulation on 1 July."""

LIMITS = st.one_of(
    st.builds(lambda n: TimeLimit(working_days=n), st.integers(1, 30)),
    st.builds(lambda n: TimeLimit(working_hours=n), st.integers(1, 120)),
    st.builds(lambda n: TimeLimit(calendar_days=n), st.integers(1, 40)),
    st.just(TimeLimit(immediate=True)),
)
MOVES = st.lists(st.tuples(st.sampled_from(Kind), st.integers(0, 20 * 24 * 60)), max_size=8)
"""Changes of the kind of interval, each so many minutes after the one before."""


def dossier_intervals(
    received_at: datetime, moves: list[tuple[Kind, int]], ends_after: int | None = None
) -> list[Interval]:
    """The intervals after these changes, ignoring changes to the same kind; the last ends so many minutes later, or never."""
    intervals, moment = [first_interval(received_at)], received_at
    for kind, minutes in moves:
        moment += timedelta(minutes=minutes)
        if kind != intervals[-1].kind:
            intervals[-1:] = switch(intervals[-1], kind, "" if kind == Kind.COUNTED else "step", moment)
    if ends_after is not None:
        intervals[-1] = stop(intervals[-1], moment + timedelta(minutes=ends_after))
    return intervals


def interval_of(kind: Kind, begins: str, ends: str | None = None) -> Interval:
    """An interval given as two times."""
    return Interval(kind, "" if kind == Kind.COUNTED else "step", at(begins), at(ends) if ends else None)


def in_working_time(calendar: WorkingCalendar, moment: datetime) -> bool:
    """Whether a moment is in a session in which time limits run, both ends included."""
    sessions = calendar.day(moment.date()).working_sessions
    return any(session.opens <= moment.time() <= session.closes for session in sessions)
