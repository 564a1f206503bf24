"""Supplements: requested and handed in at the desk; late, repeated and misplaced events."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from services.intake.dossiers.domain import State
from services.intake.filing.domain.assessment import FiledPaper, add_papers
from services.intake.supplements.domain import NoSupplementAsked, check_supplement
from tests.intake.service_fixture import DESK, OTHER_DESK, REGISTRY, IntakeService, at

ASKED = "2025-11-21T09:00:00+07:00"
RESUMED = "2025-11-25T09:01:00+07:00"
DUE = "2025-12-05T17:30:00+07:00"
PAPERS = ["Hợp đồng chuyển nhượng có chứng thực"]


@pytest.fixture
def code(intake: IntakeService) -> str:
    filed = str(intake.file()["code"])
    intake.receive_event("step.assigned", filed, agency=REGISTRY, task="t-1", assigned_at="2025-11-20T10:00:00+07:00")
    return filed


def dossier(intake: IntakeService, code: str) -> dict[str, Any]:
    (row,) = [row for row in intake.rows("dossier") if row["code"] == code]
    return row


def states(intake: IntakeService, code: str) -> list[int]:
    return [row["state"] for row in intake.rows("transition") if row["dossier"] == code]


def request_papers(intake: IntakeService, code: str, **data: Any) -> None:
    values = {"task": "t-1", "agency": REGISTRY, "requested_at": ASKED, "papers": PAPERS} | data
    assert intake.receive_event("supplement.requested", code, **values).applied == 1


def hand_in(intake: IntakeService, code: str, **fields: Any) -> Any:
    return intake.post(f"/dossiers/{code}/supplement", {"papers": ["contract"], **fields})


def test_a_request_is_stored_and_pauses_the_clock(intake: IntakeService, code: str) -> None:
    request_papers(intake, code, reason="Thiếu trang chứng thực.")
    row = dossier(intake, code)
    assert (row["state"], row["paused"], row["supplemented_at"]) == (5, True, None)
    (request,) = intake.rows("supplement_request")
    assert (request["dossier"], request["task"], request["agency"]) == (code, "t-1", REGISTRY)
    assert (request["reason"], request["requested_at"]) == ("Thiếu trang chứng thực.", at("2025-11-21 09:00"))
    assert (request["until"], request["supplemented_at"]) == (at("2025-12-08 23:59"), None)
    view = intake.get(f"/dossiers/{code}").json["supplement_requests"]
    assert [(one["papers"], one["agency"], one["agency_name"] != "") for one in view] == [(PAPERS, REGISTRY, True)]


def test_a_request_without_an_end_is_shown_without_one(intake: IntakeService) -> None:
    receipt = intake.file()
    code = receipt["code"]
    request_papers(intake, code, until=None)
    assert [row["until"] for row in intake.rows("supplement_request")] == [None]
    assert intake.get(f"/dossiers/{code}").json["supplement_requests"][0]["until"] is None
    opened = {"code": code, "secret": receipt["secret"]}
    looked_up = intake.client.get("/intake/api/lookup", query_string=opened).json
    assert looked_up["supplement_requests"][0]["until"] is None
    page = intake.client.post("/intake/", data=opened, follow_redirects=True).text
    assert PAPERS[0] in page
    assert "Quá thời hạn này" not in page


def test_a_repeated_request_changes_nothing(intake: IntakeService, code: str) -> None:
    request_papers(intake, code)
    before = dossier(intake, code), intake.rows("supplement_request")
    request_papers(intake, code)
    assert (dossier(intake, code), intake.rows("supplement_request")) == before


@pytest.mark.parametrize("end", ["dossier.resolved", "dossier.stopped"])
def test_a_request_after_the_end_changes_nothing(intake: IntakeService, code: str, end: str) -> None:
    intake.receive_event(end, code)
    before = dossier(intake, code)
    request_papers(intake, code)
    assert dossier(intake, code) == before
    assert intake.rows("supplement_request") == []


def test_a_request_after_a_withdrawal_changes_nothing(intake: IntakeService, code: str) -> None:
    intake.post(f"/dossiers/{code}/withdraw", {})
    request_papers(intake, code)
    assert dossier(intake, code)["state"] == 7


def test_requested_papers_are_handed_in(intake: IntakeService, code: str) -> None:
    request_papers(intake, code)
    intake.advance(timedelta(days=5))
    papers = [{"code": "contract", "copies": 2}, "Ảnh chụp thửa đất", PAPERS[0]]
    answer = hand_in(intake, code, papers=papers, note="Nộp bản chính")
    assert (answer.status_code, answer.json["state"]) == (200, 4)
    assert [(one["code"], one["name"], one["copies"]) for one in answer.json["papers"]][1:] == [
        ("", "Ảnh chụp thửa đất", 1),
        ("", PAPERS[0], 1),
    ]
    assert states(intake, code) == [4, 5, 4]
    (announced,) = intake.emitted("dossier.supplemented")
    assert announced["data"] == {"dossier": code, "papers": 3, "supplemented_at": "2025-11-25T08:15:00+07:00"}
    detail = intake.get(f"/dossiers/{code}").json
    kept = [(one["code"] or one["name"], one["copies"]) for one in detail["papers"]]
    assert kept == [("application", 1), ("certificate", 1), ("contract", 3), ("Ảnh chụp thửa đất", 1), (PAPERS[0], 1)]
    assert detail["supplemented_at"] == "2025-11-25T08:15:00+07:00"
    (request,) = intake.rows("supplement_request")
    assert (request["note"], request["received_by"]) == ("Nộp bản chính", "clerk-7")
    assert request["supplemented_at"] == at("2025-11-25 08:15")
    assert detail["paused"] is True, "the clock resumes with the event of routing"


def test_routing_sets_a_new_due_time(intake: IntakeService, code: str) -> None:
    request_papers(intake, code)
    hand_in(intake, code)
    intake.receive_event("dossier.resumed", code, supplemented=True, resumed_at=RESUMED, due_at=DUE)
    row = dossier(intake, code)
    assert (row["state"], row["paused"], row["due_at"]) == (4, False, at("2025-12-05 17:30"))
    assert row["supplemented_at"] == at("2025-11-20 08:15"), "as the desk recorded it"
    assert states(intake, code) == [4, 5, 4]


def test_routing_reports_a_supplement_unknown_here(intake: IntakeService, code: str) -> None:
    request_papers(intake, code)
    intake.receive_event("dossier.resumed", code, supplemented=True, resumed_at=RESUMED, due_at=DUE)
    row = dossier(intake, code)
    assert (row["state"], row["supplemented_at"]) == (4, at("2025-11-25 09:01"))
    (request,) = intake.rows("supplement_request")
    assert (request["supplemented_at"], request["received_by"]) == (at("2025-11-25 09:01"), None)


def test_a_request_that_arrives_after_its_own_end_changes_nothing(intake: IntakeService, code: str) -> None:
    intake.receive_event("dossier.resumed", code, 7, supplemented=True, resumed_at=RESUMED, due_at=DUE)
    request_papers(intake, code, sequence=6)
    row = dossier(intake, code)
    assert (row["state"], row["paused"], row["due_at"]) == (4, False, at("2025-12-05 17:30"))
    assert intake.rows("supplement_request") == []


def test_an_earlier_resumption_does_not_close_a_later_request(intake: IntakeService, code: str) -> None:
    request_papers(intake, code, requested_at="2025-11-26T09:00:00+07:00")
    intake.receive_event("dossier.resumed", code, supplemented=True, resumed_at=RESUMED, due_at=DUE)
    assert dossier(intake, code)["state"] == 5


def test_a_resumption_for_another_reason_leaves_the_request_open(intake: IntakeService, code: str) -> None:
    request_papers(intake, code)
    intake.receive_event("dossier.resumed", code, supplemented=False, resumed_at=RESUMED, due_at=DUE)
    assert dossier(intake, code)["state"] == 5


def test_an_unpaid_obligation_is_waited_for_after_the_papers(intake: IntakeService, code: str) -> None:
    request_papers(intake, code)
    intake.receive_event(
        "obligation.requested", code, obligation="tax", amount=10, requested_at="2025-11-21T10:00:00+07:00"
    )
    assert dossier(intake, code)["state"] == 5
    assert hand_in(intake, code).json["state"] == 6
    assert states(intake, code) == [4, 5, 4, 6]
    paid = intake.post(f"/dossiers/{code}/payments", {"obligation": "tax", "amount": 10, "method": "cash"})
    assert paid.json["state"] == 4


def test_a_request_while_an_obligation_is_unpaid(intake: IntakeService, code: str) -> None:
    intake.receive_event("obligation.requested", code, obligation="tax", amount=10)
    request_papers(intake, code)
    paid = intake.post(f"/dossiers/{code}/payments", {"obligation": "tax", "amount": 10, "method": "cash"})
    assert (paid.status_code, paid.json["state"]) == (201, 5)
    assert hand_in(intake, code).json["state"] == 4


def test_two_agencies_ask_at_once(intake: IntakeService, code: str) -> None:
    request_papers(intake, code)
    request_papers(intake, code, task="t-2", agency=DESK)
    assert states(intake, code) == [4, 5]
    assert hand_in(intake, code).json["state"] == 4
    assert all(row["supplemented_at"] for row in intake.rows("supplement_request"))


def test_papers_that_were_not_requested_are_refused(intake: IntakeService, code: str) -> None:
    answer = hand_in(intake, code)
    assert (answer.status_code, answer.json["type"]) == (409, "urn:motcua:problem:no-supplement-asked")
    assert (answer.json["state"], "Đang xử lý" in answer.json["detail"]) == (4, True)
    request_papers(intake, code)
    assert hand_in(intake, code).status_code == 200
    assert hand_in(intake, code).status_code == 409
    assert len(intake.emitted("dossier.supplemented")) == 1


def test_the_same_key_hands_in_once(intake: IntakeService, code: str) -> None:
    request_papers(intake, code)
    path, body = f"/dossiers/{code}/supplement", {"papers": ["contract"]}
    first, again = (intake.post(path, body, key="k-1") for _ in range(2))
    assert (first.status_code, again.json) == (200, first.json)
    assert len(intake.emitted("dossier.supplemented")) == 1
    assert intake.get(f"/dossiers/{code}").json["papers"][2]["copies"] == 2


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"papers": []}, "papers"),
        ({"papers": [17]}, "papers.0"),
        ({"papers": [{"code": "contract", "copies": 0}]}, "papers.0"),
        ({"note": "\x07"}, "note"),
        ({"note": "x" * 501}, "note"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_faulty_supplements(sqlite_intake: IntakeService, fields: dict[str, object], field: str) -> None:
    code = sqlite_intake.file()["code"]
    sqlite_intake.receive_event("supplement.requested", code)
    answer = hand_in(sqlite_intake, code, **fields)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json["errors"]]
    assert sqlite_intake.emitted("dossier.supplemented") == []


def test_only_the_receiving_desks_clerks(sqlite_intake: IntakeService) -> None:
    code = sqlite_intake.file()["code"]
    sqlite_intake.receive_event("supplement.requested", code)
    path, body = f"/dossiers/{code}/supplement", {"papers": ["contract"]}
    assert sqlite_intake.post(path, body, agency=OTHER_DESK).status_code == 403
    for role in ("citizen", "officer", "leader", "agency", "device", "provider", "operator"):
        assert sqlite_intake.post(path, body, role=role).status_code == 403
    assert sqlite_intake.post("/dossiers/H12.31.01-251120-0077/supplement", body).status_code == 404
    assert sqlite_intake.client.post(f"/intake/api{path}", json=body).status_code == 401


def test_the_outcome_is_the_same_in_any_order_of_arrival(sqlite_intake: IntakeService) -> None:
    """Except for the request itself, which is not stored once the papers are known to be handed in."""
    events: list[tuple[str, dict[str, Any]]] = [
        ("step.assigned", {"task": "t-1", "assigned_at": "2025-11-20T10:00:00+07:00"}),
        ("supplement.requested", {"task": "t-1", "requested_at": ASKED}),
        ("dossier.paused", {"paused_at": ASKED}),
        ("dossier.resumed", {"supplemented": True, "resumed_at": RESUMED, "due_at": DUE}),
        ("dossier.extended", {"extended_at": "2025-12-02T10:00:00+07:00", "due_at": "2025-12-09T17:30:00+07:00"}),
    ]
    for order in itertools.permutations(range(len(events))):
        code = sqlite_intake.file()["code"]
        for place in order:
            name, data = events[place]
            own = {"task": f"{code}-t"} if "task" in data else {}
            sqlite_intake.receive_event(name, code, place + 1, **data | own)
        row = dossier(sqlite_intake, code)
        assert (row["state"], row["paused"], row["due_at"]) == (4, False, at("2025-12-09 17:30")), order
        (step,) = [row for row in sqlite_intake.rows("step_grant") if row["dossier"] == code]
        assert step["revoked_at"] is None, order


def test_papers_are_added_up() -> None:
    deed, photo = FiledPaper("deed", "Giấy chứng nhận", "original"), FiledPaper("", "Ảnh", "", 2)
    assert add_papers([deed, photo], [photo, FiledPaper("form", "Tờ khai", "form"), deed]) == (
        FiledPaper("deed", "Giấy chứng nhận", "original", 2),
        FiledPaper("", "Ảnh", "", 4),
        FiledPaper("form", "Tờ khai", "form"),
    )


@pytest.mark.parametrize("state", State)
def test_nd118_19_5_a_supplement_only_where_one_is_requested(state: State) -> None:
    if state is State.SUPPLEMENT_REQUESTED:
        check_supplement(state)
        return
    with pytest.raises(NoSupplementAsked):
        check_supplement(state)
