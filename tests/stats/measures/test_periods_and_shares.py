from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats.measures.domain import BadPeriod, Period, period_of, share
from shared.runtime.clock import VIETNAM

TODAY = date(2025, 11, 20)
days = st.dates(date(1990, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("first", "last", "period"),
    [
        (None, None, Period(date(2025, 11, 1), TODAY)),
        (date(2025, 10, 3), None, Period(date(2025, 10, 3), TODAY)),
        (None, date(2025, 9, 15), Period(date(2025, 9, 1), date(2025, 9, 15))),
        (date(2025, 12, 1), None, Period(date(2025, 12, 1), date(2025, 12, 1))),
        (TODAY, TODAY, Period(TODAY, TODAY)),
    ],
)
def test_defaults_of_a_period(first: date | None, last: date | None, period: Period) -> None:
    assert period_of(first, last, TODAY) == period


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        (date(2025, 11, 21), TODAY, "to"),
        (date(1, 1, 1), TODAY, "from"),
        (TODAY, date(9999, 12, 31), "to"),
    ],
)
def test_an_invalid_period_names_the_wrong_day(first: date, last: date, field: str) -> None:
    with pytest.raises(BadPeriod) as bad:
        period_of(first, last, TODAY)
    assert bad.value.field == field


@given(days, st.integers(0, 400), st.datetimes(datetime(1990, 1, 1), datetime(2101, 1, 1)))
def test_a_moment_is_in_a_period_if_its_local_day_is(first: date, length: int, naive: datetime) -> None:
    period = Period(first, first + timedelta(days=length))
    moment = naive.replace(tzinfo=UTC)
    local = moment.astimezone(VIETNAM).date()
    assert (period.start <= moment < period.end) == (period.first <= local <= period.last)


def test_a_period_is_observed_until_its_end_or_that_of_today() -> None:
    period = Period(TODAY, TODAY + timedelta(days=9))
    noon = datetime(2025, 11, 20, 12, tzinfo=VIETNAM)
    assert period.observed_until(noon) == Period(TODAY, TODAY).end
    assert period.observed_until(noon + timedelta(days=30)) == period.end
    period = Period(TODAY, TODAY)
    assert period.observed_until(noon.astimezone(UTC)) == period.end
    assert period.observed_until(noon + timedelta(days=3)) == period.end


@pytest.mark.parametrize(
    ("part", "whole", "percent"), [(0, 0, None), (0, 3, 0.0), (1, 3, 33.3), (3, 3, 100.0), (9999, 10000, 99.9)]
)
def test_a_share(part: int, whole: int, percent: float | None) -> None:
    assert share(part, whole) == percent


@given(st.integers(1, 10**6), st.data())
def test_a_share_is_a_hundred_percent_only_if_it_is_all(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    found = share(part, whole)
    assert found is not None
    assert 0 <= found <= 100
    assert (found == 100) == (part == whole)
