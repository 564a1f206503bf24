"""A supplement: asked for through the desk, handed in at the desk, and whatever comes late, twice or at the wrong time."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest

from services.intake.filing.domain.assessment import FiledPaper, add_papers
from tests.intake.service_fixture import DESK, OTHER_DESK, REGISTRY, World, at

ASKED = "2025-11-21T09:00:00+07:00"
RESUMED = "2025-11-25T09:01:00+07:00"
DUE = "2025-12-05T17:30:00+07:00"
PAPERS = ["Hợp đồng chuyển nhượng có chứng thực"]


@pytest.fixture
def code(world: World) -> str:
    made = str(world.file()["code"])
    world.happen("step.assigned", made, agency=REGISTRY, task="t-1", assigned_at="2025-11-20T10:00:00+07:00")
    return made


def dossier(world: World, code: str) -> dict[str, Any]:
    (row,) = [row for row in world.rows("dossier") if row["code"] == code]
    return row


def states(world: World, code: str) -> list[int]:
    return [row["state"] for row in world.rows("transition") if row["dossier"] == code]


def ask(world: World, code: str, **data: Any) -> None:
    told = {"task": "t-1", "agency": REGISTRY, "requested_at": ASKED, "papers": PAPERS} | data
    assert world.happen("supplement.requested", code, **told).applied == 1


def hand_in(world: World, code: str, **fields: Any) -> Any:
    return world.post(f"/dossiers/{code}/supplement", {"papers": ["contract"], **fields})


def test_the_request_is_kept_and_the_clock_stands(world: World, code: str) -> None:
    ask(world, code, reason="Thiếu trang chứng thực.")
    row = dossier(world, code)
    assert (row["state"], row["paused"], row["supplemented_at"]) == (5, True, None)
    (request,) = world.rows("supplement_request")
    assert (request["dossier"], request["task"], request["agency"]) == (code, "t-1", REGISTRY)
    assert (request["reason"], request["requested_at"]) == ("Thiếu trang chứng thực.", at("2025-11-21 09:00"))
    assert (request["until"], request["supplemented_at"]) == (at("2025-12-08 17:30"), None)
    shown = world.get(f"/dossiers/{code}").json["supplement_requests"]
    assert [(one["papers"], one["agency"], one["agency_name"] != "") for one in shown] == [(PAPERS, REGISTRY, True)]


def test_a_request_without_an_end_is_shown_without_one(world: World) -> None:
    receipt = world.file()
    code = receipt["code"]
    ask(world, code, until=None)
    assert [row["until"] for row in world.rows("supplement_request")] == [None]
    assert world.get(f"/dossiers/{code}").json["supplement_requests"][0]["until"] is None
    opened = {"code": code, "secret": receipt["secret"]}
    looked_up = world.client.get("/intake/api/lookup", query_string=opened).json
    assert looked_up["supplement_requests"][0]["until"] is None
    page = world.client.post("/intake/", data=opened).text
    assert PAPERS[0] in page
    assert "Quá thời hạn này" not in page
    printed = world.client.get(f"/intake/dossiers/{code}/receipt", headers=world.token()).text
    assert PAPERS[0] in printed
    assert "Hạn bổ sung" not in printed


def test_a_request_repeated_changes_nothing(world: World, code: str) -> None:
    ask(world, code)
    before = dossier(world, code), world.rows("supplement_request")
    ask(world, code, reason="Khác", requested_at="2025-11-22T09:00:00+07:00")
    assert (dossier(world, code), world.rows("supplement_request")) == before


@pytest.mark.parametrize("end", ["dossier.resolved", "dossier.stopped"])
def test_a_request_after_the_end_changes_nothing(world: World, code: str, end: str) -> None:
    world.happen(end, code)
    before = dossier(world, code)
    ask(world, code)
    assert dossier(world, code) == before
    assert world.rows("supplement_request") == []


def test_a_request_after_a_withdrawal_changes_nothing(world: World, code: str) -> None:
    world.post(f"/dossiers/{code}/withdraw", {})
    ask(world, code)
    assert dossier(world, code)["state"] == 7


def test_the_citizen_hands_in_what_was_asked_for(world: World, code: str) -> None:
    ask(world, code)
    world.pass_(timedelta(days=5))
    papers = [{"code": "contract", "copies": 2}, "Ảnh chụp thửa đất", PAPERS[0]]
    answer = hand_in(world, code, papers=papers, note="Nộp bản chính")
    assert (answer.status_code, answer.json["state"]) == (200, 4)
    assert [(one["code"], one["name"], one["copies"]) for one in answer.json["papers"]][1:] == [
        ("", "Ảnh chụp thửa đất", 1),
        ("", PAPERS[0], 1),
    ]
    assert states(world, code) == [4, 5, 4]
    (announced,) = world.emitted("dossier.supplemented")
    assert announced["data"] == {"dossier": code, "papers": 3, "supplemented_at": "2025-11-25T08:15:00+07:00"}
    detail = world.get(f"/dossiers/{code}").json
    kept = [(one["code"] or one["name"], one["copies"]) for one in detail["papers"]]
    assert kept == [("application", 1), ("certificate", 1), ("contract", 3), ("Ảnh chụp thửa đất", 1), (PAPERS[0], 1)]
    assert detail["supplemented_at"] == "2025-11-25T08:15:00+07:00"
    (request,) = world.rows("supplement_request")
    assert (request["note"], request["received_by"]) == ("Nộp bản chính", "clerk-7")
    assert request["supplemented_at"] == at("2025-11-25 08:15")
    assert detail["paused"] is True, "the clock runs when routing says so"


def test_routing_promises_anew(world: World, code: str) -> None:
    ask(world, code)
    hand_in(world, code)
    world.happen("dossier.resumed", code, supplemented=True, resumed_at=RESUMED, due_at=DUE)
    row = dossier(world, code)
    assert (row["state"], row["paused"], row["due_at"]) == (4, False, at("2025-12-05 17:30"))
    assert row["supplemented_at"] == at("2025-11-20 08:15"), "as the desk has noted it"
    assert states(world, code) == [4, 5, 4]


def test_routing_knows_of_a_supplement_that_is_not_known_here(world: World, code: str) -> None:
    ask(world, code)
    world.happen("dossier.resumed", code, supplemented=True, resumed_at=RESUMED, due_at=DUE)
    row = dossier(world, code)
    assert (row["state"], row["supplemented_at"]) == (4, at("2025-11-25 09:01"))
    (request,) = world.rows("supplement_request")
    assert (request["supplemented_at"], request["received_by"]) == (at("2025-11-25 09:01"), None)


def test_a_request_that_comes_after_its_own_end_changes_nothing(world: World, code: str) -> None:
    world.happen("dossier.resumed", code, 7, supplemented=True, resumed_at=RESUMED, due_at=DUE)
    ask(world, code, sequence=6)
    row = dossier(world, code)
    assert (row["state"], row["paused"], row["due_at"]) == (4, False, at("2025-12-05 17:30"))
    assert world.rows("supplement_request") == []


def test_an_earlier_end_does_not_answer_a_later_request(world: World, code: str) -> None:
    ask(world, code, requested_at="2025-11-26T09:00:00+07:00")
    world.happen("dossier.resumed", code, supplemented=True, resumed_at=RESUMED, due_at=DUE)
    assert dossier(world, code)["state"] == 5


def test_a_pause_that_ends_for_another_reason_leaves_the_request_open(world: World, code: str) -> None:
    ask(world, code)
    world.happen("dossier.resumed", code, supplemented=False, resumed_at=RESUMED, due_at=DUE)
    assert dossier(world, code)["state"] == 5


def test_money_that_is_owed_is_waited_for_after_the_papers(world: World, code: str) -> None:
    ask(world, code)
    world.happen("obligation.requested", code, obligation="tax", amount=10, requested_at="2025-11-21T10:00:00+07:00")
    assert dossier(world, code)["state"] == 5
    assert hand_in(world, code).json["state"] == 6
    assert states(world, code) == [4, 5, 4, 6]
    paid = world.post(f"/dossiers/{code}/payments", {"obligation": "tax", "amount": 10, "method": "cash"})
    assert paid.json["state"] == 4


def test_a_request_while_money_is_owed(world: World, code: str) -> None:
    world.happen("obligation.requested", code, obligation="tax", amount=10)
    ask(world, code)
    paid = world.post(f"/dossiers/{code}/payments", {"obligation": "tax", "amount": 10, "method": "cash"})
    assert (paid.status_code, paid.json["state"]) == (201, 5)
    assert hand_in(world, code).json["state"] == 4


def test_two_agencies_ask_at_once(world: World, code: str) -> None:
    ask(world, code)
    ask(world, code, task="t-2", agency=DESK)
    assert states(world, code) == [4, 5]
    assert hand_in(world, code).json["state"] == 4
    assert all(row["supplemented_at"] for row in world.rows("supplement_request"))


def test_nothing_is_taken_that_nobody_asked_for(world: World, code: str) -> None:
    answer = hand_in(world, code)
    assert (answer.status_code, answer.json["type"]) == (409, "urn:motcua:problem:no-supplement-asked")
    assert (answer.json["state"], "Đang xử lý" in answer.json["detail"]) == (4, True)
    ask(world, code)
    assert hand_in(world, code).status_code == 200
    assert hand_in(world, code).status_code == 409
    assert len(world.emitted("dossier.supplemented")) == 1


def test_the_same_key_hands_in_once(world: World, code: str) -> None:
    ask(world, code)
    path, body = f"/dossiers/{code}/supplement", {"papers": ["contract"]}
    first, again = (world.post(path, body, key="k-1") for _ in range(2))
    assert (first.status_code, again.json) == (200, first.json)
    assert len(world.emitted("dossier.supplemented")) == 1
    assert world.get(f"/dossiers/{code}").json["papers"][2]["copies"] == 2


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
def test_faulty_supplements(lone_world: World, fields: dict[str, object], field: str) -> None:
    code = lone_world.file()["code"]
    lone_world.happen("supplement.requested", code)
    answer = hand_in(lone_world, code, **fields)
    assert answer.status_code == 422
    assert field in [error["field"] for error in answer.json["errors"]]
    assert lone_world.emitted("dossier.supplemented") == []


def test_only_the_receiving_desks_clerks(lone_world: World) -> None:
    code = lone_world.file()["code"]
    lone_world.happen("supplement.requested", code)
    path, body = f"/dossiers/{code}/supplement", {"papers": ["contract"]}
    assert lone_world.post(path, body, agency=OTHER_DESK).status_code == 403
    for role in ("citizen", "officer", "leader", "agency", "device", "provider", "operator"):
        assert lone_world.post(path, body, role=role).status_code == 403
    assert lone_world.post("/dossiers/H12.31.01-251120-0077/supplement", body).status_code == 404
    assert lone_world.client.post(f"/intake/api{path}", json=body).status_code == 401


def test_the_picture_is_the_same_in_whatever_order_it_is_heard(lone_world: World) -> None:
    """But for the request itself, which is nothing to keep once the papers are known to be there."""
    told: list[tuple[str, dict[str, Any]]] = [
        ("step.assigned", {"task": "t-1", "assigned_at": "2025-11-20T10:00:00+07:00"}),
        ("supplement.requested", {"task": "t-1", "requested_at": ASKED}),
        ("dossier.paused", {"paused_at": ASKED}),
        ("dossier.resumed", {"supplemented": True, "resumed_at": RESUMED, "due_at": DUE}),
        ("dossier.extended", {"extended_at": "2025-12-02T10:00:00+07:00", "due_at": "2025-12-09T17:30:00+07:00"}),
    ]
    for order in itertools.permutations(range(len(told))):
        code = lone_world.file()["code"]
        for place in order:
            name, data = told[place]
            own = {"task": f"{code}-t"} if "task" in data else {}
            lone_world.happen(name, code, place + 1, **data | own)
        row = dossier(lone_world, code)
        assert (row["state"], row["paused"], row["due_at"]) == (4, False, at("2025-12-09 17:30")), order
        (step,) = [row for row in lone_world.rows("step_grant") if row["dossier"] == code]
        assert step["revoked_at"] is None, order


def test_papers_are_added_up() -> None:
    deed, photo = FiledPaper("deed", "Giấy chứng nhận", "original"), FiledPaper("", "Ảnh", "", 2)
    assert add_papers([deed, photo], [photo, FiledPaper("form", "Tờ khai", "form"), deed]) == (
        FiledPaper("deed", "Giấy chứng nhận", "original", 2),
        FiledPaper("", "Ảnh", "", 4),
        FiledPaper("form", "Tờ khai", "form"),
    )
