"""Periods of reports: they tile time, each is named once, and last year's is the one of the same name."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats.reports.periods import (
    PeriodKind,
    PeriodOutOfRange,
    ReportPeriod,
    before,
    containing,
    year_before,
)
from services.stats.reports.rules import FILE, read_report_rules, report_rules
from shared.agencies import Agencies
from shared.data_files import DataError

KINDS = report_rules().kinds
kinds = st.sampled_from(sorted(KINDS)).map(KINDS.__getitem__) | st.builds(
    PeriodKind,
    st.just("any"),
    st.just("Kỳ"),
    st.just("Period"),
    st.sampled_from([1, 3, 6, 12]),
    st.integers(1, 28),
    st.just(date(2010, 1, 1)),
)
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))

BY_HAND = [
    ("week", date(2026, 11, 30), date(2026, 11, 30), date(2026, 12, 6), "2026-W49"),
    ("week", date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 3), "2026-W53"),
    ("month", date(2026, 2, 28), date(2026, 2, 1), date(2026, 2, 28), "2026-02"),
    ("month", date(2024, 2, 29), date(2024, 2, 1), date(2024, 2, 29), "2024-02"),
    ("quarter", date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31), "2026-Q4"),
    ("half_year", date(2026, 6, 30), date(2026, 1, 1), date(2026, 6, 30), "2026-H1"),
    ("year", date(2026, 6, 30), date(2026, 1, 1), date(2026, 12, 31), "2026"),
    ("month_15", date(2026, 11, 14), date(2026, 10, 15), date(2026, 11, 14), "2026-11"),
    ("month_15", date(2026, 11, 15), date(2026, 11, 15), date(2026, 12, 14), "2026-12"),
    ("month_15", date(2026, 12, 15), date(2026, 12, 15), date(2027, 1, 14), "2027-01"),
    ("quarter_15", date(2026, 3, 14), date(2025, 12, 15), date(2026, 3, 14), "2026-Q1"),
    ("quarter_15", date(2026, 3, 15), date(2026, 3, 15), date(2026, 6, 14), "2026-Q2"),
    ("half_year_15", date(2026, 1, 1), date(2025, 12, 15), date(2026, 6, 14), "2026-H1"),
    ("year_15", date(2025, 12, 15), date(2025, 12, 15), date(2026, 12, 14), "2026"),
]


@pytest.mark.parametrize(("kind", "day", "first", "last", "key"), BY_HAND)
def test_periods_counted_by_hand(kind: str, day: date, first: date, last: date, key: str) -> None:
    period = containing(KINDS[kind], day)
    assert (period.first, period.last, period.key) == (first, last, key)


@given(kinds, days)
def test_a_day_is_in_one_period_and_periods_follow_each_other_without_gap(kind: PeriodKind, day: date) -> None:
    period = containing(kind, day)
    assert period.first <= day <= period.last
    assert {containing(kind, one) for one in (period.first, period.last)} == {period}
    earlier = before(period)
    assert earlier.last + timedelta(days=1) == period.first
    assert earlier.key < period.key or earlier.key[:4] < period.key[:4]


@given(kinds, days)
def test_last_years_period_is_the_one_of_the_same_name_a_year_before(kind: PeriodKind, day: date) -> None:
    period = containing(kind, day)
    earlier = year_before(period)
    assert int(earlier.key[:4]) == int(period.key[:4]) - 1
    assert earlier.key[4:] == period.key[4:] or (period.key[4:], earlier.key[4:]) == ("-W53", "-W52")
    assert timedelta(days=357) <= period.first - earlier.first <= timedelta(days=371)


@given(kinds, days)
def test_a_name_belongs_to_one_period(kind: PeriodKind, day: date) -> None:
    period, keys = containing(kind, day), set[str]()
    for _ in range(14):
        assert period.key not in keys
        keys.add(period.key)
        assert all(period.label)
        period = before(period)


def test_years_without_neighbours_are_refused() -> None:
    for day in (date.min, date.max):
        with pytest.raises(PeriodOutOfRange):
            containing(KINDS["year_15"], day)


def test_a_report_is_due_after_the_days_off_that_follow_its_period(agencies: Agencies) -> None:
    (weekly,) = (one for one in report_rules().schedules if one.kind.id == "week")
    calendar = agencies.calendar("H12.20", date(2026, 2, 15))
    # Tết 2026: 14 to 22 February are days off, so the week that ends on the 15th is reported on after the first working day
    before_holidays = ReportPeriod(weekly.kind, date(2026, 2, 9), date(2026, 2, 15))
    due = weekly.due_at(before_holidays, calendar)
    assert due == datetime.fromisoformat("2026-02-23T06:30:00+07:00")
    assert calendar.is_working_day(due.date())
    usual = ReportPeriod(weekly.kind, date(2026, 3, 2), date(2026, 3, 8))
    assert weekly.due_at(usual, calendar) == datetime.fromisoformat("2026-03-09T06:30:00+07:00")


def test_faults_of_the_data_are_named(tmp_path: Path) -> None:
    content = json.loads(FILE.read_text(encoding="utf-8"))
    content["kinds"][0]["months"] = 2
    content["kinds"][1]["id"] = "week"
    content["kinds"][2]["first_day"] = 31
    content["schedules"][0]["kind"] = "decade"
    content["schedules"][1] |= {"at": "25:00", "working": False, "days_after": 0}
    file = tmp_path / "report_periods.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError) as raised:
        read_report_rules(file)
    text = str(raised.value)
    for wrong in ("months", "there are two of this name", "first_day", "decade", "25:00", "after its period"):
        assert wrong in text, wrong


@pytest.fixture(scope="module")
def agencies() -> Agencies:
    return Agencies.load()
