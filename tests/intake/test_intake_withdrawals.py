"""Withdrawals by the citizen."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.dossiers.domain import State
from services.intake.withdrawals.domain import NotWithdrawable, check_withdrawal
from tests.intake.service_fixture import DESK, OTHER_DESK, REGISTRY, IntakeService


@pytest.fixture
def code(intake: IntakeService) -> str:
    filed = str(intake.file()["code"])
    intake.receive_event("step.assigned", filed, agency=REGISTRY, assigned_at="2025-11-20T10:00:00+07:00")
    return filed


def dossier(intake: IntakeService, code: str) -> dict[str, Any]:
    (row,) = [row for row in intake.rows("dossier") if row["code"] == code]
    return row


def states(intake: IntakeService, code: str) -> list[int]:
    return [row["state"] for row in intake.rows("transition") if row["dossier"] == code]


def withdraw(intake: IntakeService, code: str, **more: Any) -> Any:
    return intake.post(f"/dossiers/{code}/withdraw", {"reason": "Không còn nhu cầu"}, **more)


@pytest.mark.parametrize("state", State)
def test_nd118_21_withdrawal_until_the_result(state: State) -> None:
    if state in (2, 4, 5, 6):
        check_withdrawal(state)
        return
    with pytest.raises(NotWithdrawable) as caught:
        check_withdrawal(state)
    assert caught.value.result_exists == (state in (9, 10))


@pytest.mark.parametrize("earlier", ["", "step.assigned", "supplement.requested", "obligation.requested"])
def test_a_dossier_is_withdrawn(intake: IntakeService, earlier: str) -> None:
    code = intake.file()["code"]
    if earlier:
        intake.receive_event(earlier, code)
    answer = withdraw(intake, code)
    assert (answer.status_code, answer.json["state"]) == (200, 7)
    (announced,) = intake.emitted("dossier.withdrawn")
    assert announced["data"] == {
        "dossier": code,
        "receiving_agency": DESK,
        "withdrawn_at": "2025-11-20T08:15:00+07:00",
    }
    detail = intake.get(f"/dossiers/{code}").json
    assert (detail["withdrawal_reason"], detail["withdrawn_at"]) == ("Không còn nhu cầu", "2025-11-20T08:15:00+07:00")
    intake.receive_event("dossier.stopped", code, cause="withdrawn")
    assert dossier(intake, code)["state"] == 8
    assert states(intake, code)[-2:] == [7, 8]


def test_a_dossier_is_withdrawn_once(intake: IntakeService, code: str) -> None:
    assert withdraw(intake, code, key="k-1").status_code == withdraw(intake, code, key="k-1").status_code == 200
    again = withdraw(intake, code)
    assert (again.status_code, again.json["type"], again.json["state"]) == (
        409,
        "urn:motcua:problem:not-withdrawable",
        7,
    )
    assert "Điều 21" not in again.json["detail"]
    assert len(intake.emitted("dossier.withdrawn")) == 1


@pytest.mark.parametrize("returned", [False, True])
def test_no_withdrawal_after_the_result(intake: IntakeService, code: str, returned: bool) -> None:
    intake.receive_event("dossier.resolved", code)
    if returned:
        intake.post(f"/dossiers/{code}/return", {"citizen_notified": True, "identity": "citizen_card"})
    answer = withdraw(intake, code)
    assert (answer.status_code, answer.json["state"]) == (409, 10 if returned else 9)
    assert "Điều 21" in answer.json["detail"]
    assert "article 21" in answer.json["detail_en"]
    assert intake.emitted("dossier.withdrawn") == []


def test_a_result_that_precedes_the_withdrawal_in_routing(intake: IntakeService, code: str) -> None:
    withdraw(intake, code)
    intake.receive_event("dossier.resolved", code)
    assert dossier(intake, code)["state"] == 9
    assert (
        intake.post(f"/dossiers/{code}/return", {"citizen_notified": True, "identity": "citizen_card"}).status_code
        == 200
    )
    assert states(intake, code) == [4, 7, 9, 10]


def test_other_agencies_may_go_on_until_routing_knows(intake: IntakeService, code: str) -> None:
    withdraw(intake, code)
    intake.receive_event("step.assigned", code, agency=DESK, name="Kiểm tra", assigned_at="2025-11-21T10:00:00+07:00")
    intake.receive_event("obligation.requested", code)
    row = dossier(intake, code)
    assert (row["state"], row["place_step"]) == (7, "Kiểm tra")


def test_only_the_receiving_desks_clerks(sqlite_intake: IntakeService) -> None:
    code = sqlite_intake.file()["code"]
    assert withdraw(sqlite_intake, code, agency=OTHER_DESK).status_code == 403
    for role in ("citizen", "officer", "leader", "agency", "device", "provider", "operator"):
        assert withdraw(sqlite_intake, code, role=role).status_code == 403
    assert withdraw(sqlite_intake, "H12.31.01-251120-0077").status_code == 404
    path = f"/dossiers/{code}/withdraw"
    assert sqlite_intake.post(path, {"reason": "\x07"}).status_code == 422
    assert sqlite_intake.post(path, {"why": "x"}).status_code == 422
    assert dossier(sqlite_intake, code)["state"] == 2
