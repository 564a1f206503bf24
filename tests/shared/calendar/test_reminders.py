"""Reminders: due soon, overdue and escalations, each exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.domain.settings import load_settings
from shared.calendar import WorkingCalendar
from shared.calendar.reminders import (
    DeadlineProgress,
    Reminder,
    Thresholds,
    due_reminders,
    due_soon_at,
    next_reminder_at,
    remaining_after_new_promise,
)
from shared.data_files import DataError
from tests.routing.domain.rule_fixtures import MOMENTS, OFFICE, at, calendars, patient

SOON, OVERDUE, UNIT, CENTRE = Reminder
RULES = Thresholds(
    share_left_percent=25,
    least_minutes=120,
    most_share_percent=50,
    unit_leader_minutes=0,
    centre_leader_minutes=480,
)
TWO_DAYS = DeadlineProgress(at("2025-11-20 07:30"), at("2025-11-21 17:30"))
"""960 minutes: due soon with 240 left."""


@pytest.mark.parametrize(
    ("begun", "due", "uncounted", "soon"),
    [
        ("2025-11-20 07:30", "2025-11-21 17:30", 0, "2025-11-21 13:30"),  # a quarter of 960
        ("2025-11-20 07:30", "2025-11-20 17:30", 0, "2025-11-20 15:30"),  # a quarter of 480, which is the least too
        ("2025-11-20 07:30", "2025-11-20 14:30", 0, "2025-11-20 10:30"),  # the least, more than a quarter of 300
        ("2025-11-20 07:30", "2025-11-20 08:30", 0, "2025-11-20 08:00"),  # half of an hour, not the least
        ("2025-11-20 07:30", "2025-11-24 17:30", 480, "2025-11-24 13:30"),  # uncounted time gives no longer warning
        ("2025-11-20 07:30", "2025-11-20 07:30", 0, "2025-11-20 07:30"),
    ],
)
def test_due_soon_by_share_and_least_time(begun: str, due: str, uncounted: int, soon: str) -> None:
    progress = DeadlineProgress(at(begun), at(due), uncounted)
    moment = due_soon_at(progress, RULES, OFFICE)
    assert OFFICE.working_minutes_between(moment, at(soon)) == 0
    assert moment <= at(soon)


SAYINGS: list[tuple[str, set[Reminder], Sequence[Reminder]]] = [
    ("2025-11-21 11:29", set(), ()),
    ("2025-11-21 13:30", set(), (SOON,)),
    ("2025-11-21 13:30", {SOON}, ()),
    ("2025-11-21 17:30", set(), (SOON,)),
    ("2025-11-21 17:31", {SOON}, (OVERDUE, UNIT)),
    ("2025-11-21 17:31", set(), (OVERDUE, UNIT)),  # too late for "due soon"
    ("2025-11-21 17:31", {SOON, OVERDUE, UNIT}, ()),
    ("2025-11-24 17:29", {OVERDUE, UNIT}, ()),  # 479 working minutes late
    ("2025-11-24 17:30", {OVERDUE, UNIT}, (CENTRE,)),
    ("2025-12-24 17:30", set(), (OVERDUE, UNIT, CENTRE)),  # not checked for a month
    ("2025-12-24 17:30", set(Reminder), ()),
]


@pytest.mark.parametrize(("now", "sent", "expected"), SAYINGS)
def test_reminders_due_now(now: str, sent: set[Reminder], expected: Sequence[Reminder]) -> None:
    assert due_reminders(TWO_DAYS, sent, RULES, OFFICE, at(now)) == tuple(expected)


def test_the_escalation_to_the_units_leader_may_come_later() -> None:
    patient_rules = Thresholds(25, 120, 50, unit_leader_minutes=60, centre_leader_minutes=60)
    moments = [("2025-11-24 08:29", (OVERDUE,)), ("2025-11-24 08:30", (OVERDUE, UNIT))]
    for now, expected in [*moments, ("2025-11-24 09:30", (OVERDUE, UNIT, CENTRE))]:
        assert due_reminders(TWO_DAYS, set(), patient_rules, OFFICE, at(now)) == expected


def test_no_reminder_is_due_while_time_is_not_counted() -> None:
    waiting = DeadlineProgress(TWO_DAYS.begun_at, TWO_DAYS.due_at, waiting=True)
    assert due_reminders(waiting, set(), RULES, OFFICE, at("2026-01-20 08:00")) == ()
    assert next_reminder_at(waiting, set(), RULES, OFFICE) is None


@pytest.mark.parametrize(
    ("sent", "moment"),
    [
        (set(), "2025-11-21 11:30"),
        ({SOON}, "2025-11-21 17:31"),
        ({SOON, OVERDUE, UNIT}, "2025-11-24 17:30"),
        ({OVERDUE, UNIT}, "2025-11-24 17:30"),
        (set(Reminder), None),
    ],
)
def test_when_the_next_reminder_is_due(sent: set[Reminder], moment: str | None) -> None:
    assert next_reminder_at(TWO_DAYS, sent, RULES, OFFICE) == (at(moment) if moment else None)


@pytest.mark.parametrize(
    ("sent", "kept"), [({SOON}, set()), ({SOON, OVERDUE, UNIT}, {SOON, OVERDUE, UNIT}), ({OVERDUE}, {OVERDUE})]
)
def test_a_new_promise_may_be_due_soon_again_but_overdue_only_once(sent: set[Reminder], kept: set[Reminder]) -> None:
    assert remaining_after_new_promise(sent) == kept


@patient
@given(
    calendars(),
    MOMENTS,
    st.integers(0, 4000),
    st.integers(0, 600),
    st.lists(st.integers(0, 40 * 24 * 60), max_size=12),
    st.tuples(st.integers(0, 100), st.integers(0, 600), st.integers(0, 100), st.integers(0, 600), st.integers(0, 900)),
)
def test_each_reminder_is_sent_once_and_in_order_however_often_it_is_checked(
    calendar: WorkingCalendar,
    begun_at: datetime,
    length: int,
    uncounted: int,
    looks: list[int],
    numbers: tuple[int, int, int, int, int],
) -> None:
    rules = Thresholds(*numbers)
    progress = DeadlineProgress(begun_at, calendar.add_working_minutes(begun_at, length).at, uncounted)
    sent: list[Reminder] = []
    for minutes in sorted(looks):
        now = begun_at + timedelta(minutes=minutes)
        following = next_reminder_at(progress, set(sent), rules, calendar)
        news = due_reminders(progress, set(sent), rules, calendar, now)
        assert not news or (following is not None and following <= now), "the sweep would have missed it"
        sent.extend(news)
        assert (OVERDUE in sent) <= (now > progress.due_at)
    assert len(sent) == len(set(sent))
    assert sent == sorted(sent, key=list(Reminder).index)
    assert CENTRE not in sent or UNIT in sent
    if looks and begun_at + timedelta(minutes=max(looks)) > progress.due_at:
        assert OVERDUE in sent


def test_the_shipped_settings() -> None:
    shipped = load_settings()
    for rules in (shipped.step, shipped.dossier):
        assert 0 < rules.share_left_percent <= rules.most_share_percent <= 50
        assert rules.unit_leader_minutes == 0, "escalated to the unit's leader at once"
        assert rules.centre_leader_minutes > 0
    assert shipped.step.least_minutes < shipped.dossier.least_minutes
    assert shipped.start_of_day_minutes == 60
    assert shipped.posting_done_days >= 1, "a posting is taken down on the next working day at the earliest"


def test_all_faults_of_the_settings_files_are_listed(tmp_path: Path) -> None:
    (tmp_path / "warnings.json").write_text(
        '{"step": {"share_left_percent": 120, "least_working_hours": -1, "most_share_percent": 50,'
        ' "unit_leader_after_working_hours": 0, "centre_leader_after_working_hours": "8"}, "extra": 1}'
    )
    (tmp_path / "handover.json").write_text("{")
    with pytest.raises(DataError) as error:
        load_settings(tmp_path)
    faults = str(error.value)
    for expected in (
        "warnings.json: step: share_left_percent: must be from 0 to 100",
        "warnings.json: step: least_working_hours: must not be negative",
        "warnings.json: step: centre_leader_after_working_hours: must be a whole number, not '8'",
        "warnings.json: dossier: missing",
        "warnings.json: extra: unknown",
        "handover.json: JSON sai (not JSON)",
        "waiting.json: không đọc được tệp (cannot read the file)",
    ):
        assert expected in faults


def test_a_missing_settings_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"warnings\.json: .*cannot read the file"):
        load_settings(tmp_path)
