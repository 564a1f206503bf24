"""Supplements: once, in time, through the desk; the clock is paused and restarts, or the dossier is closed (19.5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.routing.commands.errors import NotAllowed, NotInHand
from services.routing.domain.supplement import SupplementNotAllowed
from shared.calendar import TimeLimit
from shared.runtime.clock import VIETNAM
from tests.routing.route_builders import begin, forked, step
from tests.routing.route_strategies import AMOUNT
from tests.routing.service_fixture import CODE, DESK, PROMISED, REGISTRY, THURSDAY, RoutingFixture, at, reference

CALENDAR = reference().calendar(DESK, THURSDAY.date())
EIGHT_DAYS = TimeLimit(working_days=8)
ND118 = reference().regulations.get("nd118-2025")


def asked(land: RoutingFixture) -> RoutingFixture:
    """The land registry asks on Friday for what is missing."""
    land.complete("transfer")
    land.advance_to(at("2025-11-21 09:00"))
    land.request_supplement("assessment", ["Hợp đồng có công chứng", "Giấy tờ nhân thân"])
    return land


def test_a_request_pauses_the_clock_and_emits_its_content(land: RoutingFixture) -> None:
    asked(land)
    dossier, task = land.dossier(), land.step("assessment")
    assert (dossier.state, dossier.paused, dossier.supplements) == ("supplement", True, 1)
    assert (task.state, task.accepted_by) == ("awaiting_supplement", "official-7")
    assert land.event_names()[-2:] == ["dossier.paused", "supplement.requested"]
    assert land.emitted("supplement.requested")[0].data == {
        "dossier": CODE,
        "task": task.id,
        "step": "assessment",
        "agency": REGISTRY,
        "reason": "Hồ sơ còn thiếu",
        "papers": ["Hợp đồng có công chứng", "Giấy tờ nhân thân"],
        "requested_at": "2025-11-21T09:00:00+07:00",
        "until": "2025-12-08T23:59:00+07:00",  # 15 days end on Saturday the 6th
    }
    assert [interval.kind for interval in land.intervals()] == ["counted", "supplement"]


def test_after_the_supplement_the_law_restarts_and_the_index_subtracts(land: RoutingFixture) -> None:
    asked(land)
    land.advance_to(at("2025-11-27 10:00"))
    assert land.supplement().applied == 1
    dossier = land.dossier()
    restarted = CALENDAR.promise(at("2025-11-27 10:00"), EIGHT_DAYS, ND118).at
    waited = CALENDAR.working_minutes_between(at("2025-11-21 09:00"), at("2025-11-27 10:00"))
    assert dossier.due_at == restarted
    assert dossier.index_due_at == CALENDAR.add_working_minutes(PROMISED, waited).at
    assert (dossier.state, dossier.paused, dossier.supplement_until, dossier.promised_at) == (
        "active",
        False,
        None,
        PROMISED,
    )
    (emitted,) = land.emitted("dossier.resumed")
    assert (emitted.data["supplemented"], emitted.data["due_at"]) == (True, restarted.astimezone(VIETNAM).isoformat())


def test_the_step_reopens_with_its_whole_time(land: RoutingFixture) -> None:
    asked(land)
    land.advance_to(at("2025-11-27 08:00"))
    land.supplement()
    task = land.step("assessment")
    assert (task.state, task.due_at) == ("open", at("2025-12-01 08:00"))  # 16 working hours
    land.complete_steps("assessment:no_tax")
    assert land.step("printing").state == "open"


def test_a_second_request_is_refused_and_names_the_article(land: RoutingFixture) -> None:
    asked(land)
    land.supplement()
    before = land.event_names()
    with pytest.raises(SupplementNotAllowed) as refused:
        land.request_supplement("assessment")
    assert (refused.value.code, refused.value.article) == ("supplement_already_requested", "11.2c, 16.3")
    assert land.event_names() == before


def test_no_second_request_while_the_dossier_waits(sqlite_service: RoutingFixture) -> None:
    begin(sqlite_service, forked())
    sqlite_service.complete("entry")
    sqlite_service.request_supplement("police")
    with pytest.raises(NotInHand):
        sqlite_service.request_supplement("tax")


def test_a_request_is_possible_for_three_working_days(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.advance_to(at("2025-11-25 17:31"))  # Thursday, then Friday, Monday, Tuesday
    with pytest.raises(SupplementNotAllowed) as refused:
        land.request_supplement("assessment")
    assert (refused.value.code, refused.value.article) == ("supplement_request_too_late", "19.5")
    land.advance_to(at("2025-11-25 17:30:59"))
    assert land.request_supplement("assessment").state == "awaiting_supplement"


def test_papers_are_in_time_until_the_end_of_the_last_day(land: RoutingFixture) -> None:
    asked(land)
    land.advance_to(at("2025-12-08 23:30"))  # the fifteenth day is Saturday the 6th
    land.sweep()
    assert land.supplement().applied == 1
    assert land.dossier().state == "active"


@pytest.mark.parametrize("papers", [[], [" "]])
def test_a_request_needs_a_reason_and_papers(sqlite_land: RoutingFixture, papers: list[str]) -> None:
    with pytest.raises(NotAllowed, match="supplement_without_content"):
        sqlite_land.request_supplement("transfer", papers)


def test_a_dossier_without_supplement_is_closed_by_the_sweep(land: RoutingFixture) -> None:
    asked(land)
    land.advance_to(at("2025-12-08 23:59:59"))
    land.sweep()
    assert land.dossier().state == "supplement"
    land.advance(timedelta(seconds=1))
    assert land.sweep() == 1
    dossier = land.dossier()
    assert (dossier.state, dossier.stop_cause, dossier.on_time) == ("stopped", "no_supplement", True)
    assert land.open_tasks() == []
    assert land.event_names("dossier.stopped") == ["dossier.stopped"]
    assert land.intervals()[-1].ends_at == dossier.stopped_at
    land.supplement()
    land.sweep()
    assert land.dossier() == dossier
    assert land.event_names("dossier.stopped", "dossier.resumed") == ["dossier.stopped"]


def test_papers_that_come_too_late_close_the_dossier_before_any_sweep(land: RoutingFixture) -> None:
    asked(land)
    land.advance_to(at("2025-12-09 08:00"))
    land.supplement()
    assert (land.dossier().state, land.dossier().stop_cause) == ("stopped", "no_supplement")


def test_papers_brought_in_time_but_received_late_count(land: RoutingFixture) -> None:
    asked(land)
    land.advance_to(at("2025-12-09 08:00"))
    land.supplement(at=at("2025-12-08 17:00"))
    assert land.dossier().state == "active"
    assert land.emitted("dossier.resumed")[0].data["resumed_at"] == "2025-12-08T17:00:00+07:00"


def test_a_supplement_that_overtakes_its_request_waits(land: RoutingFixture) -> None:
    assert land.supplement().queued == 1
    asked(land)
    land.advance(60)
    land.applier.retry_due()
    assert land.dossier().state == "active"


def test_the_other_branch_goes_on_while_one_waits(service: RoutingFixture) -> None:
    begin(service, forked())
    service.complete("entry")
    service.request_supplement("police")
    service.complete("tax")
    assert [task.step for task in service.open_tasks()] == ["police"], "the join waits for the branch that waits"
    service.advance(timedelta(days=3))
    service.supplement()
    service.complete("police")
    service.complete_steps("collect")
    assert service.dossier().state == "resolved"
    assert service.event_names("dossier.paused", "dossier.resumed") == ["dossier.paused", "dossier.resumed"]
    service.entries()


def test_a_payment_reaches_a_dossier_that_waits_for_papers(service: RoutingFixture) -> None:
    paying = {"completed": "collect", "obligation": "collect"}
    obligation = {"kind": "tax", "name": "Thuế", "outcome": "obligation"}
    steps = forked()
    steps[2] = step("tax", "tax", paying, hours=0, counted=False, obligation=obligation)
    begin(service, steps)
    service.complete("entry")
    task = service.complete("tax", "obligation", AMOUNT)
    service.request_supplement("police")
    assert service.pay(task.obligation, AMOUNT).applied == 1
    assert (service.dossier().state, service.dossier().paused) == ("supplement", True)
    service.supplement()
    service.complete_steps("police", "collect")
    assert service.dossier().state == "resolved"
    assert service.event_names("dossier.paused", "dossier.resumed") == ["dossier.paused", "dossier.resumed"]


def test_a_supplement_of_an_uncounted_step_leaves_the_clock_paused(service: RoutingFixture) -> None:
    begin(service, [step("entry", "one_stop_desk", "tax"), step("tax", "tax", "end", hours=0, counted=False)])
    service.complete("entry")
    service.advance(timedelta(days=1))
    service.request_supplement("tax")
    service.advance(timedelta(days=1))
    service.supplement()
    assert service.dossier().paused
    assert [interval.kind for interval in service.intervals()] == [
        "counted",
        "uncounted",
        "supplement",
        "counted",
        "uncounted",
    ]
    assert service.event_names("dossier.paused", "dossier.resumed") == [
        "dossier.paused",
        "dossier.paused",
        "dossier.resumed",
        "dossier.paused",
    ]
    service.complete("tax")
    assert service.dossier().state == "resolved"


def test_a_dossier_late_before_the_request_stays_late(land: RoutingFixture) -> None:
    land.complete_steps("transfer", "assessment:no_tax", "printing", "checking", "signing", "hand-over")
    land.advance_to(PROMISED + timedelta(minutes=1))
    task = land.step("receive-result")
    assert task.agency == DESK
    with pytest.raises(SupplementNotAllowed):  # the desk had it on Thursday
        land.request_supplement("receive-result")
    assert land.event_names("dossier.overdue") == [], "what is refused leaves nothing behind"


def test_a_late_dossier_is_announced_overdue_before_it_waits(service: RoutingFixture) -> None:
    begin(service, [step("entry", "one_stop_desk", "police"), step("police", "police", "end")])
    service.advance_to(at("2025-12-18 17:31"))
    service.complete("entry")
    assert service.event_names("dossier.overdue") == ["dossier.overdue"]
    service.request_supplement("police")
    service.supplement()
    service.complete("police")
    assert (service.dossier().on_time, service.event_names("dossier.overdue")) == (False, ["dossier.overdue"])


def test_under_the_old_decree_the_wait_has_no_end(service: RoutingFixture) -> None:
    service.advance_to(at("2025-06-20 08:00"))
    service.publish()
    service.receive(
        receiving_agency="000.21.34.H04",
        received_at="2025-06-20T08:00:00+07:00",
        promised_at="2025-07-02T17:00:00+07:00",
        regulation="nd61-2018",
    )
    service.complete("transfer")
    service.request_supplement("assessment")
    assert service.dossier().supplement_until is None
    assert service.emitted("supplement.requested")[0].data["until"] is None, "no end is announced where there is none"
    service.advance_to(at("2025-12-01 08:00"))
    service.sweep()
    assert service.dossier().state == "supplement"
    service.supplement()
    assert service.dossier().state == "active"


def test_the_new_due_time_is_explained(land: RoutingFixture) -> None:
    asked(land)
    land.advance_to(at("2025-11-27 10:00"))
    land.supplement()
    clock = land.client().get(f"/routing/api/dossiers/{CODE}", headers=land.token("clerk", DESK)).json["clock"]
    assert clock["due_at"] == "2025-12-09T17:30:00+07:00"
    assert clock["explanation"][-1]["vi"] == "Hết hạn lúc 17:30 ngày 09/12/2025"
    waited = CALENDAR.working_minutes_between(at("2025-11-21 09:00"), at("2025-11-27 10:00"))
    assert (clock["supplement_minutes"], clock["uncounted_minutes"]) == (waited, 0)


def test_time_not_counted_after_the_supplement_is_added_to_the_new_promise(land: RoutingFixture) -> None:
    asked(land)
    land.advance_to(at("2025-11-27 10:00"))
    land.supplement()
    land.complete("assessment")
    land.advance_to(at("2025-11-28 10:00"))
    land.complete("tax")
    clock = land.client().get(f"/routing/api/dossiers/{CODE}", headers=land.token("clerk", DESK)).json["clock"]
    assert clock["due_at"] == "2025-12-10T17:30:00+07:00"
    assert clock["explanation"][-1]["vi"] == "Hết hạn lúc 17:30 ngày 10/12/2025"
