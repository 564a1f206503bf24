"""The recorded public holidays: those of the library, and the announced closures day by day."""

from __future__ import annotations

import json
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from shared.calendar import CalendarRules, Session, WorkingCalendar
from shared.calendar.holidays import PublicHolidays, public_holidays
from shared.calendar.refresh_holidays import TARGET, document, text
from shared.calendar.rules import WeekPattern
from shared.data_files import DataError

CALENDAR = WorkingCalendar(CalendarRules())


def test_the_recorded_holidays_are_those_of_the_library() -> None:
    """If this fails after an upgrade of the library, run `python -m shared.calendar.refresh_holidays` and review the change."""
    assert TARGET.read_text(encoding="utf-8") == text(document())


# Announced closures of public offices, weekends included.
ANNOUNCED = [
    ("2015-02-15", "2015-02-23"),
    ("2015-04-28", "2015-05-03"),
    ("2015-09-02", "2015-09-02"),
    ("2016-01-01", "2016-01-03"),
    ("2016-02-06", "2016-02-14"),
    ("2016-04-16", "2016-04-18"),
    ("2016-04-30", "2016-05-03"),
    ("2016-09-02", "2016-09-04"),
    ("2016-12-31", "2017-01-02"),
    ("2017-01-26", "2017-02-01"),
    ("2017-04-06", "2017-04-06"),
    ("2017-04-29", "2017-05-02"),
    ("2017-09-02", "2017-09-04"),
    ("2017-12-30", "2018-01-01"),
    ("2018-02-14", "2018-02-20"),
    ("2018-04-25", "2018-04-25"),
    ("2018-04-28", "2018-05-01"),
    ("2018-09-01", "2018-09-03"),
    ("2018-12-29", "2019-01-01"),
    ("2019-02-02", "2019-02-10"),
    ("2019-04-13", "2019-04-15"),
    ("2019-04-27", "2019-05-01"),
    ("2019-08-31", "2019-09-02"),
    ("2020-01-01", "2020-01-01"),
    ("2020-01-23", "2020-01-29"),
    ("2020-04-02", "2020-04-02"),
    ("2020-04-30", "2020-05-03"),
    ("2020-09-02", "2020-09-02"),
    ("2021-01-01", "2021-01-03"),
    ("2021-02-10", "2021-02-16"),
    ("2021-04-21", "2021-04-21"),
    ("2021-04-30", "2021-05-03"),
    ("2021-09-02", "2021-09-05"),
    ("2022-01-01", "2022-01-03"),
    ("2022-01-29", "2022-02-06"),
    ("2022-04-09", "2022-04-11"),
    ("2022-04-30", "2022-05-03"),
    ("2022-09-01", "2022-09-04"),
    ("2022-12-31", "2023-01-02"),
    ("2023-01-20", "2023-01-26"),
    ("2023-04-29", "2023-05-03"),
    ("2023-09-01", "2023-09-04"),
    ("2023-12-30", "2024-01-01"),
    ("2024-02-08", "2024-02-14"),
    ("2024-04-18", "2024-04-18"),
    ("2024-04-27", "2024-05-01"),
    ("2024-08-31", "2024-09-03"),
    ("2025-01-01", "2025-01-01"),
    ("2025-01-25", "2025-02-02"),
    ("2025-04-05", "2025-04-07"),
    ("2025-04-30", "2025-05-04"),
    ("2025-08-30", "2025-09-02"),
    ("2026-01-01", "2026-01-04"),
    ("2026-02-14", "2026-02-22"),
    ("2026-04-25", "2026-04-27"),
    ("2026-04-30", "2026-05-03"),
    ("2026-08-29", "2026-09-02"),
    ("2026-11-24", "2026-11-24"),
]


@pytest.mark.parametrize(("first", "last"), ANNOUNCED)
def test_announced_closure(first: str, last: str) -> None:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    length = (end - start).days + 1
    assert not any(CALENDAR.is_working_day(start + timedelta(days=offset)) for offset in range(length))
    assert CALENDAR.is_working_day(start - timedelta(days=1))
    assert CALENDAR.is_working_day(end + timedelta(days=1))


def test_every_closed_weekday_of_an_announced_year_is_announced() -> None:
    announced = {
        date.fromordinal(day)
        for first, last in ANNOUNCED
        for day in range(date.fromisoformat(first).toordinal(), date.fromisoformat(last).toordinal() + 1)
    }
    days = (date.fromordinal(day) for day in range(date(2015, 5, 15).toordinal(), date(2026, 12, 31).toordinal() + 1))
    closed = {day for day in days if day.weekday() < 5 and not CALENDAR.is_working_day(day)}
    assert closed <= announced


def test_the_saturday_after_tet_2025_is_no_holiday() -> None:
    """Announced were Monday 27/01 to Friday 31/01/2025: a desk that works on Saturdays worked on 01/02 (6150/TB-BLĐTBXH)."""
    tet = [day for day in public_holidays().closed if date(2025, 1, 20) < day < date(2025, 2, 10)]
    assert sorted(tet) == [date(2025, 1, 27) + timedelta(days=offset) for offset in range(5)]
    morning = (Session(time(7, 30), time(11, 30)),)
    saturdays = WorkingCalendar(CalendarRules((WeekPattern(date(2024, 1, 1), None, (*[morning] * 6, ())),)))
    assert saturdays.is_working_day(date(2025, 2, 1))
    assert not saturdays.is_working_day(date(2024, 2, 10))  # the first day of Tết 2024, a Saturday


@pytest.mark.parametrize("year", range(2015, 2046))
def test_tet_closes_five_weekdays(year: int) -> None:
    closed = public_holidays().closed
    tet = [day for day, reason in closed.items() if day.year == year and day.month < 3 and "Nguyên Đán" in reason.vi]
    assert sum(day.weekday() < 5 for day in tet) == 5
    run = [min(tet) + timedelta(days=offset) for offset in range((max(tet) - min(tet)).days + 1)]
    assert all(day in closed or day.weekday() >= 5 for day in run)


@pytest.mark.parametrize(
    "worked", ["2015-02-14", "2015-04-25", "2019-01-05", "2019-05-04", "2024-05-04", "2025-04-26", "2026-01-10"]
)
def test_a_saturday_worked_for_another_day_is_a_full_working_day(worked: str) -> None:
    info = CALENDAR.day(date.fromisoformat(worked))
    assert info.reason is not None
    assert info.reason.code == "swapped_open"
    assert info.working_minutes == 480


def test_holidays_of_announced_years_are_certain_and_later_ones_expected() -> None:
    closed = public_holidays().closed
    assert closed[date(2026, 9, 2)].vi == "Quốc khánh"
    assert closed[date(2027, 9, 2)].vi == "Quốc khánh (dự kiến, chưa có thông báo)"


def test_faults_of_holiday_files_are_reported_together(tmp_path: Path) -> None:
    content = {"first_year": 2025, "closed": [{"date": "1/1/2025", "vi": "Tết", "en": "New Year"}], "extra": 1}
    (tmp_path / "a.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DataError) as error:
        PublicHolidays.load(tmp_path)
    assert str(error.value).splitlines() == [
        "a.json: closed[0] (1/1/2025): date: must be a date such as 2025-07-01, not '1/1/2025'",
        "a.json: extra: unknown",
        "last_year: must stand in exactly one file",
        "announced_through: must stand in exactly one file",
    ]
