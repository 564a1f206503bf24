"""Calendars with an agency's own rules: Saturday mornings, extra closed and open days, other weeks."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from shared.agencies import Agencies
from shared.calendar import TIMEZONE, CalendarRangeError, CalendarRules, TimeLimit, WorkingCalendar
from shared.calendar.rules import parse_rules
from shared.data_files import Fault, Record
from shared.regulations import Regulations

OFFICE = ["07:30-11:30", "13:30-17:30"]
NOW = Regulations.load().get("nd118-2025")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TIMEZONE)


def rules(content: dict[str, Any]) -> CalendarRules:
    faults: list[Fault] = []
    parsed = parse_rules(Record(content, "test", faults))
    assert faults == []
    return parsed


def faults_of(content: object) -> list[str]:
    faults: list[Fault] = []
    parse_rules(Record(content, "test", faults))
    return [str(fault) for fault in faults]


def week(**more: Any) -> dict[str, Any]:
    return {"valid_from": "2025-07-01", "sessions": {"mon-fri": OFFICE, "sat": ["07:30-11:30"]}, **more}


SATURDAYS = WorkingCalendar(rules({"weeks": [week()]}))
RECEPTION = WorkingCalendar(rules({"weeks": [week(reception_only=["sat"])]}))
STORM = WorkingCalendar(
    rules(
        {
            "closed": [{"date": "2025-10-01", "vi": "nghỉ do bão", "en": "closed for a storm"}],
            "open": [{"date": "2025-10-04", "sessions": OFFICE, "vi": "làm bù 01/10/2025", "en": "for 1 October"}],
        }
    )
)


def test_a_worked_saturday_morning_is_a_working_day_that_ends_at_noon() -> None:
    due = SATURDAYS.promise(at("2025-10-10 09:00"), TimeLimit(working_days=1), NOW)
    assert due.at == at("2025-10-11 11:30")
    assert due.explanation[3].vi == "Có tính 11/10/2025: làm việc thứ Bảy (07:30-11:30)"
    assert SATURDAYS.is_working_day(date(2025, 10, 11))


def test_hours_run_on_a_worked_saturday_morning() -> None:
    assert SATURDAYS.add_working_hours(at("2025-10-10 15:30"), 4).at == at("2025-10-11 09:30")


def test_a_saturday_before_the_week_came_into_force_is_closed() -> None:
    assert not SATURDAYS.day(date(2025, 6, 28)).is_open


def test_a_holiday_closes_a_saturday_morning() -> None:
    calendar = WorkingCalendar(rules({"weeks": [week(valid_from="2022-01-01")]}))
    assert not calendar.is_working_day(date(2022, 4, 30))


def test_on_a_reception_only_day_the_agency_is_open_and_no_time_runs() -> None:
    saturday = RECEPTION.day(date(2025, 10, 11))
    assert saturday.is_open
    assert not RECEPTION.is_working_day(saturday.date)
    assert RECEPTION.working_minutes_between(at("2025-10-11 07:30"), at("2025-10-11 11:30")) == 0
    assert RECEPTION.next_opening(at("2025-10-11 08:00")) == at("2025-10-13 07:30")
    due = RECEPTION.promise(at("2025-10-10 09:00"), TimeLimit(working_days=1), NOW)
    assert due.at == at("2025-10-13 17:30")
    assert [note.code for note in due.explanation[3:5]] == ["reception_only", "weekend"]


def test_a_receipt_on_a_reception_only_day_counts_from_the_next_working_day() -> None:
    due = RECEPTION.promise(at("2025-10-11 09:00"), TimeLimit(working_hours=1), NOW)
    assert due.at == at("2025-10-13 08:30")


def test_a_receipt_on_a_reception_only_saturday_leaves_out_that_day_only() -> None:
    calendar = Agencies.load().calendar("H12.35.01", date(2026, 10, 17))
    assert calendar.day(date(2026, 10, 17)).reception_only
    assert calendar.promise(at("2026-10-17 09:00"), TimeLimit(working_days=8), NOW).at == at("2026-10-28 17:30")


def test_an_extra_closed_day_and_the_day_worked_for_it() -> None:
    due = STORM.promise(at("2025-09-30 09:00"), TimeLimit(working_days=3), NOW)
    assert due.at == at("2025-10-04 17:30")
    assert [note.vi for note in due.explanation if note.code in {"closed", "open"}] == [
        "Không tính 01/10/2025: nghỉ do bão",
        "Có tính 04/10/2025: làm bù 01/10/2025",
    ]


def test_a_swapped_day_has_the_sessions_of_the_day_it_stands_for() -> None:
    short_friday = {"mon-thu": OFFICE, "fri": ["07:30-11:30"]}
    calendar = WorkingCalendar(rules({"weeks": [{"valid_from": "2025-01-01", "sessions": short_friday}]}))
    assert [str(session) for session in calendar.day(date(2025, 4, 26)).sessions] == ["07:30-11:30"]


def test_a_swapped_day_stays_closed_where_the_day_it_stands_for_is_not_worked() -> None:
    calendar = WorkingCalendar(
        rules({"weeks": [{"valid_from": "2025-01-01", "sessions": {"mon-thu": OFFICE}}]})  # 2 May 2025 is a Friday
    )
    assert not calendar.day(date(2025, 4, 26)).is_open


def test_zero_days_end_today_or_with_the_next_working_day() -> None:
    assert STORM.add_working_days(at("2025-10-06 17:30"), 0).at == at("2025-10-06 17:30")
    after_closing = STORM.add_working_days(at("2025-10-06 17:31"), 0)
    assert after_closing.at == at("2025-10-07 17:30")
    assert [note.code for note in after_closing.explanation] == ["start", "next_opening", "due"]
    assert STORM.add_calendar_days(at("2025-10-05 10:00"), 0).at == at("2025-10-06 17:30")


def test_next_opening() -> None:
    assert STORM.next_opening(at("2025-10-06 08:00")) == at("2025-10-06 08:00")
    assert STORM.next_opening(at("2025-10-06 11:30")) == at("2025-10-06 13:30")
    assert STORM.next_opening(at("2025-12-31 18:00")) == at("2026-01-05 07:30")


def test_minutes_between_are_negative_backwards() -> None:
    a, b = at("2025-10-06 09:00"), at("2025-10-07 09:00")
    assert (STORM.working_minutes_between(a, b), STORM.working_minutes_between(b, a)) == (480, -480)


@pytest.mark.parametrize("count", ["add_working_days", "add_calendar_days", "add_working_minutes", "add_working_hours"])
def test_time_is_counted_forward_only(count: str) -> None:
    with pytest.raises(ValueError, match="negative"):
        getattr(STORM, count)(at("2025-10-06 09:00"), -1)


def test_years_without_recorded_holidays_are_refused() -> None:
    with pytest.raises(CalendarRangeError, match="2014 to 2045"):
        STORM.day(date(2046, 1, 1))
    with pytest.raises(CalendarRangeError):
        STORM.add_working_days(at("2045-12-20 09:00"), 30)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ([], "test: must be an object"),
        ({"week": []}, "test: week: unknown"),
        ({"weeks": {}}, "test: weeks: must be a list"),
        ({"weeks": [week(sessions={})]}, "test: weeks[0] (2025-07-01): sessions: must be an object such as"),
        ({"weeks": [week(sessions={"fri-mon": OFFICE})]}, "'fri-mon' is not a weekday such as sat"),
        ({"weeks": [week(sessions={"mon-fri": OFFICE, "tue": OFFICE})]}, "sessions: tue is given twice"),
        ({"weeks": [week(sessions={"mon": []})]}, "sessions.mon: must be a list of sessions"),
        ({"weeks": [week(sessions={"mon": ["7:30-11:30"]})]}, "'7:30-11:30' is not a session such as"),
        ({"weeks": [week(sessions={"mon": ["11:30-07:30"]})]}, "11:30-07:30 closes before it opens"),
        ({"weeks": [week(sessions={"mon": ["07:30-11:30", "11:30-12:00"]})]}, "11:30-12:00 does not begin after"),
        ({"weeks": [week(reception_only=["saturday"])]}, "reception_only[0]: 'saturday' is none of mon, tue"),
        ({"weeks": [week(), week(valid_from="2025-08-01")]}, "weeks: the week from 2025-08-01 overlaps the one before"),
        ({"weeks": [week(valid_to="2025-06-30")]}, "valid_to: 2025-06-30 is before valid_from, 2025-07-01"),
        ({"closed": [{"date": "2025-02-30", "vi": "a", "en": "b"}]}, "date: 2025-02-30 is not in the calendar"),
        (
            {"closed": [{"date": "2025-10-01", "vi": "a", "en": "b"}] * 2},
            "closed and open: 2025-10-01 is given 2 times",
        ),
        ({"open": [{"date": "2025-10-01", "vi": "a", "en": " "}]}, "sessions: missing"),
    ],
)
def test_every_fault_of_a_calendar_is_reported_with_its_place(content: object, fault: str) -> None:
    assert any(fault in found for found in faults_of(content)), faults_of(content)


def test_agencies_with_equal_rules_share_a_calendar(tmp_path: Path) -> None:
    unit = {"code": "a", "name": "Tỉnh A", "level": "province", "valid_from": "2025-07-01"}
    agency = {"name": "Sở", "level": "province", "unit": "a", "roles": ["justice"], "valid_from": "2025-07-01"}
    own = {"calendar": {"weeks": [week()]}}
    agencies = [
        {**agency, "code": "H01"},
        {**agency, "code": "H01.01"},
        {**agency, **own, "code": "H01.02"},
        {**agency, **own, "code": "H01.03"},
    ]
    (tmp_path / "a.json").write_text(json.dumps({"units": [unit], "agencies": agencies}), encoding="utf-8")
    loaded = Agencies.load(tmp_path)
    codes = ("H01", "H01.01", "H01.02", "H01.03")
    default, other, saturday, same = (loaded.calendar(code, date(2025, 8, 1)) for code in codes)
    assert default is other
    assert saturday is same
    assert saturday is not default
    assert saturday.is_working_day(date(2025, 10, 11))
