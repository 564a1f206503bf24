"""Booking, moving, cancelling, checking in, closed days and erasing, on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from services.intake.appointments import sweeps
from services.intake.appointments.closing import close_desk, read_closing
from services.intake.appointments.commands import Booking, book, cancel, check_in, move
from services.intake.appointments.domain import (
    MovedTooOften,
    NoMobilePhone,
    NotChangeable,
    NotCheckInTime,
    PhoneBlocked,
    SlotFull,
    SlotNotOffered,
    TooManyAppointments,
    UnknownAppointment,
)
from services.intake.appointments.rules import appointment_rules
from services.intake.appointments.store import slot_places
from services.intake.filing.domain.applicant import InvalidField
from services.intake.tickets import commands as tickets
from services.intake.tickets.groups import desk_services
from tests.intake.service_fixture import DESK, OTHER_DESK, THURSDAY, IntakeService, at

MONDAY = at("2025-11-24 09:00")
RULES = appointment_rules(THURSDAY.date())


def booking(number: int = 1, start: Any = MONDAY, **fields: Any) -> Booking:
    return Booking(**{"desk": DESK, "group": "land", "start": start, "phone": f"09123456{number:02}"} | fields)


def booked(intake: IntakeService, *arguments: Any, **fields: Any) -> str:
    """The code of a new appointment."""
    wanted = booking(*arguments, **fields)
    return intake.store.run(lambda work: book(work, wanted))["code"]


def act(intake: IntakeService, command: Any, *arguments: Any, **named: Any) -> Any:
    """Runs a command in a transaction of its own."""
    return intake.store.run(lambda work: command(work, *arguments, **named))


def row(intake: IntakeService, number: int = 1) -> dict[str, Any]:
    """The appointment of a test's telephone number."""
    return next(one for one in intake.rows("appointment") if one["phone"] == booking(number).phone)


def taken(intake: IntakeService) -> dict[Any, int]:
    return {one["start"]: one["taken"] for one in intake.rows(slot_places) if one["taken"]}


def names(intake: IntakeService) -> list[str]:
    found = [one["type"].removeprefix("vn.motcua.").removesuffix(".v1") for one in intake.emitted()]
    return [name for name in found if name.startswith("appointment.")]


def go_to(intake: IntakeService, moment: str) -> None:
    intake.advance(at(moment) - intake.context.clock.now())


def test_a_booking_takes_a_place_and_a_number_and_tells_notify_alone(intake: IntakeService) -> None:
    code = booked(intake, procedure="1.013831")
    one, (ticket,) = row(intake), intake.rows("ticket")
    assert (one["number"], one["ticket"], one["state"]) == ("A001", ticket["id"], "booked")
    assert (ticket["day"], ticket["slot_start"], ticket["arrived_at"]) == (MONDAY.date(), MONDAY, None)
    assert taken(intake) == {MONDAY: 1}
    (event,) = intake.emitted("appointment.booked")
    assert event["data"]["phone"] == "0912345601"
    assert event["data"]["code"] == code
    assert event["partitionkey"] == one["id"]
    with intake.store.read() as connection:
        everything = str(connection.exec_driver_sql("SELECT * FROM appointment").all())
        everything += str(connection.exec_driver_sql("SELECT * FROM outbox").all())
        everything += str(connection.exec_driver_sql("SELECT * FROM ticket").all())
    assert "0912345601" not in everything
    assert code not in everything


WRONG: list[tuple[dict[str, Any], type[Exception]]] = [
    ({"start": at("2025-11-20 09:00")}, SlotNotOffered),  # within the hour
    ({"start": at("2025-11-24 09:10")}, SlotNotOffered),
    ({"start": at("2025-11-22 09:00")}, SlotNotOffered),  # a Saturday
    ({"start": at("2025-12-05 09:00")}, SlotNotOffered),  # too far ahead
    ({"group": "nothing"}, SlotNotOffered),
    ({"desk": "H12.14.02"}, SlotNotOffered),  # no one-stop desk
    ({"phone": "02903831234"}, NoMobilePhone),
    ({"phone": ""}, NoMobilePhone),
]


