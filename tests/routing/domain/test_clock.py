"""The legal clock: which time is counted, when a dossier is due, and whether it is late."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.clock import (
    Interval,
    Kind,
    first_interval,
    is_overdue,
    minutes,
    minutes_of,
    step_on_time,
    stop,
    switch,
)
from shared.calendar import WorkingCalendar
from shared.calendar.deadlines import due
from tests.routing.domain.rule_fixtures import MOMENTS as RECEIPTS
from tests.routing.domain.rule_fixtures import MOVES, OFFICE, PROMISED, THURSDAY, at, calendars, patient
from tests.routing.domain.rule_fixtures import dossier_intervals as life_of

CALENDAR = OFFICE
SECONDS = st.integers(0, 20 * 24 * 3600)
MOMENTS = SECONDS.map(lambda seconds: THURSDAY + timedelta(seconds=seconds))
LATER = THURSDAY + timedelta(days=30)


def dossier_intervals(moments: list[datetime]) -> list[Interval]:
    """A life that changes its kind at these moments and ends at the last of them."""
    intervals = [first_interval(THURSDAY)]
    for moment in moments[:-1]:
        kind = Kind.UNCOUNTED if intervals[-1].kind == Kind.COUNTED else Kind.COUNTED
        intervals[-1:] = switch(intervals[-1], kind, "tax" if kind == Kind.UNCOUNTED else "", moment)
    intervals[-1] = stop(intervals[-1], moments[-1])
    return intervals


@given(st.lists(MOMENTS, min_size=1, max_size=12))
def test_intervals_have_no_gap_or_overlap_even_with_skewed_clocks(moments: list[datetime]) -> None:
    intervals = dossier_intervals(moments)
    end = intervals[-1].ends_at
    assert intervals[0].begins_at == THURSDAY
    assert end == max(moments)
    for before, after in pairwise(intervals):
        assert before.ends_at == after.begins_at
        assert before.kind != after.kind
    assert all(interval.ends_at is not None and interval.begins_at <= interval.ends_at for interval in intervals)


@given(st.lists(MOMENTS, min_size=1, max_size=12))
def test_counted_and_uncounted_minutes_add_up_to_the_whole_time(moments: list[datetime]) -> None:
    intervals = dossier_intervals(moments)
    counted = minutes(intervals, Kind.COUNTED, CALENDAR, LATER)
    uncounted = minutes(intervals, Kind.UNCOUNTED, CALENDAR, LATER)
    assert min(counted, uncounted) >= 0
    assert counted + uncounted == CALENDAR.working_minutes_between(THURSDAY, max(moments))


@patient
@given(calendars(), RECEIPTS, MOVES, st.integers(0, 60 * 24 * 20))
def test_the_three_kinds_cover_a_dossiers_time_without_overlap(
    calendar: WorkingCalendar, received_at: datetime, moves: list[tuple[Kind, int]], ends_after: int
) -> None:
    intervals = life_of(received_at, moves, ends_after)
    end = intervals[-1].ends_at
    assert end == received_at + timedelta(minutes=sum(length for _, length in moves) + ends_after)
    assert intervals[0].begins_at == received_at
    assert all(before.ends_at == after.begins_at for before, after in pairwise(intervals))
    assert all(interval.ends_at is not None and interval.begins_at <= interval.ends_at for interval in intervals)
    of_each_kind = [minutes(intervals, kind, calendar, end) for kind in Kind]
    assert min(of_each_kind) >= 0
    assert sum(of_each_kind) == calendar.working_minutes_between(received_at, end)


@given(st.integers(0, 20_000), st.integers(0, 20_000))
def test_more_pause_never_makes_the_due_time_earlier(less: int, extra: int) -> None:
    assert PROMISED <= due(PROMISED, less, CALENDAR) <= due(PROMISED, less + extra, CALENDAR)


@given(MOMENTS, SECONDS, SECONDS)
def test_a_longer_pause_never_makes_the_due_time_earlier(begin: datetime, length: int, longer: int) -> None:
    short = Interval(Kind.UNCOUNTED, "tax", begin, begin + timedelta(seconds=length))
    long = Interval(Kind.UNCOUNTED, "tax", begin, begin + timedelta(seconds=length + longer))
    dues = [due(PROMISED, minutes([pause], Kind.UNCOUNTED, CALENDAR, LATER), CALENDAR) for pause in (short, long)]
    assert dues[0] <= dues[1]


@given(st.integers(0, 3000))
def test_the_due_time_moves_by_exactly_the_uncounted_working_time(uncounted: int) -> None:
    assert CALENDAR.working_minutes_between(PROMISED, due(PROMISED, uncounted, CALENDAR)) == uncounted


@given(MOMENTS.filter(lambda moment: moment <= PROMISED), SECONDS)
def test_a_pause_does_not_shorten_the_remaining_time(begin: datetime, length: int) -> None:
    end = begin + timedelta(seconds=length)
    uncounted = CALENDAR.working_minutes_between(begin, end)
    left_before = CALENDAR.working_minutes_between(begin, PROMISED)
    assert CALENDAR.working_minutes_between(end, due(PROMISED, uncounted, CALENDAR)) == left_before


def test_without_a_pause_the_due_time_is_the_promise() -> None:
    odd = PROMISED - timedelta(seconds=17)
    assert due(odd, 0, CALENDAR) == odd


def test_an_interval_that_has_not_ended_counts_up_to_now() -> None:
    lasting = Interval(Kind.UNCOUNTED, "tax", at("2025-11-21 09:00"))
    assert minutes_of(lasting, CALENDAR, at("2025-11-21 10:30")) == 90
    assert minutes_of(lasting, CALENDAR, at("2025-11-21 08:00")) == 0


def test_a_kind_cannot_follow_itself_and_an_ended_interval_cannot_end_again() -> None:
    with pytest.raises(ValueError, match="counted already"):
        switch(first_interval(THURSDAY), Kind.COUNTED, "", PROMISED)
    with pytest.raises(ValueError, match="ended at"):
        stop(stop(first_interval(THURSDAY), PROMISED), LATER)


@pytest.mark.parametrize(("before", "after"), [(a, b) for a in Kind for b in Kind if a != b])
def test_any_other_kind_may_follow_at_the_same_moment(before: Kind, after: Kind) -> None:
    ended, begun = switch(Interval(before, "", THURSDAY), after, "tax", PROMISED)
    assert (ended.kind, ended.ends_at) == (before, PROMISED)
    assert (begun.kind, begun.begins_at, begun.ends_at) == (after, PROMISED, None)


@pytest.mark.parametrize(
    ("paused", "now", "late"),
    [
        (False, PROMISED, False),
        (False, PROMISED + timedelta(seconds=59), False),
        (False, PROMISED + timedelta(minutes=1), True),
        (True, LATER, False),
    ],
)
def test_a_dossier_is_late_after_its_due_time_and_never_while_paused(paused: bool, now: datetime, late: bool) -> None:
    assert is_overdue(PROMISED, paused, now) is late


@pytest.mark.parametrize(
    ("counted", "due_at", "completed_at", "on_time"),
    [
        (True, PROMISED, PROMISED, True),
        (True, PROMISED, LATER, False),
        (False, PROMISED, LATER, True),
        (True, None, LATER, True),
    ],
)
def test_a_step_in_time(counted: bool, due_at: datetime | None, completed_at: datetime, on_time: bool) -> None:
    assert step_on_time(counted, due_at, completed_at) is on_time
