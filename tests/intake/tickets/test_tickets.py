"""Tickets on both databases: nobody gets a number twice, no number is called twice, and each thing done to one is told once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

import pytest

from services.intake.tickets import commands, counters, queries
from services.intake.tickets.domain import Slot, Ticket
from services.intake.tickets.errors import CounterBusy
from services.intake.tickets.groups import Counter, DeskServices, desk_services
from services.intake.tickets.states import Channel, State
from services.intake.worker import end_tickets_of_earlier_days
from shared.observability.metrics import exposition
from tests.intake.service_fixture import DESK, OTHER_DESK, THURSDAY, IntakeService, at
from tests.intake.tickets.ticket_fixture import CounterClerk

MANY = 20


def with_many_counters() -> DeskServices:
    """The desk with as many counters as there are callers."""
    found = desk_services(DESK, THURSDAY.date())
    return replace(found, counters=tuple(Counter(number, frozenset({"land"})) for number in range(1, MANY + 1)))


def test_simultaneous_visitors_get_distinct_numbers_without_gaps_and_each_is_called_once(intake: IntakeService) -> None:
    services, start = with_many_counters(), Barrier(MANY)

    def issue(_: int) -> Ticket:
        start.wait()
        return intake.store.run(lambda work: commands.issue(work, services, group="land", channel=Channel.KIOSK), 50)

    def call(counter: int) -> Ticket | None:
        clerk = f"clerk-{counter}"
        intake.store.run(lambda work: counters.open_counter(work, services, counter, clerk), 50)
        start.wait()
        return intake.store.run(lambda work: counters.call_next(work, services, counter, clerk), 50)

    with ThreadPoolExecutor(MANY) as pool:
        issued = list(pool.map(issue, range(MANY)))
        assert sorted(one.number for one in issued) == list(range(1, MANY + 1))
        called = [one for one in pool.map(call, range(1, MANY + 1)) if one is not None]
    assert sorted(one.number for one in called) == list(range(1, MANY + 1)), "each visitor at one counter"
    rows = intake.rows("ticket")
    assert {row["state"] for row in rows} == {"called"}
    assert len({row["counter"] for row in rows}) == MANY
    assert len(intake.emitted("ticket.issued")) == len(intake.emitted("ticket.called")) == MANY


def test_a_clerk_who_clicks_many_times_at_once_calls_one_visitor(intake: IntakeService) -> None:
    services, start = with_many_counters(), Barrier(MANY)
    for _ in range(3):
        intake.store.run(lambda work: commands.issue(work, services, group="land", channel=Channel.KIOSK))
    intake.store.run(lambda work: counters.open_counter(work, services, 1, "clerk-7"))

    def call(_: int) -> str:
        start.wait()
        try:
            found = intake.store.run(lambda work: counters.call_next(work, services, 1, "clerk-7"), 50)
        except CounterBusy as error:
            return f"busy with {error.number}"
        return found.shown if found else ""

    with ThreadPoolExecutor(MANY) as pool:
        answers = sorted(pool.map(call, range(MANY)))
    assert answers == ["A001", *["busy with A001"] * (MANY - 1)]


def test_a_visit_from_the_number_to_the_end(intake: IntakeService) -> None:
    clerk = CounterClerk(intake)
    first, priority = clerk.issue(), clerk.issue(priority="elderly")
    assert (first["number"], priority["number"], first["state"]) == ("A001", "A002", "issued")
    assert clerk.post("counters/1/call-next").json["type"].endswith("counter-not-open")
    assert clerk.open().json["state"] == "open"
    intake.advance(timedelta(minutes=9))
    called = clerk.call()
    assert called is not None
    assert (called["number"], called["counter"]) == ("A002", 1), "the law's priority"
    assert clerk.act("recall", called).json["calls"] == 2
    assert clerk.act("finish", called).status_code == 409, "not before it has begun"
    assert clerk.act("begin", called).json["state"] == "serving"
    intake.advance(timedelta(minutes=5))
    assert clerk.post("counters/1/break").json["detail"] == "Kết thúc lượt của số A002 trước."
    assert clerk.act("finish", called).json["state"] == "served"
    assert clerk.act("finish", called).json["type"].endswith("not-at-counter"), "the second click changes nothing"
    missed = clerk.call()
    assert missed is not None
    assert clerk.act("miss", missed).json["state"] == "missed"
    assert clerk.post(f"tickets/{missed['id']}/requeue").json["state"] == "issued"
    again = clerk.call()
    assert again is not None
    assert again["number"] == "A001"
    clerk.act("miss", again)
    assert clerk.post(f"tickets/{missed['id']}/requeue").json["type"].endswith("requeue-too-late")
    assert clerk.call() is None
    told = [
        (body["type"].split(".")[3], body["data"]["number"]) for body in intake.emitted() if "ticket" in body["type"]
    ]
    assert told == [
        ("issued", "A001"), ("issued", "A002"), ("called", "A002"), ("served", "A002"), ("called", "A001"), ("missed", "A001"),
        ("called", "A001"), ("missed", "A001"),
    ]  # fmt: skip
    [served] = intake.emitted("ticket.served")
    assert (served["data"]["waited"], served["data"]["served"], served["data"]["priority"]) == (540, 300, True)
    text = exposition("intake")[0].decode()
    of_desk = f'agency="{DESK}",group="land"'
    assert f'motcua_ticket_service_seconds_bucket{{{of_desk},le="300.0",service="intake"}}' in text
    assert f"motcua_tickets_served_total{{{of_desk}" in text
    assert f"motcua_ticket_wait_seconds_sum{{{of_desk}" in text


def test_who_is_transferred_keeps_the_number_and_the_place(intake: IntakeService) -> None:
    clerk = CounterClerk(intake)
    mine = clerk.issue()
    intake.advance(timedelta(minutes=10))
    clerk.issue("general")
    clerk.open(3)
    called = clerk.call(3)
    assert called is not None
    assert called["number"] == mine["number"]
    same = clerk.act("transfer", called, 3, {"group": "land", "reason": "Nhầm"})
    assert (same.status_code, same.json["errors"][0]["field"]) == (422, "group")
    assert clerk.act("transfer", called, 3, {"group": "general", "reason": ""}).status_code == 422
    away = clerk.post(f"tickets/{called['id']}/transfer", {"group": "general", "reason": "Nhầm nhóm"})
    assert away.json["type"].endswith("wrong-ticket-state"), "whom a clerk has called, only that clerk may transfer"
    moved = clerk.act("transfer", called, 3, {"group": "general", "reason": "Cần xác nhận trước"}).json
    assert (moved["number"], moved["group"], moved["state"]) == ("A001", "general", "issued")
    assert moved["transferred_from"] == mine["id"]
    following = clerk.call(3)
    assert following is not None
    assert following["id"] == moved["id"], "waits since the first number"
    assert [body["data"]["transferred_from"] for body in intake.emitted("ticket.issued")] == [None, None, mine["id"]]
    with intake.store.read() as connection:
        assert queries.numbers_of_desk(connection, DESK, THURSDAY.date()).issued == 2, "a visitor counts once"


def test_counters_are_one_clerks_each_and_can_be_taken_over(intake: IntakeService) -> None:
    clerk, colleague = CounterClerk(intake), CounterClerk(intake, "clerk-8")
    clerk.issue()
    clerk.open()
    called = clerk.call()
    assert called is not None
    assert clerk.open(3).json["type"].endswith("at-another-counter")
    assert colleague.open().json["type"].endswith("counter-taken")
    assert colleague.act("begin", called).json["type"].endswith("counter-taken")
    elsewhere = CounterClerk(intake, "clerk-9", OTHER_DESK)
    assert elsewhere.post("tickets", {"group": "land"}).status_code == 403
    [seen] = [one for one in CounterClerk(intake).get("counters").json["items"] if one["number"] == 1]
    assert (seen["mine"], seen["ticket"]["number"]) == (True, "A001"), "another session of the clerk sees the visitor"
    assert colleague.open(take_over=True).json["state"] == "open"
    assert colleague.act("begin", called).json["state"] == "serving"
    assert clerk.act("finish", called).json["type"].endswith("counter-taken")
    assert colleague.post("counters/1/close").json["detail"] == "Kết thúc lượt của số A001 trước."
    colleague.act("finish", called)
    second = clerk.issue()
    called = colleague.call()
    assert called is not None
    assert colleague.post("counters/1/close").json["state"] == "closed"
    waiting = clerk.get("tickets").json["items"]
    assert [(one["id"], one["state"]) for one in waiting] == [(second["id"], "issued")], "back in the line"


def test_the_day_turns_at_midnight_in_vietnam_and_yesterdays_tickets_end(intake: IntakeService) -> None:
    clerk = CounterClerk(intake)
    intake.advance(at("2025-11-20 23:59") - THURSDAY)
    serving, waits = clerk.issue(priority="disabled"), clerk.issue()
    clerk.open()
    called = clerk.call()
    assert called is not None
    clerk.act("begin", called)
    slot = Slot(at("2025-11-21 09:00"), at("2025-11-21 09:20"))
    services = desk_services(DESK, slot.start.date())
    booked = intake.store.run(lambda work: commands.issue(work, services, group="land", channel=Channel.WEB, slot=slot))
    assert (booked.shown, booked.day) == ("A001", slot.start.date()), "a series of its own for each day"
    with intake.store.read() as connection:
        before = queries.board_version(connection, DESK, intake.context.clock.now())
    intake.advance(timedelta(minutes=1))  # midnight in Vietnam, 17:00 in UTC
    assert clerk.issue()["number"] == "A002"
    assert clerk.act("finish", called).json["type"].endswith("counter-not-open")
    late = clerk.post(f"tickets/{waits['id']}/cancel", {})
    assert (late.status_code, late.json["detail"][:27]) == (409, "Số A002 là của ngày 20/11/2")
    assert end_tickets_of_earlier_days(intake.context) == 2
    assert end_tickets_of_earlier_days(intake.context) == 0
    rows = {row["id"]: row for row in intake.rows("ticket")}
    assert (rows[serving["id"]]["state"], rows[serving["id"]]["priority"]) == ("served", ""), (
        "of which class is forgotten"
    )
    assert (rows[waits["id"]]["state"], rows[waits["id"]]["reason"]) == ("cancelled", "day_ended")
    [served], [cancelled] = intake.emitted("ticket.served"), intake.emitted("ticket.cancelled")
    assert (served["data"]["served"], served["data"]["priority"], cancelled["data"]["cause"]) == (
        None,
        True,
        "day_ended",
    )
    with intake.store.read() as connection:
        assert queries.board_version(connection, DESK, intake.context.clock.now()) != before


@pytest.mark.parametrize(
    ("arrives", "order"),
    [("08:50", ["A002", "A003", "A001"]), ("09:05", ["A001", "A002", "A003"]), ("10:00", ["A002", "A003", "A001"])],
)
def test_an_appointment_counts_from_its_slot_and_not_for_who_comes_too_late(
    sqlite_intake: IntakeService, arrives: str, order: list[str]
) -> None:
    intake = sqlite_intake
    clerk, services = CounterClerk(intake), desk_services(DESK, THURSDAY.date())
    slot = Slot(at("2025-11-20 09:00"), at("2025-11-20 09:20"))
    booked = intake.store.run(lambda work: commands.issue(work, services, group="land", channel=Channel.WEB, slot=slot))
    clerk.open()
    assert clerk.call() is None, "not yet here"
    clerk.issue(), clerk.issue()
    intake.advance(at(f"2025-11-20 {arrives}") - THURSDAY)
    for _ in range(2):
        assert clerk.post(f"tickets/{booked.id}/check-in").status_code == 200
    called = []
    while one := clerk.call():
        called.append(one["number"])
        clerk.act("begin", one)
        clerk.act("finish", one)
    assert called == order
    assert all(row["state"] == State.SERVED for row in intake.rows("ticket"))