def test_what_cannot_be_booked_changes_nothing(sqlite_intake: IntakeService) -> None:
    for wrong, error in WRONG:
        with pytest.raises(error):
            booked(sqlite_intake, **wrong)
    assert sqlite_intake.rows("appointment") + sqlite_intake.rows("ticket") == []
    assert names(sqlite_intake) == []


def test_of_twenty_who_want_the_last_place_one_gets_it(intake: IntakeService) -> None:
    for number in range(RULES.capacity - 1):
        booked(intake, number)

    def attempt(number: int) -> str:
        try:
            return booked(intake, 20 + number)
        except SlotFull:
            return ""

    with ThreadPoolExecutor(20) as pool:
        codes = [code for code in pool.map(attempt, range(20)) if code]
    assert len(codes) == 1
    assert taken(intake) == {MONDAY: RULES.capacity}
    assert sorted(one["number"] for one in intake.rows("ticket")) == [1, 2, 3]
    act(intake, cancel, codes[0])
    act(intake, cancel, codes[0])
    assert taken(intake) == {MONDAY: RULES.capacity - 1}
    assert names(intake).count("appointment.cancelled") == 1
    assert sorted(one["state"] for one in intake.rows("ticket")) == ["cancelled", "issued", "issued"]
    booked(intake, 50)


def test_one_phone_cannot_book_everything_even_at_once(intake: IntakeService) -> None:
    starts = [MONDAY + timedelta(minutes=30 * number) for number in range(4)]

    def attempt(start: Any) -> str:
        try:
            return booked(intake, 1, start)
        except TooManyAppointments:
            return ""

    with ThreadPoolExecutor(4) as pool:
        codes = [code for code in pool.map(attempt, starts) if code]
    assert len(codes) == RULES.open_per_phone
    assert sum(taken(intake).values()) == RULES.open_per_phone
    for _ in range(RULES.bookings_per_phone - RULES.open_per_phone):
        act(intake, cancel, codes[-1])
        codes.append(booked(intake, 1, starts[0] + timedelta(hours=1, minutes=30)))
    act(intake, cancel, codes[-1])
    with pytest.raises(TooManyAppointments):
        booked(intake, 1)
    intake.advance(timedelta(hours=25))
    booked(intake, 1)


def test_a_move_keeps_the_old_time_unless_the_new_one_is_free(intake: IntakeService) -> None:
    code, later = booked(intake), MONDAY + timedelta(minutes=30)
    for number in range(RULES.capacity):
        booked(intake, 10 + number, later)
    with pytest.raises(SlotFull):
        act(intake, move, code, later)
    assert taken(intake) == {MONDAY: 1, later: RULES.capacity}
    tuesday = at("2025-11-25 07:30")
    for _ in range(2):
        act(intake, move, code, tuesday)
    one = row(intake)
    assert (one["slot_start"], one["moved_from"], one["number"], one["moves"]) == (tuesday, MONDAY, "A001", 1)
    assert taken(intake) == {tuesday: 1, later: RULES.capacity}
    (event,) = intake.emitted("appointment.moved")
    assert (event["data"]["cause"], event["data"]["code"]) == ("citizen", code)
    for number in range(1, RULES.most_moves):
        act(intake, move, code, tuesday + timedelta(minutes=30 * number))
    with pytest.raises(MovedTooOften):
        act(intake, move, code, MONDAY)
    go_to(intake, "2025-11-26 08:00")
    with pytest.raises(NotChangeable):
        act(intake, cancel, code)
    with pytest.raises(UnknownAppointment):
        act(intake, cancel, "AAAAA22222")


