"""Events of routing that stop a dossier or set a new promised time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.intake.documents.issuing import issue_due
from services.intake.dossiers.events_view import CAUSES
from shared.contracts.routing import STOP_CAUSES
from tests.intake.service_fixture import DESK, PROMISED, REGISTRY, IntakeService, at

EXTENDED: dict[str, Any] = {
    "extended_at": "2025-11-28T10:00:00+07:00",
    "was_due_at": "2025-12-02T17:30:00+07:00",
    "due_at": "2025-12-09T17:30:00+07:00",
    "agency": REGISTRY,
    "reason": "Cần đo đạc lại ranh giới.",
}


@pytest.fixture
def code(intake: IntakeService) -> str:
    filed = str(intake.file()["code"])
    intake.receive_event("step.assigned", filed, agency=REGISTRY, assigned_at="2025-11-20T10:00:00+07:00")
    return filed


def dossier(intake: IntakeService, code: str) -> dict[str, Any]:
    (row,) = [row for row in intake.rows("dossier") if row["code"] == code]
    return row


@pytest.mark.parametrize("cause", STOP_CAUSES)
def test_a_dossier_is_stopped(intake: IntakeService, code: str, cause: str) -> None:
    intake.receive_event("dossier.paused", code, paused_at="2025-11-21T09:00:00+07:00")
    intake.receive_event("dossier.stopped", code, cause=cause, reason="Trùng hồ sơ")
    row = dossier(intake, code)
    assert (row["state"], row["stop_cause"], row["stop_reason"]) == (8, cause, "Trùng hồ sơ")
    assert (row["stopped_at"], row["place_agency"], row["paused"]) == (at("2025-12-08 17:30"), DESK, False)
    stop = intake.get(f"/dossiers/{code}").json["stop"]
    assert (stop["cause"], stop["cause_label"], stop["cause_label_en"]) == (cause, *CAUSES[cause])
    assert intake.receive_event("dossier.stopped", code, cause=cause, reason="Khác").applied == 1
    intake.receive_event("dossier.resolved", code)
    intake.receive_event("dossier.resumed", code, supplemented=True)
    intake.receive_event("dossier.extended", code)
    assert dossier(intake, code) == row


def test_every_cause_has_labels() -> None:
    assert set(CAUSES) == set(STOP_CAUSES)


@pytest.mark.parametrize("earlier", ["supplement.requested", "obligation.requested"])
def test_a_waiting_dossier_may_be_stopped(intake: IntakeService, code: str, earlier: str) -> None:
    intake.receive_event(earlier, code)
    intake.receive_event("dossier.stopped", code)
    assert dossier(intake, code)["state"] == 8


def test_a_stop_cannot_follow_a_result(intake: IntakeService, code: str) -> None:
    intake.receive_event("dossier.resolved", code)
    intake.receive_event("dossier.stopped", code)
    row = dossier(intake, code)
    assert (row["state"], row["stopped_at"]) == (9, None)


def test_nd118_19_6_a_new_promised_time(intake: IntakeService, code: str) -> None:
    intake.receive_event("dossier.extended", code, **EXTENDED)
    row = dossier(intake, code)
    assert (row["state"], row["promised_at"], row["due_at"]) == (4, PROMISED, at("2025-12-09 17:30"))
    (kept,) = intake.get(f"/dossiers/{code}").json["reappointments"]
    assert kept.pop("agency_name")
    assert kept == {**EXTENDED, "number": "06/PXL-H57.30.01", "late": False}


def test_a_repeated_new_promise_is_stored_once(intake: IntakeService, code: str) -> None:
    intake.receive_event("dossier.extended", code, **EXTENDED)
    intake.receive_event("dossier.extended", code, **EXTENDED)
    assert len(intake.rows("reappointment")) == 1


def test_the_newest_due_time_counts(intake: IntakeService, code: str) -> None:
    resumed: dict[str, Any] = {"resumed_at": "2025-11-30T09:00:00+07:00", "due_at": "2025-12-11T17:30:00+07:00"}
    intake.receive_event("dossier.resumed", code, 9, **resumed)
    intake.receive_event("dossier.extended", code, 8, **EXTENDED)
    assert dossier(intake, code)["due_at"] == at("2025-12-11 17:30")
    earlier: dict[str, Any] = {"resumed_at": "2025-11-27T09:00:00+07:00", "due_at": "2025-12-03T17:30:00+07:00"}
    intake.receive_event("dossier.resumed", code, 7, **earlier)
    row = dossier(intake, code)
    assert (row["due_at"], row["clock_changed_at"]) == (at("2025-12-11 17:30"), at("2025-11-30 09:00"))


def test_a_pause_does_not_hide_a_new_promise(intake: IntakeService, code: str) -> None:
    intake.receive_event("dossier.paused", code, 9, paused_at="2025-11-30T09:00:00+07:00")
    intake.receive_event("dossier.extended", code, 8, **EXTENDED)
    row = dossier(intake, code)
    assert (row["due_at"], row["paused"]) == (at("2025-12-09 17:30"), True)


def test_a_new_promise_after_the_result_is_only_stored(intake: IntakeService, code: str) -> None:
    intake.receive_event("dossier.resolved", code)
    before = dossier(intake, code)
    intake.receive_event("dossier.extended", code, **EXTENDED)
    assert dossier(intake, code) == before
    assert len(intake.rows("reappointment")) == 1


def test_nothing_is_owed_after_a_stop(intake: IntakeService) -> None:
    receipt = intake.file()
    intake.receive_event("obligation.requested", receipt["code"])
    intake.receive_event("dossier.stopped", receipt["code"])
    query = {"code": receipt["code"], "secret": receipt["secret"]}
    view = intake.client.get("/intake/api/lookup", query_string=query).json
    assert (view["obligations_unpaid"], view["fee_unpaid"]) == ([], 0)
    assert view["stop"]["cause"] == "no_supplement"


def test_a_deadline_moved_by_a_day_off_is_shown(intake: IntakeService, code: str) -> None:
    moved: dict[str, Any] = {"was_at": "2025-12-02T17:30:00+07:00", "moved_to": "2025-12-03T17:30:00+07:00"}
    intake.receive_event("dossier.deadline_moved", code, deadline="result", **moved)
    intake.receive_event("dossier.deadline_moved", code, deadline="result", **moved)
    view = intake.get(f"/dossiers/{code}").json
    assert (view["promised_at"], view["due_at"]) == (moved["was_at"], moved["moved_to"])
    assert [(one["deadline"], one["moved_to"]) for one in view["moved_deadlines"]] == [("result", moved["moved_to"])]


def test_the_end_of_a_supplement_moves_with_a_day_off(intake: IntakeService, code: str) -> None:
    intake.receive_event("supplement.requested", code, until="2025-12-05T23:59:00+07:00")
    moved: dict[str, Any] = {"was_at": "2025-12-05T23:59:00+07:00", "moved_to": "2025-12-08T23:59:00+07:00"}
    intake.receive_event("dossier.deadline_moved", code, deadline="supplement", **moved)
    view = intake.get(f"/dossiers/{code}").json
    assert view["supplement_requests"][0]["until"] == moved["moved_to"]
    assert view["due_at"] == view["promised_at"]


SIGNED: dict[str, Any] = {
    "agency": REGISTRY,
    "apology": "letter-1",
    "number": f"12/PXL-{REGISTRY}",
    "reason": "Cần đo đạc lại ranh giới.",
    "was_due_at": "2025-12-02T17:30:00+07:00",
    "due_at": "2025-12-09T17:00:00+07:00",
    "signed_at": "2025-12-03T10:00:00+07:00",
}


def test_a_signed_apology_is_kept_and_the_dossier_stays_late(intake: IntakeService, code: str) -> None:
    for _ in range(2):
        intake.receive_event("apology.explained", code, **SIGNED)
    assert dossier(intake, code)["due_at"] == PROMISED, "what is late stays late"
    (kept,) = intake.get(f"/dossiers/{code}").json["reappointments"]
    assert (kept["number"], kept["late"], kept["extended_at"]) == (SIGNED["number"], True, SIGNED["signed_at"])


def test_the_letter_has_the_number_and_the_day_of_its_signature(intake: IntakeService, code: str) -> None:
    """Routing gives the number, even when the letter is printed in another year."""
    intake.advance(timedelta(days=60))
    intake.receive_event("apology.explained", code, **SIGNED)
    issue_due(intake.context)
    (letter,) = [row for row in intake.rows("document") if row["kind"] == "apology"]
    assert (letter["number"], letter["year"], letter["agency"]) == (SIGNED["number"], 2025, REGISTRY)
    for said in ("Cần đo đạc lại ranh giới.", "ngày 03 tháng 12 năm 2025", "09 tháng 12 năm 2025"):
        assert said in letter["contents"]
    assert [row for row in intake.rows("document_number") if row["kind"] == "apology"] == []
