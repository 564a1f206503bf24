"""More papers are asked for: once, in time, through the desk; the clock stands, begins anew, or the dossier is closed (19.5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.routing.commands.errors import NotAllowed, NotInHand
from services.routing.domain.supplement import SupplementNotAllowed
from shared.calendar import TimeLimit
from shared.runtime.clock import VIETNAM
from tests.routing.route_builders import begin, forked, step
from tests.routing.route_strategies import AMOUNT
from tests.routing.service_fixture import CODE, DESK, PROMISED, REGISTRY, THURSDAY, World, at, reference

CALENDAR = reference().calendar(DESK, THURSDAY.date())
EIGHT_DAYS = TimeLimit(working_days=8)
ND118 = reference().regulations.get("nd118-2025")


def asked(land: World) -> World:
    """The land registry asks on Friday for what is missing."""
    land.complete("transfer")
    land.go_to(at("2025-11-21 09:00"))
    land.ask("assessment", ["Hợp đồng có công chứng", "Giấy tờ nhân thân"])
    return land


def test_a_request_stops_the_clock_and_says_what_is_wanted(land: World) -> None:
    asked(land)
    dossier, task = land.dossier(), land.step("assessment")
    assert (dossier.state, dossier.paused, dossier.supplements) == ("supplement", True, 1)
    assert (task.state, task.accepted_by) == ("awaiting_supplement", "official-7")
    assert land.said()[-2:] == ["dossier.paused", "supplement.requested"]
    assert land.emitted("supplement.requested")[0].data == {
        "dossier": CODE,
        "task": task.id,
        "step": "assessment",
        "agency": REGISTRY,
        "reason": "Hồ sơ còn thiếu",
        "papers": ["Hợp đồng có công chứng", "Giấy tờ nhân thân"],
        "requested_at": "2025-11-21T09:00:00+07:00",
        "until": "2025-12-08T17:30:00+07:00",  # 15 days end on Saturday the 6th
    }
    assert [interval.kind for interval in land.intervals()] == ["counted", "supplement"]


def test_after_the_supplement_the_law_counts_from_zero_and_the_index_subtracts(land: World) -> None:
    asked(land)
    land.go_to(at("2025-11-27 10:00"))
    assert land.supply().applied == 1
    dossier = land.dossier()
    anew = CALENDAR.promise(at("2025-11-27 10:00"), EIGHT_DAYS, ND118).at
    waited = CALENDAR.working_minutes_between(at("2025-11-21 09:00"), at("2025-11-27 10:00"))
    assert dossier.due_at == anew
    assert dossier.index_due_at == CALENDAR.add_working_minutes(PROMISED, waited).at
    assert (dossier.state, dossier.paused, dossier.supplement_until, dossier.promised_at) == (
        "active",
        False,
        None,
        PROMISED,
    )
    (said,) = land.emitted("dossier.resumed")
    assert (said.data["supplemented"], said.data["due_at"]) == (True, anew.astimezone(VIETNAM).isoformat())


def test_the_step_opens_anew_with_its_whole_time(land: World) -> None:
    asked(land)
    land.go_to(at("2025-11-27 08:00"))
    land.supply()
    task = land.step("assessment")
    assert (task.state, task.due_at) == ("open", at("2025-12-01 08:00"))  # 16 working hours
    land.go_through("assessment:no_tax")
    assert land.step("printing").state == "open"


def test_a_second_request_is_refused_and_names_the_article(land: World) -> None:
    asked(land)
    land.supply()
    before = land.said()
    with pytest.raises(SupplementNotAllowed) as refused:
        land.ask("assessment")
    assert (refused.value.code, refused.value.article) == ("supplement_already_requested", "11.2c, 16.3")
    assert land.said() == before


def test_while_the_dossier_waits_nobody_asks_again(sqlite_world: World) -> None:
    begin(sqlite_world, forked())
    sqlite_world.complete("entry")
    sqlite_world.ask("police")
    with pytest.raises(NotInHand):
        sqlite_world.ask("tax")


def test_a_request_is_possible_for_three_working_days(land: World) -> None:
    land.complete("transfer")
    land.go_to(at("2025-11-25 17:30:01"))  # Thursday, then Friday, Monday, Tuesday
    with pytest.raises(SupplementNotAllowed) as refused:
        land.ask("assessment")
    assert (refused.value.code, refused.value.article) == ("supplement_request_too_late", "19.5")
    land.go_to(at("2025-11-25 17:30"))
    assert land.ask("assessment").state == "awaiting_supplement"


@pytest.mark.parametrize("papers", [[], [" "]])
def test_a_request_names_what_is_wanted(sqlite_land: World, papers: list[str]) -> None:
    with pytest.raises(NotAllowed, match="supplement_without_content"):
        sqlite_land.ask("transfer", papers)


def test_the_desk_closes_what_was_not_supplemented(land: World) -> None:
    asked(land)
    land.go_to(at("2025-12-08 17:30"))
    land.sweep()
    assert land.dossier().state == "supplement"
    land.pass_(timedelta(seconds=1))
    assert land.sweep() == 1
    dossier = land.dossier()
    assert (dossier.state, dossier.stop_cause, dossier.on_time) == ("stopped", "no_supplement", True)
    assert land.open_tasks() == []
    assert land.said("dossier.stopped") == ["dossier.stopped"]
    assert land.intervals()[-1].ends_at == dossier.stopped_at
    land.supply()
    land.sweep()
    assert land.dossier() == dossier
    assert land.said("dossier.stopped", "dossier.resumed") == ["dossier.stopped"]


def test_papers_that_come_too_late_close_the_dossier_before_any_sweep(land: World) -> None:
    asked(land)
    land.go_to(at("2025-12-09 08:00"))
    land.supply()
    assert (land.dossier().state, land.dossier().stop_cause) == ("stopped", "no_supplement")


def test_papers_in_time_are_heard_of_late(land: World) -> None:
    asked(land)
    land.go_to(at("2025-12-09 08:00"))
    land.supply(at=at("2025-12-08 17:00"))
    assert land.dossier().state == "active"
    assert land.emitted("dossier.resumed")[0].data["resumed_at"] == "2025-12-08T17:00:00+07:00"


def test_a_supplement_nobody_asked_for_waits_for_the_request(land: World) -> None:
    assert land.supply().queued == 1
    asked(land)
    land.pass_(60)
    land.applier.retry_due()
    assert land.dossier().state == "active"


def test_the_other_branch_goes_on_while_one_waits(world: World) -> None:
    begin(world, forked())
    world.complete("entry")
    world.ask("police")
    world.complete("tax")
    assert [task.step for task in world.open_tasks()] == ["police"], "the join waits for the branch that waits"
    world.pass_(timedelta(days=3))
    world.supply()
    world.complete("police")
    world.go_through("collect")
    assert world.dossier().state == "resolved"
    assert world.said("dossier.paused", "dossier.resumed") == ["dossier.paused", "dossier.resumed"]
    world.entries()


def test_a_payment_reaches_a_dossier_that_waits_for_papers(world: World) -> None:
    paying = {"completed": "collect", "obligation": "collect"}
    obligation = {"kind": "tax", "name": "Thuế", "outcome": "obligation"}
    steps = forked()
    steps[2] = step("tax", "tax", paying, hours=0, counted=False, obligation=obligation)
    begin(world, steps)
    world.complete("entry")
    task = world.complete("tax", "obligation", AMOUNT)
    world.ask("police")
    assert world.pay(task.obligation, AMOUNT).applied == 1
    assert (world.dossier().state, world.dossier().paused) == ("supplement", True)
    world.supply()
    world.go_through("police", "collect")
    assert world.dossier().state == "resolved"
    assert world.said("dossier.paused", "dossier.resumed") == ["dossier.paused", "dossier.resumed"]


def test_papers_for_an_uncounted_step_leave_the_clock_standing(world: World) -> None:
    begin(world, [step("entry", "one_stop_desk", "tax"), step("tax", "tax", "end", hours=0, counted=False)])
    world.complete("entry")
    world.pass_(timedelta(days=1))
    world.ask("tax")
    world.pass_(timedelta(days=1))
    world.supply()
    assert world.dossier().paused
    assert [interval.kind for interval in world.intervals()] == [
        "counted",
        "uncounted",
        "supplement",
        "counted",
        "uncounted",
    ]
    assert world.said("dossier.paused", "dossier.resumed") == [
        "dossier.paused",
        "dossier.paused",
        "dossier.resumed",
        "dossier.paused",
    ]
    world.complete("tax")
    assert world.dossier().state == "resolved"


def test_what_was_late_before_the_request_stays_late_and_is_said(land: World) -> None:
    land.go_through("transfer", "assessment:no_tax", "printing", "checking", "signing", "hand-over")
    land.go_to(PROMISED + timedelta(minutes=1))
    task = land.step("receive-result")
    assert task.agency == DESK
    with pytest.raises(SupplementNotAllowed):  # the desk had it on Thursday
        land.ask("receive-result")
    assert land.said("dossier.overdue") == [], "what is refused leaves nothing behind"


def test_a_late_dossier_is_said_late_before_it_waits(world: World) -> None:
    begin(world, [step("entry", "one_stop_desk", "police"), step("police", "police", "end")])
    world.go_to(at("2025-12-18 17:31"))
    world.complete("entry")
    assert world.said("dossier.overdue") == ["dossier.overdue"]
    world.ask("police")
    world.supply()
    world.complete("police")
    assert (world.dossier().on_time, world.said("dossier.overdue")) == (False, ["dossier.overdue"])


def test_under_the_old_decree_the_wait_has_no_end(world: World) -> None:
    world.go_to(at("2025-06-20 08:00"))
    world.publish()
    world.receive(
        receiving_agency="000.21.34.H04",
        received_at="2025-06-20T08:00:00+07:00",
        promised_at="2025-07-02T17:00:00+07:00",
        regulation="nd61-2018",
    )
    world.complete("transfer")
    world.ask("assessment")
    assert world.dossier().supplement_until is None
    assert world.emitted("supplement.requested")[0].data["until"] is None, "nobody is told of an end that there is not"
    world.go_to(at("2025-12-01 08:00"))
    world.sweep()
    assert world.dossier().state == "supplement"
    world.supply()
    assert world.dossier().state == "active"


def test_the_new_due_time_is_explained(land: World) -> None:
    asked(land)
    land.go_to(at("2025-11-27 10:00"))
    land.supply()
    clock = land.client().get(f"/routing/api/dossiers/{CODE}", headers=land.token("clerk", DESK)).json["clock"]
    assert clock["due_at"] == "2025-12-09T17:30:00+07:00"
    assert clock["explanation"][-1]["vi"] == "Hết hạn lúc 17:30 ngày 09/12/2025"
    waited = CALENDAR.working_minutes_between(at("2025-11-21 09:00"), at("2025-11-27 10:00"))
    assert (clock["supplement_minutes"], clock["uncounted_minutes"]) == (waited, 0)


def test_time_not_counted_after_the_supplement_is_added_to_the_new_promise(land: World) -> None:
    asked(land)
    land.go_to(at("2025-11-27 10:00"))
    land.supply()
    land.complete("assessment")
    land.go_to(at("2025-11-28 10:00"))
    land.complete("tax")
    clock = land.client().get(f"/routing/api/dossiers/{CODE}", headers=land.token("clerk", DESK)).json["clock"]
    assert clock["due_at"] == "2025-12-10T17:30:00+07:00"
    assert clock["explanation"][-1]["vi"] == "Hết hạn lúc 17:30 ngày 10/12/2025"
