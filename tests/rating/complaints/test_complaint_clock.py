"""The clock of complaints, counted by hand over Tết of 2025 and 2026."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rating.complaints.clock import Deadline, Wait, due_at, may_reopen_until, reply_until, waited_minutes
from services.rating.complaints.rules import complaint_rules
from shared.calendar import calendar_for_rules, default_rules
from shared.runtime.clock import VIETNAM

CALENDAR = calendar_for_rules(default_rules())
"""07:30 to 11:30 and 13:30 to 17:30, Monday to Friday."""


def at(text: str) -> datetime:
    return datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=VIETNAM)


LIMITS = complaint_rules(at("02/02/2026 08:00").date()).limits

OVER_TET = [
    # 2026: Friday 13/02 is the last working day, Monday 23/02 the first one
    (Deadline.REJECT, "11/02/2026 09:00", "13/02/2026 17:30"),
    (Deadline.REJECT, "12/02/2026 09:00", "23/02/2026 17:30"),
    (Deadline.REJECT, "13/02/2026 16:59", "24/02/2026 17:30"),
    (Deadline.REJECT, "17/02/2026 10:00", "24/02/2026 17:30"),  # on the first day of Tết itself, by web
    (Deadline.ASK, "13/02/2026 08:00", "27/02/2026 17:30"),
    (Deadline.ASK, "12/02/2026 08:00", "26/02/2026 17:30"),
    (Deadline.RESOLVE, "02/02/2026 08:00", "02/03/2026 17:30"),  # 9 days to 13/02, 5 to 27/02, 1 on 02/03
    (Deadline.RESOLVE, "12/02/2026 08:00", "12/03/2026 17:30"),
    (Deadline.RESOLVE, "13/02/2026 20:00", "13/03/2026 17:30"),
    (Deadline.RESOLVE, "22/02/2026 23:59", "13/03/2026 17:30"),
    (Deadline.PUBLISH, "13/02/2026 15:00", "24/02/2026 17:30"),
    # 2025: Friday 24/01 is the last working day, Monday 03/02 the first one
    (Deadline.REJECT, "23/01/2025 10:00", "03/02/2025 17:30"),
    (Deadline.ASK, "20/01/2025 10:00", "03/02/2025 17:30"),
    (Deadline.RESOLVE, "20/01/2025 10:00", "17/02/2025 17:30"),
    (Deadline.PUBLISH, "24/01/2025 17:29", "04/02/2025 17:30"),
]


@pytest.mark.parametrize(("deadline", "since", "until"), OVER_TET)
def test_limits_over_tet(deadline: Deadline, since: str, until: str) -> None:
    due = due_at(deadline, at(since), LIMITS, (), CALENDAR)
    assert due.at == at(until)
    said = " ".join(note.vi for note in due.explanation)
    assert f"Thời hạn: {LIMITS.days(deadline)} ngày làm việc" in said
    assert f"Hết hạn lúc {at(until):%H:%M ngày %d/%m/%Y}" in said


def test_the_explanation_names_tet() -> None:
    due = due_at(Deadline.RESOLVE, at("02/02/2026 08:00"), LIMITS, (), CALENDAR)
    assert any("17/02/2026" in note.vi and "Tết" in note.vi for note in due.explanation)


WAITED = [
    # asked on Friday before Tết, replied on the Tuesday after it: one working day is not counted, half of it on each side
    ("13/02/2026 13:30", "23/02/2026 11:30", "03/03/2026 17:30"),
    ("13/02/2026 17:30", "23/02/2026 07:30", "02/03/2026 17:30"),  # all of Tết: no working time was waited
    ("16/02/2026 09:00", "21/02/2026 09:00", "02/03/2026 17:30"),
    ("12/02/2026 07:30", "24/02/2026 17:30", "06/03/2026 17:30"),  # four working days
    ("23/02/2026 07:30", "23/02/2026 08:30", "03/03/2026 08:30"),  # an hour: the due time moves by an hour
]


@pytest.mark.parametrize(("asked", "replied", "until"), WAITED)
def test_waiting_for_the_complainant_is_not_counted(asked: str, replied: str, until: str) -> None:
    wait = Wait(at(asked), at(asked) + timedelta(days=15), at(replied))
    due = due_at(Deadline.RESOLVE, at("02/02/2026 08:00"), LIMITS, [wait], CALENDAR)
    assert due.at == at(until)


def test_a_reply_is_waited_for_over_tet_until_midnight_of_a_working_day() -> None:
    assert reply_until(at("02/02/2026 08:00"), 15, CALENDAR) == at("23/02/2026 23:59")  # 17/02 is Tết
    assert may_reopen_until(at("20/01/2026 10:00"), 30) == at("19/02/2026 23:59")


@given(
    since=st.datetimes(datetime(2025, 1, 2), datetime(2026, 6, 1)),
    spans=st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 20_000)), max_size=3),
)
def test_waiting_never_makes_a_limit_end_earlier(since: datetime, spans: list[tuple[int, int]]) -> None:
    begun = since.replace(tzinfo=VIETNAM)
    waits, moment = [], begun
    for gap, length in spans:
        begins = moment + timedelta(minutes=gap)
        moment = begins + timedelta(minutes=length)
        waits.append(Wait(begins, moment, moment))
    without = due_at(Deadline.RESOLVE, begun, LIMITS, (), CALENDAR).at
    with_waits = due_at(Deadline.RESOLVE, begun, LIMITS, waits, CALENDAR).at
    assert CALENDAR.working_minutes_between(without, with_waits) == waited_minutes(waits, CALENDAR)
    still_open = Wait(begun, begun + timedelta(days=15))
    assert due_at(Deadline.RESOLVE, begun, LIMITS, [*waits, still_open], CALENDAR).at == with_waits
