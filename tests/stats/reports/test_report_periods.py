"""Periods of reports: they tile time, each is named once, and last year's is the one of the same name."""

from __future__ import annotations

import json
from dataclasses import replace
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
from services.stats.reports.sweeps import due_reports
from shared.agencies import Agencies
from shared.data_files import DataError

KINDS = report_rules().kinds
kinds = st.sampled_from(sorted(KINDS)).map(KINDS.__getitem__) | st.builds(
    PeriodKind,
    st.just("any"),
    st.just("Kỳ"),
    st.just("Period"),
    st.sampled_from([1, 3, 6, 9, 12]),
    st.integers(1, 28),
    st.just(date(2010, 1, 1)),
)
gapless = kinds.filter(lambda kind: kind.months != 9)
nine_months = kinds.filter(lambda kind: kind.months == 9)
days = st.dates(date(1990, 1, 1), date(2100, 12, 31))

BY_HAND = [
    ("day", date(2016, 9, 20), date(2016, 9, 20), date(2016, 9, 20), "2016-09-20"),
    ("day", date(2024, 2, 29), date(2024, 2, 29), date(2024, 2, 29), "2024-02-29"),
    ("week", date(2026, 11, 30), date(2026, 11, 30), date(2026, 12, 6), "2026-W49"),
    ("week", date(2027, 1, 1), date(2026, 12, 28), date(2027, 1, 3), "2026-W53"),
    ("month", date(2026, 2, 28), date(2026, 2, 1), date(2026, 2, 28), "2026-02"),
    ("month", date(2024, 2, 29), date(2024, 2, 1), date(2024, 2, 29), "2024-02"),
    ("quarter", date(2026, 12, 31), date(2026, 10, 1), date(2026, 12, 31), "2026-Q4"),
    ("half_year", date(2026, 6, 30), date(2026, 1, 1), date(2026, 6, 30), "2026-H1"),
    ("nine_months", date(2017, 1, 1), date(2017, 1, 1), date(2017, 9, 30), "2017-9M"),
    ("nine_months", date(2017, 9, 30), date(2017, 1, 1), date(2017, 9, 30), "2017-9M"),
    ("nine_months", date(2017, 10, 1), date(2017, 1, 1), date(2017, 9, 30), "2017-9M"),
    ("nine_months", date(2017, 12, 31), date(2017, 1, 1), date(2017, 9, 30), "2017-9M"),
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


LABELS = [
    ("day", date(2016, 9, 5), "ngày 5 tháng 9 năm 2016", "5 September 2016"),
    ("week", date(2027, 1, 1), "tuần 53 năm 2026", "week 53 of 2026"),
    ("month", date(2026, 2, 28), "tháng 2 năm 2026", "month 2 of 2026"),
    ("quarter", date(2026, 12, 31), "quý IV năm 2026", "quarter 4 of 2026"),
    ("half_year", date(2026, 6, 30), "6 tháng đầu năm 2026", "half-year 1 of 2026"),
    ("nine_months", date(2017, 9, 30), "9 tháng đầu năm 2017", "first nine months of 2017"),
    ("year", date(2026, 6, 30), "năm 2026", "year 2026"),
]


@pytest.mark.parametrize(("kind", "day", "vi", "en"), LABELS)
def test_what_people_call_a_period(kind: str, day: date, vi: str, en: str) -> None:
    assert containing(KINDS[kind], day).label == (vi, en)


@given(gapless, days)
def test_a_day_is_in_one_period_and_periods_follow_each_other_without_gap(kind: PeriodKind, day: date) -> None:
    period = containing(kind, day)
    assert period.first <= day <= period.last
    assert {containing(kind, one) for one in (period.first, period.last)} == {period}
    earlier = before(period)
    assert earlier.last + timedelta(days=1) == period.first
    assert earlier.key < period.key or earlier.key[:4] < period.key[:4]


@given(nine_months, days)
def test_nine_months_begin_with_the_year_and_the_rest_of_it_is_in_none(kind: PeriodKind, day: date) -> None:
    period, year = containing(kind, day), containing(replace(kind, months=12), day)
    assert period.first == year.first <= day <= year.last
    assert period.last < year.last
    assert {containing(kind, one) for one in (period.first, period.last, year.last)} == {period}
    assert before(period) == year_before(period)


@given(kinds, days)
def test_last_years_period_is_the_one_of_the_same_name_a_year_before(kind: PeriodKind, day: date) -> None:
    period = containing(kind, day)
    earlier = year_before(period)
    assert int(earlier.key[:4]) == int(period.key[:4]) - 1
    shorter = {("-W53", "-W52"), ("-02-29", "-02-28")}
    assert earlier.key[4:] == period.key[4:] or (period.key[4:], earlier.key[4:]) in shorter
    assert timedelta(days=357) <= period.first - earlier.first <= timedelta(days=371)


@given(kinds, days)
def test_a_name_belongs_to_one_period(kind: PeriodKind, day: date) -> None:
    period, keys = containing(kind, day), set[str]()
    for _ in range(14):
        assert period.key not in keys
        keys.add(period.key)
        assert all(period.label)
        period = before(period)


@pytest.mark.parametrize(
    ("today", "newest"),
    [
        (date(2017, 9, 30), date(2016, 1, 1)),
        (date(2017, 10, 1), date(2017, 1, 1)),
        (date(2018, 1, 1), date(2017, 1, 1)),
    ],
)
def test_nine_months_are_due_once_they_are_over(agencies: Agencies, today: date, newest: date) -> None:
    (yearly,) = (one for one in report_rules().schedules if one.kind.id == "year")
    schedule = replace(yearly, kind=KINDS["nine_months"], look_back=timedelta(days=400))
    rules = replace(report_rules(), schedules=[schedule])
    assert max(one.first for one in due_reports(agencies, rules, today)) == newest


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
    content["kinds"][0] |= {"days": 2}
    content["kinds"][1] |= {"months": 1}
    content["kinds"][2]["id"] = "week"
    content["kinds"][3]["first_day"] = 31
    content["schedules"][0]["kind"] = "decade"
    content["schedules"][1] |= {"at": "25:00", "working": False, "days_after": 0}
    file = tmp_path / "report_periods.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError) as raised:
        read_report_rules(file)
    text = str(raised.value)
    assert text.count("a period has one of these lengths") == 2
    for wrong in (
        "7 days",
        "9 months",
        "there are two of this name",
        "first_day",
        "decade",
        "25:00",
        "after its period",
    ):
        assert wrong in text, wrong


@pytest.fixture(scope="module")
def agencies() -> Agencies:
    return Agencies.load()