def test_who_checks_in_in_time_is_called_and_who_does_not_has_missed_the_visit(intake: IntakeService) -> None:
    here, away = booked(intake), booked(intake, 2)
    for early in ("2025-11-23 09:00", "2025-11-24 08:00"):
        go_to(intake, early)
        with pytest.raises(NotCheckInTime):
            act(intake, check_in, here)
    go_to(intake, "2025-11-24 08:40")
    with pytest.raises(UnknownAppointment):
        act(intake, check_in, here, desk=OTHER_DESK)
    tickets_of = {act(intake, check_in, here, desk=DESK).shown for _ in range(2)}
    assert tickets_of == {"A001"}
    with pytest.raises(NotChangeable):
        act(intake, cancel, here)
    go_to(intake, "2025-11-24 09:45")
    assert sweeps.note_missed(intake.context) == 0
    go_to(intake, "2025-11-24 09:46")
    assert [sweeps.note_missed(intake.context) for _ in range(2)] == [1, 0]
    assert [one["state"] for one in intake.rows("ticket")] == ["issued", "missed"]
    go_to(intake, "2025-11-24 10:00")
    late = act(intake, check_in, away)
    assert (late.shown, late.waits_since, late.ahead_from) == ("A002", intake.context.clock.now(), None)
    assert {one["state"] for one in intake.rows("appointment")} == {"arrived"}


def test_who_comes_hours_late_gets_a_number_as_everybody_else(intake: IntakeService) -> None:
    code = booked(intake)
    go_to(intake, "2025-11-24 09:46")
    sweeps.note_missed(intake.context)
    go_to(intake, "2025-11-24 14:00")
    late = act(intake, check_in, code)
    assert (late.shown, late.slot_start, late.arrived_at) == ("A002", None, intake.context.clock.now())
    assert act(intake, check_in, code).id == late.id


def test_the_reception_notes_by_the_number_that_somebody_is_here(sqlite_intake: IntakeService) -> None:
    code = booked(sqlite_intake)
    go_to(sqlite_intake, "2025-11-24 08:50")
    services, ticket = desk_services(DESK, MONDAY.date()), row(sqlite_intake)["ticket"]
    sqlite_intake.store.run(lambda work: tickets.check_in(work, services, ticket))
    with pytest.raises(NotChangeable):
        act(sqlite_intake, cancel, code)
    go_to(sqlite_intake, "2025-11-24 10:00")
    assert sweeps.note_missed(sqlite_intake.context) == 1
    assert row(sqlite_intake)["state"] == "arrived"


def test_three_missed_visits_block_a_phone_for_some_time_but_not_those_of_a_stopped_worker(
    sqlite_intake: IntakeService,
) -> None:
    for day in ("2025-11-21", "2025-11-24", "2025-11-25"):
        booked(sqlite_intake, 1, at(f"{day} 09:00"))
        go_to(sqlite_intake, f"{day} 10:00")
        assert sweeps.note_missed(sqlite_intake.context) == 1
    with pytest.raises(PhoneBlocked) as blocked:
        booked(sqlite_intake, 1, at("2025-11-26 09:00"))
    assert blocked.value.until == at("2025-12-25 09:00")
    late = max(sqlite_intake.rows("appointment"), key=lambda one: one["slot_start"])
    services = desk_services(DESK, late["slot_start"].date())
    act(sqlite_intake, tickets.requeue, services, late["ticket"])  # came late, and the reception knew only the number
    act(sqlite_intake, cancel, booked(sqlite_intake, 1, at("2025-11-26 09:00")))
    go_to(sqlite_intake, "2025-12-25 10:00")
    booked(sqlite_intake, 1, at("2025-12-26 09:00"))
    booked(sqlite_intake, 2, at("2025-12-26 09:00"))
    go_to(sqlite_intake, "2025-12-27 09:00")
    assert sweeps.note_missed(sqlite_intake.context) == 2
    assert [one["phone_hash"] for one in sqlite_intake.rows("appointment")][-2:] == [None, None]


