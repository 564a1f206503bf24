"""Applications at the desk: accepted, asked about once, supplemented, refused; who may, duplicates, and what citizens see of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.persistence.reading_audit import reading_audit
from tests.intake.service_fixture import DESK, LAND, OTHER_DESK, IntakeService, at
from tests.intake.test_intake_submission import submission, submit

PARCEL: dict[str, Any] = {
    "procedure": LAND,
    "case": "transfer",
    "receiving_agency": DESK,
    "applicant": {"name": "Trần Văn Cam", "id_number": "095185001299", "phone": "0912345679"},
    "papers": ["application", "certificate"],
    "parcel": {"number": "rb 123 456 789 vn", "sender": "Trần Văn Cam, Vĩnh Long"},
    "delivery": {"by": "post", "address": "Ấp 3, Vĩnh Long"},
}
ASKED = {"papers": ["Bản chụp Giấy chứng nhận"], "reason": "Ảnh bị mờ."}


@pytest.fixture
def filed(intake: IntakeService) -> dict[str, Any]:
    return submit(intake, submission())


def application(intake: IntakeService, code: str) -> dict[str, Any]:
    (row,) = [row for row in intake.rows("application") if row["code"] == code]
    return row


def test_accepting_makes_the_dossier_with_the_same_code_and_starts_its_clock(
    intake: IntakeService, filed: dict[str, Any]
) -> None:
    code = filed["code"]
    intake.advance(timedelta(hours=1, minutes=45))
    answer = intake.post(f"/applications/{code}/accept", {})
    assert answer.status_code == 200, answer.json
    assert (answer.json["state"], answer.json["received_at"]) == (2, "2025-11-20T10:00:00+07:00")
    (dossier,) = intake.rows("dossier")
    row = application(intake, code)
    assert (dossier["code"], dossier["channel"], dossier["received_at"]) == (code, "online", at("2025-11-20 10:00"))
    assert (dossier["applicant_name"], dossier["fee"] > 0) == ("Nguyễn Thị Bưởi", True)
    assert dossier["secret_hash"] == row["secret_hash"]
    assert (row["status"], row["decided_by"]) == ("accepted", "clerk-7")
    names = [event["type"].split(".", 2)[2] for event in intake.emitted() if event["data"].get("dossier") == code]
    assert names == [
        "applicant.registered.v1",
        "dossier.filed.v1",
        "dossier.accepted_online.v1",
        "dossier.received.v1",
        "official.handled_dossier.v1",
    ]


def test_a_second_acceptance_is_refused_and_a_repeated_request_gets_the_same_answer(
    intake: IntakeService, filed: dict[str, Any]
) -> None:
    path = f"/applications/{filed['code']}/accept"
    first = intake.post(path, {}, key="k-1")
    assert intake.post(path, {}, key="k-1").json == first.json
    again = intake.post(path, {})
    assert (again.status_code, again.json["type"].rsplit(":", 1)[-1]) == (409, "wrong-status")
    assert len(intake.rows("dossier")) == 1
    assert len(intake.emitted("dossier.received")) == 1


def test_papers_are_asked_for_once_and_the_answer_starts_the_desks_time_anew(
    intake: IntakeService, filed: dict[str, Any]
) -> None:
    code = filed["code"]
    asked = intake.post(f"/applications/{code}/supplement-request", ASKED)
    assert (asked.status_code, asked.json["status"], asked.json["state"]) == (200, "supplement_requested", 1)
    assert intake.post(f"/applications/{code}/accept", {}).status_code == 409, "it waits for the applicant"
    assert intake.get(f"/applications/{code}").json["answer_by"] is None
    intake.advance(timedelta(days=1))
    came = intake.post(f"/applications/{code}/supplement", {"papers": ["certificate"], "channel": "post"})
    assert (came.status_code, came.json["status"]) == (200, "supplemented")
    detail = intake.get(f"/applications/{code}").json
    assert detail["waiting_since"] == "2025-11-21T08:15:00+07:00"
    assert detail["answer_by"] == "2025-11-24T08:15:00+07:00"
    assert [len(paper["uploads"]) for paper in detail["papers"] if paper["code"] == "certificate"] == [1], "kept"
    second = intake.post(f"/applications/{code}/supplement-request", ASKED)
    assert (second.status_code, "một lần" in second.json["detail"]) == (409, True)
    assert intake.post(f"/applications/{code}/accept", {}).status_code == 200


def test_a_refusal_is_final_and_says_why(intake: IntakeService, filed: dict[str, Any]) -> None:
    code = filed["code"]
    refused = intake.post(f"/applications/{code}/refuse", {"reason": "Thửa đất đang có tranh chấp."})
    assert (refused.json["state"], refused.json["state_label"]) == (3, "Không được tiếp nhận")
    for path in ("accept", "refuse", "supplement-request", "supplement"):
        bodies: dict[str, dict[str, Any]] = {
            "refuse": {"reason": "x"},
            "supplement-request": ASKED,
            "supplement": {"papers": ["contract"]},
        }
        body = bodies.get(path, {})
        assert intake.post(f"/applications/{code}/{path}", body).status_code == 409, path
    assert intake.rows("dossier") == []
    (event,) = intake.emitted("dossier.refused")
    assert "tranh chấp" not in str(event), "the reason stays in intake"
    opened = intake.client.get("/intake/api/lookup", query_string={"code": code, "secret": filed["secret"]}).json
    assert (opened["state"], opened["application"]["refusal_reason"]) == (3, "Thửa đất đang có tranh chấp.")


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("refuse", {"reason": " "}, "reason"),
        ("refuse", {"reason": "x", "return_parcel": "??"}, "return_parcel"),
        ("supplement-request", {"papers": [" "], "reason": "x"}, "papers"),
        ("supplement-request", {"papers": ["x"], "reason": " "}, "reason"),
        ("supplement-request", {"papers": [], "reason": "x"}, "papers"),
        ("return-parcel", {"number": "1"}, "number"),
    ],
)
def test_bad_input_names_the_field_and_changes_nothing(
    sqlite_intake: IntakeService, path: str, body: dict[str, Any], field: str
) -> None:
    code = submit(sqlite_intake, submission())["code"]
    before = application(sqlite_intake, code)
    answer = sqlite_intake.post(f"/applications/{code}/{path}", body)
    assert (answer.status_code, [one["field"] for one in answer.json["errors"]]) == (422, [field])
    assert application(sqlite_intake, code) == before


def test_what_is_missing_at_acceptance_is_named(sqlite_intake: IntakeService) -> None:
    code = sqlite_intake.post("/applications", PARCEL).json["code"]
    answer = sqlite_intake.post(f"/applications/{code}/accept", {})
    assert (answer.status_code, answer.json["missing"][0]["code"]) == (422, "contract")
    assert application(sqlite_intake, code)["status"] == "waiting"
    assert sqlite_intake.emitted("dossier.accepted_online") == []


def test_a_parcel_is_registered_once_and_refused_with_its_return_parcel(intake: IntakeService) -> None:
    registered = intake.post("/applications", PARCEL)
    assert registered.status_code == 201, registered.json
    code = registered.json["code"]
    row = application(intake, code)
    assert (row["channel"], row["parcel_number"], row["delivery_address"]) == (
        "post",
        "RB123456789VN",
        "Ấp 3, Vĩnh Long",
    )
    again = intake.post("/applications", PARCEL)
    assert (again.status_code, again.json["existing"]) == (409, code)
    other = {**PARCEL, "applicant": {**PARCEL["applicant"], "id_number": "095185001300"}}
    assert intake.post("/applications", other).status_code == 201, "another applicant's papers in the same parcel"
    assert intake.post(f"/applications/{code}/return-parcel", {"number": "RB999"}).status_code == 409, "not refused"
    refused = intake.post(f"/applications/{code}/refuse", {"reason": "Sai thẩm quyền."})
    assert refused.status_code == 200
    assert intake.emitted("dossier.sent_back") == []
    assert intake.post(f"/applications/{code}/return-parcel", {"number": "RB99900VN"}).status_code == 200
    assert intake.post(f"/applications/{code}/return-parcel", {"number": "RB99901VN"}).status_code == 409, "once"
    (event,) = intake.emitted("dossier.sent_back")
    assert event["data"]["parcel"] == "RB99900VN"


def test_a_parcel_in_order_is_confirmed_by_accepting_it(sqlite_intake: IntakeService) -> None:
    complete = {**PARCEL, "papers": ["application", "certificate", "contract"]}
    code = sqlite_intake.post("/applications", complete).json["code"]
    assert sqlite_intake.post(f"/applications/{code}/accept", {}).status_code == 200
    (received,) = sqlite_intake.emitted("dossier.received")
    assert received["data"]["channel"] == "post"


def test_the_list_begins_with_the_longest_wait_and_marks_what_is_late(intake: IntakeService) -> None:
    first = submit(intake, submission())["code"]
    intake.advance(timedelta(hours=3))
    second = submit(intake, submission("draft-2"))["code"]
    items = intake.get("/applications").json["items"]
    assert [(one["code"], one["alerted"], one["overdue"]) for one in items] == [
        (first, True, False),
        (second, False, False),
    ]
    intake.advance(timedelta(hours=23))
    items = intake.get("/applications").json["items"]
    assert [(one["code"], one["overdue"]) for one in items] == [(first, True), (second, False)]
    page = intake.get("/applications", limit=1).json
    assert ([one["code"] for one in page["items"]], page["next"]) == ([first], first)
    assert [one["code"] for one in intake.get("/applications", after=first).json["items"]] == [second]
    assert intake.get("/applications", channel="post").json["items"] == []


def test_only_its_desk_reads_without_a_reason_and_only_the_desk_decides(
    sqlite_intake: IntakeService,
) -> None:
    code = submit(sqlite_intake, submission())["code"]
    assert sqlite_intake.get(f"/applications/{code}", agency=OTHER_DESK).status_code == 403
    assert sqlite_intake.get(f"/applications/{code}", agency="H12", role="leader").status_code == 403
    assert sqlite_intake.get(f"/applications/{code}", role="leader").status_code == 200
    for path, body in (("accept", {}), ("refuse", {"reason": "x"}), ("supplement-request", ASKED)):
        assert sqlite_intake.post(f"/applications/{code}/{path}", body, agency=OTHER_DESK).status_code == 403
    assert application(sqlite_intake, code)["status"] == "waiting"
    read = [(row["action"], row["record"]) for row in sqlite_intake.rows(reading_audit)]
    assert read == [("application", code)]


def test_the_holder_of_the_secret_sees_where_it_stands(intake: IntakeService, filed: dict[str, Any]) -> None:
    opened = {"code": filed["code"], "secret": filed["secret"]}

    def look_up() -> tuple[Any, str]:
        answer = intake.client.get("/intake/api/lookup", query_string=opened).json
        return answer, intake.client.post("/intake/", data=opened, follow_redirects=True).text

    answer, page = look_up()
    assert (answer["state"], answer["received_at"], answer["application"]["status"]) == (1, None, "waiting")
    assert "Bưởi" not in str(answer)
    assert "Chờ tiếp nhận" in page
    assert "Bưởi" not in page
    intake.post(f"/applications/{filed['code']}/supplement-request", ASKED)
    answer, page = look_up()
    assert answer["application"]["supplement"]["reason"] == "Ảnh bị mờ."
    assert "Ảnh bị mờ." in page
    intake.post(f"/applications/{filed['code']}/supplement", {"papers": ["certificate"]})
    intake.post(f"/applications/{filed['code']}/accept", {})
    answer, page = look_up()
    assert (answer["state"], answer["application"]) == (2, None)
    wrong = intake.client.get("/intake/api/lookup", query_string=opened | {"secret": "AAAAAAAA"})
    assert wrong.status_code == 404
