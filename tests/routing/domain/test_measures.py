"""The two measures of a dossier's time: the law's, which restarts, and the index's, which subtracts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.clock import Interval, Kind, first_interval
from services.routing.domain.measures import Measure, NewPromise, Terms, by_index, by_law
from shared.calendar import TimeLimit, WorkingCalendar
from shared.regulations import Regulation
from tests.routing.domain.rule_fixtures import (
    BOTH,
    LIMITS,
    MOMENTS,
    MOVES,
    ND61,
    ND118,
    OFFICE,
    PROMISED,
    QD09,
    THURSDAY,
    at,
    calendars,
    dossier_intervals,
    in_working_time,
    interval_of,
    patient,
)

EIGHT_DAYS = TimeLimit(working_days=8)
COUNTED, UNCOUNTED, SUPPLEMENT = Kind.COUNTED, Kind.UNCOUNTED, Kind.SUPPLEMENT
REGULATIONS = st.sampled_from([*BOTH, QD09])
FAR = at("2026-01-30 08:00")


def terms(regulation: Regulation, remote_extra_days: int = 0) -> Terms:
    return Terms(PROMISED, EIGHT_DAYS, regulation, remote_extra_days)


SUPPLEMENTED = [
    interval_of(COUNTED, "2025-11-20 08:15", "2025-11-24 10:00"),
    interval_of(SUPPLEMENT, "2025-11-24 10:00", "2025-11-27 10:00"),
    interval_of(COUNTED, "2025-11-27 10:00", "2025-12-05 17:30"),
]
"""Three working days, 1440 minutes, of waiting for the citizen."""


@pytest.mark.parametrize(
    ("regulation", "law", "index"),
    [(ND118, "2025-12-09 17:30", "2025-12-05 17:30"), (ND61, "2025-12-09 17:30", "2025-12-05 17:30")],
    ids=["nd118_19_5", "nd61_19"],
)
def test_nd118_19_5_the_law_restarts_from_zero_and_the_index_subtracts(
    regulation: Regulation, law: str, index: str
) -> None:
    assert by_law(terms(regulation), SUPPLEMENTED, OFFICE, FAR) == Measure(at(law), True)
    assert by_index(terms(regulation), SUPPLEMENTED, OFFICE, FAR) == Measure(at(index), True)


def test_qd09_a_version_without_a_restart_only_adds_the_waiting() -> None:
    assert by_law(terms(QD09), SUPPLEMENTED, OFFICE, FAR) == Measure(at("2025-12-05 17:30"), True)


def test_nd118_19_5_remote_days_are_part_of_the_restarted_promise() -> None:
    assert by_law(terms(ND118, remote_extra_days=10), SUPPLEMENTED, OFFICE, FAR).due_at == at("2025-12-23 17:30")


def test_a_supplement_after_15_00_restarts_the_time_limit_on_that_day() -> None:
    late = [
        *SUPPLEMENTED[:1],
        interval_of(SUPPLEMENT, "2025-11-24 10:00", "2025-11-27 15:01"),
        first_interval(at("2025-11-27 15:01")),
    ]
    assert by_law(terms(ND118), late, OFFICE, at("2025-11-28 08:00")).due_at == at("2025-12-09 17:30")


def test_nd118_19_5_only_uncounted_time_since_the_supplement_is_added() -> None:
    intervals = [
        interval_of(COUNTED, "2025-11-20 08:15", "2025-11-21 08:00"),
        interval_of(UNCOUNTED, "2025-11-21 08:00", "2025-11-24 08:00"),  # one working day, before
        interval_of(SUPPLEMENT, "2025-11-24 08:00", "2025-11-27 08:00"),
        interval_of(UNCOUNTED, "2025-11-27 08:00", "2025-11-28 10:00"),  # 600 minutes, since
        interval_of(COUNTED, "2025-11-28 10:00"),
    ]
    now = at("2025-12-01 08:00")
    assert by_law(terms(ND118), intervals, OFFICE, now).due_at == at("2025-12-11 09:30")
    assert by_index(terms(ND118), intervals, OFFICE, now).due_at == at("2025-12-10 09:30")


ON_TIME = [
    # name, intervals, by the law, by the index
    ("at the very due time", [interval_of(COUNTED, "2025-11-20 08:15", "2025-12-02 17:30")], True, True),
    ("a minute later", [interval_of(COUNTED, "2025-11-20 08:15", "2025-12-02 17:31")], False, False),
    (
        "later than the index allows, within the restarted limit",
        [*SUPPLEMENTED[:2], interval_of(COUNTED, "2025-11-27 10:00", "2025-12-09 17:30")],
        True,
        False,
    ),
    (
        "two requests",
        [
            *SUPPLEMENTED[:2],
            interval_of(COUNTED, "2025-11-27 10:00", "2025-11-28 10:00"),
            interval_of(SUPPLEMENT, "2025-11-28 10:00", "2025-11-28 11:00"),
            interval_of(COUNTED, "2025-11-28 11:00", "2025-12-01 08:00"),
        ],
        True,
        False,
    ),
    (
        "late before the supplement was asked for",
        [
            interval_of(COUNTED, "2025-11-20 08:15", "2025-12-03 08:00"),
            interval_of(SUPPLEMENT, "2025-12-03 08:00", "2025-12-10 08:00"),
            interval_of(COUNTED, "2025-12-10 08:00", "2025-12-10 09:00"),
        ],
        False,
        False,
    ),
    (
        "late before the supplement was asked for, and still waiting",
        [interval_of(COUNTED, "2025-11-20 08:15", "2025-12-03 08:00"), interval_of(SUPPLEMENT, "2025-12-03 08:00")],
        False,
        False,
    ),
    (
        "still waiting for the citizen, long after the promise",
        [interval_of(COUNTED, "2025-11-20 08:15", "2025-11-24 10:00"), interval_of(SUPPLEMENT, "2025-11-24 10:00")],
        True,
        True,
    ),
    (
        "paused in time",
        [interval_of(COUNTED, "2025-11-20 08:15", "2025-12-02 17:30"), interval_of(UNCOUNTED, "2025-12-02 17:30")],
        True,
        True,
    ),
    ("counted for too long", [interval_of(COUNTED, "2025-11-20 08:15")], False, False),
]


@pytest.mark.parametrize("regulation", BOTH, ids=lambda regulation: regulation.id)
@pytest.mark.parametrize(("intervals", "law", "index"), [row[1:] for row in ON_TIME], ids=[row[0] for row in ON_TIME])
def test_on_time_by_the_law_and_by_the_index(
    intervals: list[Interval], law: bool, index: bool, regulation: Regulation
) -> None:
    assert by_law(terms(regulation), intervals, OFFICE, FAR).on_time is law
    assert by_index(terms(regulation), intervals, OFFICE, FAR).on_time is index


NEW = at("2025-12-12 17:30")


@pytest.mark.parametrize(
    ("announced", "ended", "on_time"),
    [
        ("2025-12-01 09:00", "2025-12-12 17:30", True),
        ("2025-12-01 09:00", "2025-12-12 17:31", False),
        ("2025-12-03 09:00", "2025-12-12 17:30", False),  # the promise was missed before
    ],
)
def test_nd118_19_6_a_reappointment_replaces_the_promise_by_the_law_alone(
    announced: str, ended: str, on_time: bool
) -> None:
    intervals = [interval_of(COUNTED, "2025-11-20 08:15", ended)]
    law = by_law(terms(ND118), intervals, OFFICE, FAR, [NewPromise(at(announced), NEW)])
    assert law == Measure(NEW, on_time)
    assert by_index(terms(ND118), intervals, OFFICE, FAR) == Measure(PROMISED, False)


@pytest.mark.parametrize("now", ["2025-12-01 09:00", "2025-12-01 09:01"])
def test_nd118_19_6_a_reappointment_is_valid_from_its_announcement(now: str) -> None:
    announced = NewPromise(at("2025-12-01 09:00"), NEW)
    assert by_law(terms(ND118), [first_interval(THURSDAY)], OFFICE, at(now), [announced]) == Measure(NEW, True)


@pytest.mark.parametrize("turn", [1, -1])
def test_new_promises_count_in_the_order_of_their_announcement(turn: int) -> None:
    """The promised day was declared off after it had passed, and then the agency apologised in time."""
    intervals = [interval_of(COUNTED, "2025-11-20 08:15", "2025-12-12 17:30")]
    moved = NewPromise(PROMISED, at("2025-12-03 17:30"))
    again = NewPromise(at("2025-12-03 09:00"), NEW)
    assert by_law(terms(ND118), intervals, OFFICE, FAR, [moved, again][::turn]) == Measure(NEW, True)


def test_nd118_19_6_uncounted_time_moves_a_reappointment_by_what_lies_after_it() -> None:
    intervals = [
        interval_of(COUNTED, "2025-11-20 08:15", "2025-11-27 08:00"),
        interval_of(UNCOUNTED, "2025-11-27 08:00", "2025-12-02 09:00"),
        interval_of(COUNTED, "2025-12-02 09:00"),
    ]
    law = by_law(terms(ND118), intervals, OFFICE, at("2025-12-02 10:00"), [NewPromise(at("2025-12-02 08:00"), NEW)])
    assert law.due_at == at("2025-12-15 08:30")


def test_nd118_19_6_a_reappointment_never_shortens_the_time_gained_by_pauses() -> None:
    intervals = [
        interval_of(COUNTED, "2025-11-20 08:15", "2025-11-21 07:30"),
        interval_of(UNCOUNTED, "2025-11-21 07:30", "2025-12-12 07:30"),  # fifteen working days
        interval_of(COUNTED, "2025-12-12 07:30"),
    ]
    law = by_law(terms(ND118), intervals, OFFICE, at("2025-12-16 08:00"), [NewPromise(at("2025-12-15 08:00"), NEW)])
    assert law == Measure(at("2025-12-23 17:30"), True)


def promised(
    calendar: WorkingCalendar, received_at: datetime, limit: TimeLimit, regulation: Regulation, extra: int = 0
) -> Terms:
    return Terms(calendar.promise(received_at, limit, regulation, extra).at, limit, regulation, extra)


@patient
@given(calendars(), MOMENTS, LIMITS, REGULATIONS, st.integers(0, 10), MOVES, st.integers(0, 30 * 24 * 60))
def test_a_due_time_never_falls_in_closed_time_nor_before_the_promise(
    calendar: WorkingCalendar,
    received_at: datetime,
    limit: TimeLimit,
    regulation: Regulation,
    extra: int,
    moves: list[tuple[Kind, int]],
    looked_after: int,
) -> None:
    by = promised(calendar, received_at, limit, regulation, extra)
    intervals = dossier_intervals(received_at, moves)
    now = intervals[-1].begins_at + timedelta(minutes=looked_after)
    for measure in (by_law(by, intervals, calendar, now), by_index(by, intervals, calendar, now)):
        assert in_working_time(calendar, measure.due_at)
        assert measure.due_at >= by.promised_at


def painted(intervals: list[Interval], kind: Kind, begin: datetime, end: datetime) -> list[Interval]:
    """The same intervals with all counted time from `begin` to `end` of another kind; equal neighbours become one."""
    result: list[Interval] = []
    for interval in intervals:
        assert interval.ends_at is not None
        edges = [interval.begins_at, *(edge for edge in (begin, end) if interval.begins_at < edge < interval.ends_at)]
        for part_begin, part_end in zip(edges, [*edges[1:], interval.ends_at], strict=True):
            inside = begin <= part_begin and part_end <= end
            new = kind if inside and interval.kind == Kind.COUNTED else interval.kind
            if result and result[-1].kind == new:
                result[-1] = replace(result[-1], ends_at=part_end)
            else:
                result.append(Interval(new, "", part_begin, part_end))
    return result


@patient
@given(
    calendars(),
    MOMENTS,
    LIMITS,
    REGULATIONS,
    MOVES,
    st.sampled_from([Kind.UNCOUNTED, Kind.SUPPLEMENT]),
    st.tuples(st.integers(0, 60 * 24 * 30), st.integers(0, 60 * 24 * 30)),
)
def test_more_pause_of_either_kind_never_makes_a_due_time_earlier(
    calendar: WorkingCalendar,
    received_at: datetime,
    limit: TimeLimit,
    regulation: Regulation,
    moves: list[tuple[Kind, int]],
    kind: Kind,
    stretch: tuple[int, int],
) -> None:
    by = promised(calendar, received_at, limit, regulation)
    before = dossier_intervals(received_at, moves, ends_after=60 * 24 * 30)
    begin = received_at + timedelta(minutes=stretch[0])
    after = painted(before, kind, begin, begin + timedelta(minutes=stretch[1]))
    now = before[-1].ends_at or received_at
    assert by_law(by, after, calendar, now).due_at >= by_law(by, before, calendar, now).due_at
    assert by_index(by, after, calendar, now).due_at >= by_index(by, before, calendar, now).due_at


@patient
@given(calendars(), MOMENTS, LIMITS, REGULATIONS, MOVES, MOMENTS, st.integers(0, 60 * 24 * 40))
def test_a_reappointment_never_makes_the_due_time_earlier(
    calendar: WorkingCalendar,
    received_at: datetime,
    limit: TimeLimit,
    regulation: Regulation,
    moves: list[tuple[Kind, int]],
    announced_at: datetime,
    later: int,
) -> None:
    by = promised(calendar, received_at, limit, regulation)
    intervals = dossier_intervals(received_at, moves, ends_after=60 * 24)
    now = intervals[-1].ends_at or received_at
    new = calendar.add_working_minutes(by.promised_at, later).at
    with_it = by_law(by, intervals, calendar, now, [NewPromise(announced_at, new)])
    assert with_it.due_at >= max(new, by_law(by, intervals, calendar, now).due_at)
    assert in_working_time(calendar, with_it.due_at)