def test_the_reminder_is_sent_once_the_day_before(intake: IntakeService) -> None:
    booked(intake)
    gone = booked(intake, 2)
    act(intake, cancel, gone)
    go_to(intake, "2025-11-23 07:59")
    assert sweeps.send_reminders(intake.context) == 0
    go_to(intake, "2025-11-23 08:00")
    assert [sweeps.send_reminders(intake.context) for _ in range(2)] == [1, 0]
    assert names(intake).count("appointment.reminder_due") == 1


def test_a_closed_day_moves_its_appointments_once_and_tells_why(intake: IntakeService) -> None:
    codes = [booked(intake, number) for number in range(3)]
    stays = booked(intake, 9, at("2025-11-24 14:00"))
    tuesday = at("2025-11-25 07:30")
    booked(intake, 10, tuesday)
    start, end, why = read_closing("2025-11-24", "", "12:00", "Mất điện", intake.context.clock.now())
    act(intake, close_desk, DESK, start, end, why, "leader-1")
    with pytest.raises(SlotNotOffered):
        booked(intake, 11)
    with ThreadPoolExecutor(2) as workers:
        moved = list(workers.map(lambda _: sweeps.move_closed(intake.context), range(2)))
    assert (sum(moved), sweeps.move_closed(intake.context)) == (3, 0)
    events = intake.emitted("appointment.moved")
    assert {event["data"]["cause"] for event in events} == {"closed"}
    assert {event["data"]["code"] for event in events} == set(codes)
    afternoon = at("2025-11-24 13:30")  # told at 08:15 on Thursday, so that Monday afternoon is late enough
    assert taken(intake) == {afternoon: 3, at("2025-11-24 14:00"): 1, tuesday: 1}
    assert stays not in {event["data"]["code"] for event in events}
    with pytest.raises(InvalidField):
        read_closing("2025-11-19", "", "", "Quá khứ", intake.context.clock.now())


def test_without_a_free_time_the_visit_is_cancelled_and_the_citizen_told(sqlite_intake: IntakeService) -> None:
    booked(sqlite_intake)
    now = sqlite_intake.context.clock.now()
    for days in range(RULES.move_days + 5):
        start, end, why = read_closing((now + timedelta(days=days)).date().isoformat(), "", "", "Bão", now)
        act(sqlite_intake, close_desk, DESK, start, end, why, "leader-1")
    assert [sweeps.move_closed(sqlite_intake.context) for _ in range(2)] == [1, 0]
    (event,) = sqlite_intake.emitted("appointment.cancelled")
    assert event["data"]["cause"] == "closed"
    assert (row(sqlite_intake)["state"], taken(sqlite_intake)) == ("cancelled", {})


def test_the_phone_is_erased_some_days_after_the_visit(intake: IntakeService) -> None:
    code = booked(intake)
    booked(intake, 2, MONDAY + timedelta(minutes=30))
    go_to(intake, "2025-11-24 09:00")
    act(intake, check_in, code)
    go_to(intake, "2025-11-24 11:00")
    sweeps.note_missed(intake.context)
    intake.advance(timedelta(days=RULES.phone_days - 1))
    assert sweeps.erase_old(intake.context) == 0
    intake.advance(timedelta(days=1))
    assert [sweeps.erase_old(intake.context) for _ in range(2)] == [2, 0]
    assert len(intake.emitted("appointment.erased")) == 2
    with intake.store.read() as connection:
        left = connection.exec_driver_sql("SELECT phone, secret FROM appointment").all()
    assert [tuple(one) for one in left] == [("", "")]
    assert [one["state"] for one in intake.rows("appointment")] == ["missed"], "the no-show rule needs it"
    intake.advance(RULES.known_by_phone)
    sweeps.erase_old(intake.context)
    assert intake.rows("appointment") == []
    assert intake.rows(slot_places) == []
