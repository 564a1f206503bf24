"""A day off that is entered after the time ran out: what was announced overdue is withdrawn.

A day off that is taken back leaves the promise.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from services.routing.commands.closure import stop_dossier
from services.routing.commands.hand_over import accept
from services.routing.commands.sweeps import check_calendar
from services.routing.domain.handover import HandoverKind
from services.routing.dossier.days_off import LOOK_BACK
from services.routing.store import dossiers
from tests.routing.service_fixture import CODE, PROMISED, TO_THE_RESULT, RoutingFixture, at
from tests.routing.test_routing_day_off import TUESDAY, WEDNESDAY, declare_off, moved

THURSDAY = at("2025-12-04 17:30")
WITHDRAWN = "dossier.overdue_withdrawn"


def remarks(service: RoutingFixture) -> list[tuple[str, str]]:
    return [(entry.step, entry.result) for entry in service.entries() if entry.kind == HandoverKind.RESCHEDULED]


def overdue(service: RoutingFixture, moment: str = "2025-12-02 18:00") -> None:
    service.advance_to(at(moment))
    service.sweep()
    assert service.dossier().overdue_at == PROMISED


def test_the_mark_is_withdrawn_when_the_new_time_is_not_over(land: RoutingFixture) -> None:
    overdue(land)
    land.advance_to(at("2025-12-03 08:00"))
    declare_off(land, TUESDAY)
    assert check_calendar(land.context) > 0
    assert check_calendar(land.context) == 0
    dossier = land.dossier()
    assert (dossier.overdue_at, dossier.due_at, dossier.index_due_at, dossier.escalation) == (
        None,
        WEDNESDAY,
        WEDNESDAY,
        0,
    )
    (emitted,) = land.emitted(WITHDRAWN)
    assert emitted.data == {
        "dossier": CODE,
        "was_overdue_at": "2025-12-02T17:30:00+07:00",
        "overdue_at": None,
        "due_at": "2025-12-03T17:30:00+07:00",
        "ended_at": None,
        "on_time": None,
        "index_on_time": None,
        "withdrawn_at": "2025-12-03T08:00:00+07:00",
    }
    assert moved(land) == [("result", "2025-12-02T17:30:00+07:00", "2025-12-03T17:30:00+07:00")]
    with land.store.read() as connection:
        assert dossiers.count_overdue(connection) == {}


def test_the_control_sheet_says_why_and_when_and_stays_sound(land: RoutingFixture) -> None:
    overdue(land)
    land.advance_to(at("2025-12-03 08:00"))
    declare_off(land, TUESDAY)
    check_calendar(land.context)
    (entry,) = [one for one in land.entries() if one.kind == HandoverKind.RESCHEDULED]
    assert (entry.step, entry.at, entry.due_at, entry.result) == ("transfer", at("2025-12-03 08:00"), WEDNESDAY, "none")
    assert "17:30 02/12/2025" in entry.cause
    assert "17:30 03/12/2025" in entry.cause
    page = land.client().get(f"/routing/dossiers/{CODE}", headers=land.token("clerk", "H12.31.01"))
    assert page.status_code == 200


def test_it_is_overdue_again_from_the_new_time(land: RoutingFixture) -> None:
    overdue(land)
    declare_off(land, TUESDAY)
    check_calendar(land.context)
    land.advance_to(at("2025-12-04 09:00"))
    land.sweep()
    assert land.dossier().overdue_at == WEDNESDAY
    assert [one.data["overdue_at"] for one in land.emitted("dossier.overdue")] == [
        PROMISED.isoformat(),
        WEDNESDAY.isoformat(),
    ]


def test_the_mark_moves_when_the_new_time_is_over_as_well(land: RoutingFixture) -> None:
    overdue(land, "2025-12-05 09:00")
    escalation = land.dossier().escalation
    declare_off(land, TUESDAY)
    check_calendar(land.context)
    dossier = land.dossier()
    assert (dossier.overdue_at, dossier.due_at, dossier.escalation) == (WEDNESDAY, WEDNESDAY, escalation)
    (emitted,) = land.emitted(WITHDRAWN)
    assert emitted.data["overdue_at"] == WEDNESDAY.isoformat()
    check_calendar(land.context)
    assert len(land.emitted(WITHDRAWN)) == 1


def test_a_result_that_came_on_the_next_working_day_was_on_time_after_all(land: RoutingFixture) -> None:
    land.complete_steps("transfer", "assessment:no_tax", *TO_THE_RESULT[:-1])
    overdue(land)
    land.advance_to(at("2025-12-03 10:00"))
    land.complete("receive-result")
    assert land.dossier().on_time is False
    land.advance_to(at("2025-12-20 10:00"))
    declare_off(land, TUESDAY)
    assert check_calendar(land.context) == 1
    assert check_calendar(land.context) == 0
    dossier = land.dossier()
    assert (dossier.on_time, dossier.index_on_time, dossier.overdue_at, dossier.due_at) == (True, True, None, WEDNESDAY)
    (emitted,) = land.emitted(WITHDRAWN)
    assert (emitted.data["on_time"], emitted.data["index_on_time"], emitted.data["ended_at"]) == (
        True,
        True,
        "2025-12-03T10:00:00+07:00",
    )
    assert moved(land) == []  # the citizen has the result: a new promise would only confuse
    assert remarks(land) == [("receive-result", "none")]


def test_a_result_that_came_after_the_next_working_day_stays_late_from_the_later_time(land: RoutingFixture) -> None:
    land.complete_steps("transfer", "assessment:no_tax", *TO_THE_RESULT[:-1])
    overdue(land)
    land.advance_to(at("2025-12-04 10:00"))
    land.complete("receive-result")
    declare_off(land, TUESDAY)
    check_calendar(land.context)
    assert (land.dossier().on_time, land.dossier().overdue_at) == (False, WEDNESDAY)
    assert land.emitted(WITHDRAWN)[0].data["on_time"] is False


def test_a_dossier_that_was_stopped_late_was_in_time_too(land: RoutingFixture) -> None:
    overdue(land)
    land.run(lambda work: stop_dossier(work, CODE, "Trùng hồ sơ", "leader-1"))
    assert land.dossier().on_time is False
    declare_off(land, TUESDAY)
    check_calendar(land.context)
    assert (land.dossier().on_time, land.dossier().overdue_at) == (True, None)


def test_a_dossier_that_waits_for_tax_was_not_overdue_before_it_began_to_wait(land: RoutingFixture) -> None:
    land.complete("transfer")
    overdue(land)
    land.complete("assessment")
    assert land.dossier().paused is True
    land.advance_to(at("2025-12-08 08:00"))
    declare_off(land, TUESDAY)
    check_calendar(land.context)
    assert (land.dossier().overdue_at, land.dossier().due_at) == (None, WEDNESDAY)
    land.advance_to(at("2025-12-09 08:00"))
    land.complete("tax")
    land.complete_steps(*TO_THE_RESULT)
    assert land.dossier().on_time is True


def test_a_supplement_that_was_asked_for_after_the_mark_keeps_its_own_time(land: RoutingFixture) -> None:
    overdue(land)
    land.advance_to(at("2025-12-03 08:00"))
    land.complete("transfer")
    land.request_supplement("assessment")
    until = land.dossier().supplement_until
    declare_off(land, TUESDAY)
    check_calendar(land.context)
    assert (land.dossier().overdue_at, land.dossier().supplement_until) == (None, until)
    land.advance_to(at("2025-12-08 08:00"))
    land.supplement()
    land.complete_steps("assessment:no_tax", *TO_THE_RESULT)
    assert land.dossier().on_time is True


def test_after_a_year_an_ended_dossier_is_left(land: RoutingFixture) -> None:
    overdue(land)
    land.run(lambda work: stop_dossier(work, CODE, "Trùng hồ sơ", "leader-1"))
    land.advance_to(PROMISED + LOOK_BACK + timedelta(hours=1))
    declare_off(land, TUESDAY)
    assert check_calendar(land.context) == 0
    assert land.dossier().on_time is False


def test_the_mark_of_a_step_is_withdrawn(land: RoutingFixture) -> None:
    land.advance_to(at("2025-11-20 18:00"))
    land.sweep()
    due_at = land.step("transfer").overdue_at
    assert due_at == at("2025-11-20 14:15")
    assert land.step("transfer").escalation > 0
    declare_off(land, date(2025, 11, 20))
    assert check_calendar(land.context) == 1
    step = land.step("transfer")
    assert (step.overdue_at, step.due_at, step.escalation) == (None, at("2025-11-21 17:30"), 0)
    (emitted,) = land.emitted("step.overdue_withdrawn")
    assert (emitted.data["due_at"], emitted.data["task"]) == ("2025-11-20T14:15:00+07:00", step.id)
    assert remarks(land) == [("transfer", "none")]
    land.advance_to(at("2025-11-21 17:31"))
    land.sweep()
    assert [one.data["due_at"] for one in land.emitted("step.overdue")] == [
        "2025-11-20T14:15:00+07:00",
        "2025-11-21T17:30:00+07:00",
    ]


def test_a_step_that_was_completed_late_was_in_time_after_all(land: RoutingFixture) -> None:
    land.advance_to(at("2025-11-20 18:00"))
    land.sweep()
    land.advance_to(at("2025-11-21 09:00"))
    land.complete("transfer")
    (done, _) = land.tasks()
    assert (done.on_time, done.due_at) == (False, at("2025-11-20 14:15"))
    declare_off(land, date(2025, 11, 20))
    assert check_calendar(land.context) == 1
    assert check_calendar(land.context) == 0
    (done, _) = land.tasks()
    assert (done.on_time, done.due_at, done.overdue_at) == (True, at("2025-11-21 17:30"), None)
    (emitted,) = land.emitted("step.overdue_withdrawn")
    assert (emitted.data["outcome"], emitted.data["completed_at"]) == ("completed", "2025-11-21T09:00:00+07:00")
    assert remarks(land) == [("transfer", "none")]


def test_a_step_that_was_completed_after_the_next_working_day_stays_late(land: RoutingFixture) -> None:
    land.advance_to(at("2025-11-24 09:00"))
    land.complete("transfer")
    declare_off(land, date(2025, 11, 20))
    check_calendar(land.context)
    assert land.tasks()[0].on_time is False
    assert land.emitted("step.overdue_withdrawn") == []


def test_a_lapsed_hand_over_is_withdrawn_and_may_lapse_again(land: RoutingFixture) -> None:
    land.complete("transfer")
    due_at = land.step("assessment").receipt_due_at
    assert due_at == at("2025-11-21 17:30")
    land.advance_to(at("2025-11-21 18:00"))
    land.sweep()
    assert land.step("assessment").lapsed_at == due_at
    declare_off(land, due_at.date())
    check_calendar(land.context)
    assert (land.step("assessment").lapsed_at, land.step("assessment").receipt_due_at) == (None, at("2025-11-24 17:30"))
    land.advance_to(at("2025-11-24 17:31"))
    land.sweep()
    assert [entry.at for entry in land.entries() if entry.kind == HandoverKind.LAPSED] == [
        due_at,
        at("2025-11-24 17:30"),
    ]


def test_a_hand_over_that_is_received_on_the_next_working_day_is_in_time_though_no_sweep_ran(
    land: RoutingFixture,
) -> None:
    land.complete("transfer")
    declare_off(land, date(2025, 11, 21))
    land.advance_to(at("2025-11-24 09:00"))
    land.run(lambda work: accept(work, land.step("assessment").id, "official-7"))
    (received,) = [one for one in land.entries() if (one.step, one.kind) == ("assessment", HandoverKind.RECEIVED)]
    assert received.result == "on_time"


@pytest.mark.parametrize("day", ["2025-12-01 09:00", "2025-12-03 09:00"])
def test_a_day_off_that_is_taken_back_leaves_the_promise_that_the_citizen_was_told(
    land: RoutingFixture, day: str
) -> None:
    land.complete_steps("transfer", "assessment:no_tax", *TO_THE_RESULT[:-1])
    declare_off(land, TUESDAY)
    check_calendar(land.context)
    declare_off(land)
    land.advance_to(at(day))
    assert check_calendar(land.context) == 0
    land.sweep()
    assert (land.dossier().due_at, land.dossier().overdue_at) == (WEDNESDAY, None)
    land.complete("receive-result")
    assert (land.dossier().on_time, land.dossier().index_on_time, land.dossier().due_at) == (True, True, WEDNESDAY)
    assert len(moved(land)) == 1


def test_uncounted_time_after_a_day_off_that_was_taken_back_is_added_to_the_promise(land: RoutingFixture) -> None:
    land.complete("transfer")
    declare_off(land, TUESDAY)
    check_calendar(land.context)
    declare_off(land)
    land.advance_to(at("2025-12-01 08:00"))
    land.complete("assessment")
    land.advance_to(at("2025-12-01 09:00"))
    land.complete("tax")
    assert land.dossier().due_at == at("2025-12-04 08:30")
    explained = land.client().get(f"/routing/api/dossiers/{CODE}", headers=land.token("clerk", "H12.31.01")).json
    assert explained["clock"]["due_at"] == "2025-12-04T08:30:00+07:00"
    assert explained["clock"]["explanation"]


def test_a_due_time_that_uncounted_time_has_moved_is_never_made_earlier(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.advance_to(at("2025-12-01 08:00"))
    land.complete("assessment")
    land.advance_to(at("2025-12-01 10:00"))
    land.complete("tax")
    assert land.dossier().due_at == at("2025-12-03 09:30")
    declare_off(land, date(2025, 12, 3))
    check_calendar(land.context)
    assert land.dossier().due_at == THURSDAY
    declare_off(land)
    check_calendar(land.context)
    land.advance_to(at("2025-12-04 17:00"))
    land.sweep()
    assert (land.dossier().due_at, land.dossier().overdue_at) == (THURSDAY, None)
