"""A dossier that is taken back, stopped, or promised anew."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.dossiers.domain import State
from services.intake.dossiers.events_view import CAUSES
from services.intake.supplements.domain import NoSupplementAsked, check_supplement
from services.intake.withdrawals.domain import NotWithdrawable, check_withdrawal
from shared.contracts.routing import STOP_CAUSES
from tests.intake.service_fixture import DESK, OTHER_DESK, PROMISED, REGISTRY, World, at

EXTENDED: dict[str, Any] = {
    "extended_at": "2025-11-28T10:00:00+07:00",
    "was_due_at": "2025-12-02T17:30:00+07:00",
    "due_at": "2025-12-09T17:30:00+07:00",
    "agency": REGISTRY,
    "reason": "Cần đo đạc lại ranh giới.",
}


@pytest.fixture
def code(world: World) -> str:
    made = str(world.file()["code"])
    world.happen("step.assigned", made, agency=REGISTRY, assigned_at="2025-11-20T10:00:00+07:00")
    return made


def dossier(world: World, code: str) -> dict[str, Any]:
    (row,) = [row for row in world.rows("dossier") if row["code"] == code]
    return row


def states(world: World, code: str) -> list[int]:
    return [row["state"] for row in world.rows("transition") if row["dossier"] == code]


def withdraw(world: World, code: str, **more: Any) -> Any:
    return world.post(f"/dossiers/{code}/withdraw", {"reason": "Không còn nhu cầu"}, **more)


@pytest.mark.parametrize("state", State)
def test_nd118_21_until_the_result(state: State) -> None:
    if state in (2, 4, 5, 6):
        check_withdrawal(state)
        return
    with pytest.raises(NotWithdrawable) as caught:
        check_withdrawal(state)
    assert caught.value.result_exists == (state in (9, 10))


@pytest.mark.parametrize("state", State)
def test_nd118_19_5_a_supplement_only_where_one_is_asked_for(state: State) -> None:
    if state is State.SUPPLEMENT_REQUESTED:
        check_supplement(state)
        return
    with pytest.raises(NoSupplementAsked):
        check_supplement(state)


@pytest.mark.parametrize("news", ["", "step.assigned", "supplement.requested", "obligation.requested"])
def test_a_dossier_is_taken_back(world: World, news: str) -> None:
    code = world.file()["code"]
    if news:
        world.happen(news, code)
    answer = withdraw(world, code)
    assert (answer.status_code, answer.json["state"]) == (200, 7)
    (announced,) = world.emitted("dossier.withdrawn")
    assert announced["data"] == {
        "dossier": code,
        "receiving_agency": DESK,
        "withdrawn_at": "2025-11-20T08:15:00+07:00",
    }
    detail = world.get(f"/dossiers/{code}").json
    assert (detail["withdrawal_reason"], detail["withdrawn_at"]) == ("Không còn nhu cầu", "2025-11-20T08:15:00+07:00")
    world.happen("dossier.stopped", code, cause="withdrawn")
    assert dossier(world, code)["state"] == 8
    assert states(world, code)[-2:] == [7, 8]


def test_once(world: World, code: str) -> None:
    assert withdraw(world, code, key="k-1").status_code == withdraw(world, code, key="k-1").status_code == 200
    again = withdraw(world, code)
    assert (again.status_code, again.json["type"], again.json["state"]) == (
        409,
        "urn:motcua:problem:not-withdrawable",
        7,
    )
    assert "Điều 21" not in again.json["detail"]
    assert len(world.emitted("dossier.withdrawn")) == 1


@pytest.mark.parametrize("returned", [False, True])
def test_not_when_the_result_is_there(world: World, code: str, returned: bool) -> None:
    world.happen("dossier.resolved", code)
    if returned:
        world.post(f"/dossiers/{code}/return", {"citizen_notified": True})
    answer = withdraw(world, code)
    assert (answer.status_code, answer.json["state"]) == (409, 10 if returned else 9)
    assert "Điều 21" in answer.json["detail"]
    assert "article 21" in answer.json["detail_en"]
    assert world.emitted("dossier.withdrawn") == []


def test_the_result_was_there_before_routing_heard_of_the_withdrawal(world: World, code: str) -> None:
    withdraw(world, code)
    world.happen("dossier.resolved", code)
    assert dossier(world, code)["state"] == 9
    assert world.post(f"/dossiers/{code}/return", {"citizen_notified": True}).status_code == 200
    assert states(world, code) == [4, 7, 9, 10]


def test_other_agencies_may_go_on_until_routing_has_heard(world: World, code: str) -> None:
    withdraw(world, code)
    world.happen("step.assigned", code, agency=DESK, name="Kiểm tra", assigned_at="2025-11-21T10:00:00+07:00")
    world.happen("obligation.requested", code)
    row = dossier(world, code)
    assert (row["state"], row["place_step"]) == (7, "Kiểm tra")


def test_only_the_receiving_desks_clerks(lone_world: World) -> None:
    code = lone_world.file()["code"]
    assert withdraw(lone_world, code, agency=OTHER_DESK).status_code == 403
    for role in ("citizen", "officer", "leader", "agency", "device", "provider", "operator"):
        assert withdraw(lone_world, code, role=role).status_code == 403
    assert withdraw(lone_world, "H12.31.01-251120-0077").status_code == 404
    path = f"/dossiers/{code}/withdraw"
    assert lone_world.post(path, {"reason": "\x07"}).status_code == 422
    assert lone_world.post(path, {"why": "x"}).status_code == 422
    assert dossier(lone_world, code)["state"] == 2


@pytest.mark.parametrize("cause", STOP_CAUSES)
def test_a_dossier_is_stopped(world: World, code: str, cause: str) -> None:
    world.happen("dossier.paused", code, paused_at="2025-11-21T09:00:00+07:00")
    world.happen("dossier.stopped", code, cause=cause, reason="Trùng hồ sơ")
    row = dossier(world, code)
    assert (row["state"], row["stop_cause"], row["stop_reason"]) == (8, cause, "Trùng hồ sơ")
    assert (row["stopped_at"], row["place_agency"], row["paused"]) == (at("2025-12-08 17:31"), DESK, False)
    stop = world.get(f"/dossiers/{code}").json["stop"]
    assert (stop["cause"], stop["cause_label"], stop["cause_label_en"]) == (cause, *CAUSES[cause])
    assert world.happen("dossier.stopped", code, cause="stopped", reason="Khác").applied == 1
    world.happen("dossier.resolved", code)
    world.happen("dossier.resumed", code, supplemented=True)
    world.happen("dossier.extended", code)
    assert dossier(world, code) == row


def test_every_cause_has_its_words() -> None:
    assert set(CAUSES) == set(STOP_CAUSES)


@pytest.mark.parametrize("news", ["supplement.requested", "obligation.requested"])
def test_whatever_is_waited_for_may_end_in_a_stop(world: World, code: str, news: str) -> None:
    world.happen(news, code)
    world.happen("dossier.stopped", code)
    assert dossier(world, code)["state"] == 8


def test_a_stop_cannot_follow_a_result(world: World, code: str) -> None:
    world.happen("dossier.resolved", code)
    world.happen("dossier.stopped", code)
    row = dossier(world, code)
    assert (row["state"], row["stopped_at"]) == (9, None)


def test_nd118_19_6_promised_anew(world: World, code: str) -> None:
    world.happen("dossier.extended", code, **EXTENDED)
    row = dossier(world, code)
    assert (row["state"], row["promised_at"], row["due_at"]) == (4, PROMISED, at("2025-12-09 17:30"))
    (kept,) = world.get(f"/dossiers/{code}").json["reappointments"]
    assert kept.pop("agency_name")
    assert kept == EXTENDED


def test_the_same_promise_twice_is_one(world: World, code: str) -> None:
    world.happen("dossier.extended", code, **EXTENDED)
    world.happen("dossier.extended", code, **EXTENDED)
    assert len(world.rows("reappointment")) == 1


def test_the_newest_due_time_counts(world: World, code: str) -> None:
    resumed: dict[str, Any] = {"resumed_at": "2025-11-30T09:00:00+07:00", "due_at": "2025-12-11T17:30:00+07:00"}
    world.happen("dossier.resumed", code, 9, **resumed)
    world.happen("dossier.extended", code, 8, **EXTENDED)
    assert dossier(world, code)["due_at"] == at("2025-12-11 17:30")
    earlier: dict[str, Any] = {"resumed_at": "2025-11-27T09:00:00+07:00", "due_at": "2025-12-03T17:30:00+07:00"}
    world.happen("dossier.resumed", code, 7, **earlier)
    row = dossier(world, code)
    assert (row["due_at"], row["clock_changed_at"]) == (at("2025-12-11 17:30"), at("2025-11-30 09:00"))


def test_a_pause_does_not_hide_a_new_promise(world: World, code: str) -> None:
    world.happen("dossier.paused", code, 9, paused_at="2025-11-30T09:00:00+07:00")
    world.happen("dossier.extended", code, 8, **EXTENDED)
    row = dossier(world, code)
    assert (row["due_at"], row["paused"]) == (at("2025-12-09 17:30"), True)


def test_a_promise_that_comes_after_the_result_is_only_kept(world: World, code: str) -> None:
    world.happen("dossier.resolved", code)
    before = dossier(world, code)
    world.happen("dossier.extended", code, **EXTENDED)
    assert dossier(world, code) == before
    assert len(world.rows("reappointment")) == 1


def test_nothing_is_asked_of_the_citizen_when_it_is_over(world: World) -> None:
    receipt = world.file()
    world.happen("obligation.requested", receipt["code"])
    world.happen("dossier.stopped", receipt["code"])
    wanted = {"code": receipt["code"], "secret": receipt["secret"]}
    shown = world.client.get("/intake/api/lookup", query_string=wanted).json
    assert (shown["obligations_unpaid"], shown["fee_unpaid"]) == ([], 0)
    assert shown["stop"]["cause"] == "no_supplement"
