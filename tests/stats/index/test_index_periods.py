from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats.index.periods import KINDS, MONTH, QUARTER, YEAR, parse_period, period_of
from services.stats.measures.domain import BadPeriod

DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("kind", "key", "first", "last", "before", "name"),
    [
        (MONTH, "2024-02", date(2024, 2, 1), date(2024, 2, 29), "2024-01", "Tháng 2 năm 2024"),
        (MONTH, "2025-01", date(2025, 1, 1), date(2025, 1, 31), "2024-12", "Tháng 1 năm 2025"),
        (QUARTER, "2025-Q4", date(2025, 10, 1), date(2025, 12, 31), "2025-Q3", "Quý IV năm 2025"),
        (QUARTER, "2025-Q1", date(2025, 1, 1), date(2025, 3, 31), "2024-Q4", "Quý I năm 2025"),
        (YEAR, "2025", date(2025, 1, 1), date(2025, 12, 31), "2024", "Năm 2025"),
    ],
)
def test_periods(kind: str, key: str, first: date, last: date, before: str, name: str) -> None:
    period = parse_period(key)
    assert (period.kind, period.first, period.last, period.before.key, period.name[0]) == (
        kind,
        first,
        last,
        before,
        name,
    )


@given(DAYS, st.sampled_from(KINDS))
def test_every_day_lies_in_one_period_of_each_kind(day: date, kind: str) -> None:
    period = period_of(kind, day)
    assert period.first <= day <= period.last
    assert parse_period(period.key) == period
    assert period.before.last + timedelta(days=1) == period.first
    assert period.before.after == period.after.before == period


@pytest.mark.parametrize(
    "key", ["", "2025-13", "2025-Q5", "2025-Q0", "25-01", "2025-1", "0001", "9999-12", "x", "2025-11-01"]
)
def test_what_is_no_period_is_refused(key: str) -> None:
    with pytest.raises(BadPeriod):
        parse_period(key)
