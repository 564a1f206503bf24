"""The promised date, rule by rule, each named by its article."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from shared.calendar import TIMEZONE, CalendarRules, Due, TimeLimit, WorkingCalendar
from shared.regulations import NumberNotFound, Regulation, Regulations

CALENDAR = WorkingCalendar(CalendarRules())
REGULATIONS = Regulations.load()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=TIMEZONE)


def promise(received: str, limit: TimeLimit, extra: int = 0, calendar: WorkingCalendar = CALENDAR) -> Due:
    moment = at(received)
    return calendar.promise(moment, limit, REGULATIONS.on(moment.date()), extra)


def codes(due: Due) -> list[str]:
    return [note.code for note in due.explanation]


DAYS = [
    # Civil Code 147.2: the first day is not counted; 148.4: it ends with the last session of the last day.
    ("a Monday to the Tuesday", "2025-10-06 09:00", 1, "2025-10-07 17:30"),
    ("the weekend is left out", "2025-10-09 09:00", 2, "2025-10-13 17:30"),
    ("at noon still the same day", "2025-10-06 12:15", 1, "2025-10-07 17:30"),
    ("before opening the same day", "2025-10-06 05:00", 1, "2025-10-07 17:30"),
    # NĐ 118/2025, 17.3: the clock starts at receipt; 15:00 (18.2) is about the hand-over, and the first day is left out once.
    ("at 14:59", "2025-10-06 14:59", 1, "2025-10-07 17:30"),
    ("at 15:01", "2025-10-06 15:01", 1, "2025-10-07 17:30"),
    ("at 16:20 on a Wednesday", "2025-12-24 16:20", 1, "2025-12-25 17:30"),
    ("after closing", "2025-10-06 17:31", 1, "2025-10-07 17:30"),
    ("one minute before midnight", "2025-10-06 23:59", 1, "2025-10-07 17:30"),
    ("late on a Friday", "2025-10-10 15:01", 1, "2025-10-13 17:30"),
    ("a supplement answered after 15:00", "2025-11-10 15:30", 8, "2025-11-20 17:30"),
    ("NĐ 61/2018 at 15:01", "2019-10-07 15:01", 1, "2019-10-08 17:30"),
    ("QĐ 09/2015 at 15:01", "2016-10-03 15:01", 1, "2016-10-04 17:30"),
    ("QĐ 09/2015 after closing", "2016-10-03 17:31", 1, "2016-10-04 17:30"),
    # Received while the agency is closed: that day is the first day, the next working day is day 1.
    ("on a Sunday", "2025-10-12 20:00", 1, "2025-10-13 17:30"),
    ("on a holiday", "2025-09-02 09:00", 1, "2025-09-03 17:30"),
    # Labour Code 112: Tết, 2 September and the substituted days.
    ("Tết 2016", "2016-02-05 09:00", 1, "2016-02-15 17:30"),
    ("Tết 2025", "2025-01-24 09:00", 3, "2025-02-05 17:30"),
    ("2/9/2017, a Saturday, is substituted by Monday the 4th", "2017-09-01 09:00", 1, "2017-09-05 17:30"),
    ("2/9/2025 with the 1st beside it", "2025-08-29 09:00", 1, "2025-09-03 17:30"),
    ("year end", "2025-12-31 09:00", 1, "2026-01-05 17:30"),
    ("year end over two years", "2024-12-30 09:00", 270, "2026-01-28 17:30"),
    # Swapped days: 2 May 2025 is worked on Saturday 26 April.
    ("the swapped Saturday is worked", "2025-04-25 09:00", 1, "2025-04-26 17:30"),
    ("the day off it pays for is not", "2025-04-29 09:00", 1, "2025-05-05 17:30"),
    ("2 January 2026 is worked on Saturday the 10th (12729/VPCP-KGVX)", "2026-01-09 09:00", 1, "2026-01-10 17:30"),
]


@pytest.mark.parametrize(("received", "days", "due"), [row[1:] for row in DAYS], ids=[row[0] for row in DAYS])
def test_working_days(received: str, days: int, due: str) -> None:
    assert promise(received, TimeLimit(working_days=days)).at == at(due)


HOURS = [
    # Civil Code 147.1: hours run at once.
    ("within a session", "2025-10-06 08:00", 2, "2025-10-06 10:00"),
    ("over noon", "2025-10-06 11:00", 1, "2025-10-06 14:00"),
    ("ends with the session it fills", "2025-10-06 07:30", 4, "2025-10-06 11:30"),
    ("from noon", "2025-10-06 12:00", 1, "2025-10-06 14:30"),
    ("half an hour", "2025-10-06 08:00", 0.5, "2025-10-06 08:30"),
    ("eight hours are a working day", "2025-10-06 10:00", 8, "2025-10-07 10:00"),
    ("over a weekend", "2025-10-10 14:30", 4, "2025-10-13 08:30"),
    ("104 hours, the land process with tax", "2025-10-06 07:30", 104, "2025-10-22 17:30"),
    ("after 15:00 the rest of the day counts", "2025-10-06 15:01", 2, "2025-10-06 17:01"),
    ("after 15:00 over the night", "2025-10-06 16:30", 2, "2025-10-07 08:30"),
    ("after closing from the next morning", "2025-10-06 18:00", 2, "2025-10-07 09:30"),
    ("over Tết 2016", "2016-02-05 13:30", 8, "2016-02-15 11:30"),
]


@pytest.mark.parametrize(("received", "hours", "due"), [row[1:] for row in HOURS], ids=[row[0] for row in HOURS])
def test_working_hours(received: str, hours: float, due: str) -> None:
    assert promise(received, TimeLimit(working_hours=hours)).at == at(due)


CALENDAR_DAYS = [
    ("15 days", "2025-10-06 09:00", 15, "2025-10-21 17:30"),
    ("Civil Code 148.5: a last Saturday rolls to Monday", "2025-10-03 09:00", 15, "2025-10-20 17:30"),
    ("Civil Code 148.5: a last day in Tết rolls behind it", "2025-01-13 09:00", 15, "2025-02-03 17:30"),
    ("a last day that is a worked Saturday stays", "2025-04-11 09:00", 15, "2025-04-26 17:30"),
]


@pytest.mark.parametrize(("received", "days", "due"), [r[1:] for r in CALENDAR_DAYS], ids=[r[0] for r in CALENDAR_DAYS])
def test_calendar_days(received: str, days: int, due: str) -> None:
    assert promise(received, TimeLimit(calendar_days=days)).at == at(due)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2025-10-06 09:00", "2025-10-06 17:30"),
        ("2025-11-03 08:00", "2025-11-03 17:30"),
        ("2025-10-06 15:00", "2025-10-06 17:30"),
        ("2025-10-06 15:00:59", "2025-10-06 17:30"),  # to the minute, as on the receipt
        ("2025-10-06 15:01", "2025-10-07 17:30"),
        ("2025-10-10 15:01", "2025-10-13 17:30"),
        ("2025-10-11 09:00", "2025-10-13 17:30"),
        ("2016-10-03 15:01", "2016-10-03 17:30"),  # QĐ 09/2015 records no late hour
        ("2016-10-03 17:31", "2016-10-04 17:30"),
    ],
)
def test_immediate_result_is_due_within_the_day_of_receipt(received: str, due: str) -> None:
    assert promise(received, TimeLimit(immediate=True)).at == at(due)


@pytest.mark.parametrize(
    ("limit", "due"),
    [
        (TimeLimit(working_days=10), "2025-11-03 17:30"),
        (TimeLimit(working_hours=80), "2025-11-03 09:00"),
        (TimeLimit(calendar_days=10), "2025-10-27 17:30"),
        (TimeLimit(immediate=True), "2025-10-20 17:30"),
    ],
)
def test_hard_to_reach_areas_get_ten_more_days_of_the_kind_of_the_limit(limit: TimeLimit, due: str) -> None:
    counted = promise("2025-10-06 09:00", limit, extra=10)
    assert counted.at == at(due)
    assert "remote" in codes(counted)


def test_hours_beside_remote_days_need_the_length_of_a_working_day_from_the_regulation() -> None:
    bare = Regulation("bare", "Trống", "Bare", date(2025, 7, 1), None, {})
    with pytest.raises(NumberNotFound, match="hours_per_working_day"):
        CALENDAR.promise(at("2025-10-06 09:00"), TimeLimit(working_hours=8), bare, 10)


def test_explanation_names_every_day_left_out_with_its_reason() -> None:
    due = promise("2016-02-03 15:30", TimeLimit(working_days=5))
    assert due.at == at("2016-02-17 17:30")
    assert [(str(note.date), note.code, note.vi) for note in due.explanation] == [
        ("2016-02-03", "received", "Tiếp nhận lúc 15:30 ngày 03/02/2016"),
        ("2016-02-03", "limit", "Thời hạn: 5 ngày làm việc"),
        ("2016-02-03", "first_day", "Ngày đầu 03/02/2016 không tính (Bộ luật Dân sự 2005, Điều 152)"),
        ("2016-02-06", "weekend", "Không tính 06/02/2016, 13/02–14/02/2016: nghỉ hằng tuần"),
        ("2016-02-07", "holiday", "Không tính 07/02/2016: Giao thừa Tết Nguyên Đán"),
        ("2016-02-08", "holiday", "Không tính 08/02/2016: Tết Nguyên Đán"),
        ("2016-02-09", "holiday", "Không tính 09/02/2016: Mùng hai Tết Nguyên Đán"),
        ("2016-02-10", "holiday", "Không tính 10/02/2016: Mùng ba Tết Nguyên Đán"),
        ("2016-02-11", "holiday", "Không tính 11/02/2016: Mùng bốn Tết Nguyên Đán"),
        ("2016-02-12", "holiday", "Không tính 12/02/2016: Mùng năm Tết Nguyên Đán"),
        ("2016-02-17", "due", "Hết hạn lúc 17:30 ngày 17/02/2016"),
    ]


def test_explanation_of_a_late_receipt_leaves_out_the_day_of_receipt_once() -> None:
    due = promise("2025-10-06 15:01", TimeLimit(working_days=1))
    assert [(note.code, note.vi) for note in due.explanation] == [
        ("received", "Tiếp nhận lúc 15:01 ngày 06/10/2025"),
        ("limit", "Thời hạn: 1 ngày làm việc"),
        ("first_day", "Ngày đầu 06/10/2025 không tính (Bộ luật Dân sự 2015, Điều 147)"),
        ("due", "Hết hạn lúc 17:30 ngày 07/10/2025"),
    ]


def test_explanation_of_an_immediate_result_names_the_article_of_the_late_receipt() -> None:
    due = promise("2025-08-29 15:01", TimeLimit(immediate=True))
    assert codes(due) == ["received", "late_receipt", "weekend", "holiday", "limit", "due"]
    assert due.explanation[1].as_dict() == {
        "date": "2025-08-29",
        "code": "late_receipt",
        "vi": "Tiếp nhận sau 15:00: giải quyết vào ngày làm việc tiếp theo, từ 07:30 ngày 03/09/2025"
        " (Nghị định 118/2025/NĐ-CP, Điều 18.2)",
        "en": "Received after 15:00: resolved on the next working day, from 07:30 on 03/09/2025"
        " (Decree 118/2025/ND-CP, article 18.2)",
    }
    assert due.explanation[3].vi == "Không tính 01/09–02/09/2025: Quốc khánh"


def test_explanation_of_hours_names_a_receipt_on_a_closed_day_and_why_it_was_closed() -> None:
    due = promise("2025-10-12 20:00", TimeLimit(working_hours=4))
    assert codes(due) == ["received", "limit", "next_opening", "weekend", "due"]
    assert due.explanation[3].date == date(2025, 10, 12)


def test_explanation_of_an_immediate_result_names_a_receipt_on_a_closed_day() -> None:
    due = promise("2025-10-12 20:00", TimeLimit(immediate=True))
    assert codes(due) == ["received", "closed_receipt", "weekend", "limit", "due"]
    assert due.explanation[2].date == date(2025, 10, 12)


def test_explanation_of_a_late_receipt_on_a_swapped_day_does_not_count_that_day() -> None:
    due = promise("2025-04-26 15:01", TimeLimit(immediate=True))
    assert due.at == at("2025-04-28 17:30")
    assert [str(note.date) for note in due.explanation if note.code in {"swapped_open", "weekend"}] == ["2025-04-27"]


def test_explanation_names_a_roll_with_its_article() -> None:
    due = promise("2025-10-03 09:00", TimeLimit(calendar_days=15))
    assert codes(due) == ["received", "limit", "first_day", "weekend", "rolled", "due"]
    assert "Bộ luật Dân sự 2015, Điều 148" in due.explanation[4].vi


def test_explanation_names_a_worked_weekend_day() -> None:
    due = promise("2025-04-25 09:00", TimeLimit(working_days=1))
    assert due.explanation[3].vi == "Có tính 26/04/2025: làm bù ngày 02/05/2025"


def test_explanation_says_where_holidays_are_not_announced_yet() -> None:
    due = promise("2027-02-01 09:00", TimeLimit(working_days=5))
    holidays = [note for note in due.explanation if note.code == "holiday"]
    assert holidays
    assert all("dự kiến" in note.vi and "not yet announced" in note.en for note in holidays)


def test_explanation_of_a_long_time_names_the_weekends_in_one_note() -> None:
    due = promise("2025-10-06 09:00", TimeLimit(working_days=50))
    weekends = [note.vi for note in due.explanation if note.code == "weekend"]
    assert weekends == ["Không tính 20 ngày từ 11/10/2025 đến 14/12/2025: nghỉ hằng tuần"]


def test_a_receipt_in_another_time_zone_counts_in_vietnamese_time() -> None:
    received = datetime(2025, 10, 5, 18, 1, tzinfo=UTC)  # 01:01 on the 6th in Vietnam
    due = CALENDAR.promise(received, TimeLimit(working_days=1), REGULATIONS.get("nd118-2025"))
    assert due.at.isoformat() == "2025-10-07T17:30:00+07:00"


def test_negative_extra_days_are_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        promise("2025-10-06 09:00", TimeLimit(working_days=1), extra=-1)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        CALENDAR.promise(datetime(2025, 10, 6, 9), TimeLimit(working_days=1), REGULATIONS.get("nd118-2025"))


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"working_days": 1, "calendar_days": 1},
        {"working_days": 1, "immediate": True},
        {"working_days": 0},
        {"calendar_days": -1},
        {"working_hours": 0},
        {"working_hours": 0.005},
    ],
)
def test_a_time_limit_is_exactly_one_positive_time(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"limit|minutes"):
        TimeLimit(**arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("unit", "amount", "limit"),
    [
        ("immediate", 0, TimeLimit(immediate=True)),
        ("working_days", 8, TimeLimit(working_days=8)),
        ("working_hours", 4, TimeLimit(working_hours=4)),
        ("calendar_days", 30, TimeLimit(calendar_days=30)),
    ],
)
def test_a_limit_by_the_name_of_its_unit(unit: str, amount: int, limit: TimeLimit) -> None:
    assert TimeLimit.of(unit, amount) == limit


def test_an_unknown_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="fortnights"):
        TimeLimit.of("fortnights", 1)
