"""The rules of appointments: slots of a day, the no-show rule, where a closed day's go, the calendar file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from services.intake.appointments.calendar_file import Entry, calendar_file
from services.intake.appointments.code import normalise_code
from services.intake.appointments.domain import (
    Closing,
    Offer,
    blocked_until,
    is_open,
    offers_of,
    remind_at,
    slots_of,
    where_to_move,
)
from services.intake.appointments.queries import desk_day
from services.intake.appointments.rules import appointment_rules
from services.intake.appointments.shown import slot_address, start_in
from services.intake.tickets.domain import Slot
from shared.calendar import TIMEZONE, DayInfo, Session
from tests.intake.service_fixture import DESK, THURSDAY, at, reference

SATURDAY_DESK = "H12.35.01"
RULES = replace(appointment_rules(THURSDAY.date()), no_show_limit=3, no_show_days=90, block_days=30, move_days=14)
DAY = date(2025, 11, 24)


def slot(moment: str, minutes: int = 30) -> Slot:
    return Slot(at(moment), at(moment) + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("desk", "day", "first", "last", "count"),
    [
        (DESK, date(2025, 11, 24), "07:30", "17:00", 16),
        (DESK, date(2025, 11, 22), "", "", 0),  # a Saturday
        (DESK, date(2025, 9, 2), "", "", 0),  # a holiday
        (DESK, date(2026, 1, 10), "07:30", "17:00", 16),  # a Saturday worked in place of 2 January
        (SATURDAY_DESK, date(2025, 11, 22), "07:30", "11:00", 8),  # reception only
        ("H12.14.02", date(2025, 11, 24), None, None, None),  # no one-stop desk
        (DESK, date(1990, 1, 1), None, None, None),
    ],
)
def test_slots_follow_the_calendar_of_the_desk(
    desk: str, day: date, first: str | None, last: str | None, count: int | None
) -> None:
    info = desk_day(reference().agencies, desk, day)
    if count is None:
        assert info is None
        return
    assert info is not None
    found = slots_of(info, 30)
    assert len(found) == count
    if found:
        assert (f"{found[0].start:%H:%M}", f"{found[-1].start:%H:%M}") == (first, last)


sessions = st.lists(st.integers(0, 1439), min_size=2, max_size=6, unique=True).map(sorted)


def _day(minutes: list[int]) -> DayInfo:
    midnight = datetime(2025, 11, 24)
    times = [(midnight + timedelta(minutes=one)).time() for one in minutes]
    return DayInfo(DAY, tuple(Session(a, b) for a, b in zip(times[::2], times[1::2], strict=False)))


@given(sessions, st.integers(5, 120), st.integers(0, 1439), st.integers(1, 600))
def test_slots_are_whole_do_not_overlap_and_lie_in_a_session(
    minutes: list[int], length: int, closes: int, lasts: int
) -> None:
    day = _day(minutes)
    found = slots_of(day, length)
    assert all(one.end - one.start == timedelta(minutes=length) for one in found)
    assert all(before.end <= after.start for before, after in pairwise(found))
    assert all(is_open(one, day, []) for one in found)
    assert sum((session.end - session.start) // length for session in day.sessions) == len(found)
    start = datetime(2025, 11, 24, tzinfo=TIMEZONE) + timedelta(minutes=closes)
    closing = Closing(start, start + timedelta(minutes=lasts))
    offered = [offer.slot for offer in offers_of(day, [closing], {}, replace(RULES, slot_minutes=length), 1)]
    assert offered == [one for one in found if one.end <= closing.start or closing.end <= one.start]


def test_a_slot_of_other_rules_stays_open_and_taken_places_count() -> None:
    day = desk_day(reference().agencies, DESK, DAY)
    assert day is not None
    assert is_open(slot("2025-11-24 09:05", 20), day, [])
    assert not is_open(slot("2025-11-24 11:15"), day, [])
    first = at("2025-11-24 07:30")
    offers = offers_of(day, [], {first: 2, first + timedelta(minutes=30): 9}, RULES, 3)
    assert [one.free for one in offers[:3]] == [1, 0, 3]
    assert offers_of(day, [], {}, RULES, 0) == []


@pytest.mark.parametrize(
    ("missed", "until"),
    [
        ([], None),
        ([1, 2], None),
        ([1, 2, 3], 29),
        ([80, 40, 1], 29),
        ([92, 40, 1], None),  # not within 90 days
        ([110, 60, 31], None),  # blocked until yesterday
        ([200, 190, 180, 1], None),
        ([10, 9, 8, 1], 29),
    ],
)
def test_who_misses_too_often_cannot_book_for_some_time(missed: list[int], until: int | None) -> None:
    found = blocked_until([THURSDAY - timedelta(days=days) for days in missed], THURSDAY, RULES)
    assert found == (None if until is None else THURSDAY + timedelta(days=until))


@given(st.lists(st.integers(0, 200), max_size=8), st.integers(0, 40))
def test_a_block_ends_by_itself_and_needs_the_limit(missed: list[int], later: int) -> None:
    starts = [THURSDAY - timedelta(days=days) for days in missed]
    found = blocked_until(starts, THURSDAY + timedelta(days=later), RULES)
    assert found is None or (found > THURSDAY + timedelta(days=later) and len(starts) >= RULES.no_show_limit)
    assert later < RULES.block_days or found is None


@given(st.lists(st.tuples(st.integers(-3, 20), st.integers(0, 15), st.booleans()), max_size=30), st.integers(-60, 600))
def test_a_closed_day_moves_to_the_next_free_slot_and_never_to_an_earlier_one(
    places: list[tuple[int, int, bool]], minutes_before: int
) -> None:
    closed = slot("2025-11-24 09:00")
    now = closed.start - timedelta(minutes=minutes_before)

    def offers(day: date) -> Iterable[Offer]:
        on = sorted({(number, free) for days, number, free in places if DAY + timedelta(days=days) == day})
        return [Offer(slot(f"{day} {7 + number:02}:30"), int(free)) for number, free in on]

    found = list(where_to_move(closed, now, RULES, offers))
    assert found == sorted(found, key=lambda one: one.start)
    least = max(closed.start, now + timedelta(minutes=RULES.move_notice_minutes))
    free = {
        slot(f"{DAY + timedelta(days=days)} {7 + number:02}:30")
        for days, number, free in places
        if free and days <= RULES.move_days
    }
    assert set(found) == {one for one in free if one.start >= least}


def test_a_reminder_is_sent_the_day_before_unless_the_booking_is_newer() -> None:
    assert remind_at(slot("2025-11-24 09:00"), THURSDAY, RULES) == at("2025-11-23 08:00")
    assert remind_at(slot("2025-11-21 09:00"), THURSDAY, RULES) is None


def test_codes_are_read_as_typed_scanned_or_from_a_link() -> None:
    for typed in ("k7m2q x9rta", "K7M2Q-X9RTA", "https://motcua.example/intake/a/K7M2QX9RTA/", " k7m2qx9rta\n"):
        assert normalise_code(typed) == "K7M2QX9RTA"


def test_addresses_name_a_slot_and_nothing_else_does() -> None:
    assert start_in(slot_address(slot("2025-11-24 09:00"))) == at("2025-11-24 09:00")
    assert [start_in(text) for text in ("", "2025", "20251124T9:00", "20251324T0900", "20251124T0900Z")] == [None] * 5


def test_the_calendar_file_is_read_by_calendars() -> None:
    entry = Entry(
        "an-id", 2, slot("2025-11-24 09:00"), "Lịch hẹn A012", "Phường An Xuyên; Cà Mau", "Mang, giấy", "https://x/"
    )
    (event,) = Calendar.from_ical(calendar_file(entry, THURSDAY)).walk("VEVENT")
    assert event.decoded("dtstart") == at("2025-11-24 09:00")
    assert event.decoded("dtend") == at("2025-11-24 09:30")
    assert (str(event["summary"]), str(event["location"])) == ("Lịch hẹn A012", "Phường An Xuyên; Cà Mau")
    assert (event["sequence"], event["status"], len(event.walk("VALARM"))) == (2, "CONFIRMED", 1)
    (gone,) = Calendar.from_ical(calendar_file(replace(entry, cancelled=True), THURSDAY)).walk("VEVENT")
    assert (gone["sequence"], gone["status"], gone["uid"]) == (3, "CANCELLED", event["uid"])
