from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rating.scores.periods import (
    MONTH,
    QUARTER,
    WEEK,
    YEAR,
    NoSuchPeriod,
    before,
    parse_period,
    period_of,
    recent_periods,
)
from shared.runtime.clock import VIETNAM

KINDS = (WEEK, MONTH, QUARTER, YEAR)


@pytest.mark.parametrize(
    ("kind", "day", "key", "first", "last"),
    [
        (WEEK, "2026-11-30", "2026-W49", "2026-11-30", "2026-12-06"),
        (WEEK, "2027-01-01", "2026-W53", "2026-12-28", "2027-01-03"),
        (MONTH, "2028-02-10", "2028-02", "2028-02-01", "2028-02-29"),
        (MONTH, "2026-12-31", "2026-12", "2026-12-01", "2026-12-31"),
        (QUARTER, "2026-11-30", "2026-Q4", "2026-10-01", "2026-12-31"),
        (QUARTER, "2026-03-31", "2026-Q1", "2026-01-01", "2026-03-31"),
        (YEAR, "2026-06-01", "2026", "2026-01-01", "2026-12-31"),
    ],
)
def test_the_period_of_a_day(kind: str, day: str, key: str, first: str, last: str) -> None:
    found = period_of(kind, date.fromisoformat(day))
    assert (found.key, found.first.isoformat(), found.last.isoformat()) == (key, first, last)


@given(st.sampled_from(KINDS), st.dates(date(2001, 1, 8), date(2999, 12, 1)))
def test_periods_hold_their_day_touch_and_are_found_by_their_key(kind: str, day: date) -> None:
    found = period_of(kind, day)
    assert found.first <= day <= found.last
    assert parse_period(found.key) == found
    assert before(found).last + timedelta(days=1) == found.first
    assert before(found).kind == kind


@pytest.mark.parametrize(
    "key", ["", "2026-W54", "2026-W00", "2026-Q5", "2026-13", "2026-00", "1999", "26", "2026-1", "x" * 99]
)
def test_other_texts_are_no_periods(key: str) -> None:
    with pytest.raises(NoSuchPeriod):
        parse_period(key)


def test_a_period_begins_and_ends_at_midnight_in_vietnam() -> None:
    month = parse_period("2026-11")
    assert month.begins == datetime(2026, 11, 1, tzinfo=VIETNAM)
    assert month.ends == datetime(2026, 12, 1, tzinfo=VIETNAM)
    assert month.is_over(month.ends)
    assert not month.is_over(month.ends - timedelta(seconds=1))


def test_recent_periods_begin_with_today() -> None:
    assert [one.key for one in recent_periods(QUARTER, date(2026, 5, 2), 3)] == ["2026-Q2", "2026-Q1", "2025-Q4"]
