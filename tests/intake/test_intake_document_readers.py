"""Who gets official papers, and on which way: the desk, programs, and citizens."""

from __future__ import annotations

import hashlib

from services.intake.documents.issuing import issue_due
from services.intake.procedures.chooser import progress
from shared.catalogue import load_builtin
from shared.persistence.reading_audit import reading_audit
from tests.intake.desk_clerk import Visitor, holder
from tests.intake.document_fixture import HTML, fetched, issue
from tests.intake.service_fixture import DESK, LAND, OTHER_DESK, REGISTRY, IntakeService
from tests.intake.test_intake_submission import submission, submit
from tests.support.pdf import text_of


def test_the_look_up_secret_is_on_the_citizens_copy_alone(intake: IntakeService) -> None:
    receipt = intake.file()
    path, headers = f"/intake/dossiers/{receipt['code']}/receipt.pdf", intake.token("clerk", DESK) | HTML
    copy = intake.client.post(path, data={"secret": receipt["secret"]}, headers=headers)
    assert receipt["secret"] in text_of(copy.data)
    assert receipt["secret"] not in str(intake.rows("document"))
    assert receipt["secret"] not in text_of(intake.client.post(path, headers=headers).data)
    assert intake.client.post(path, data={"secret": "AAAAAAAA"}, headers=headers).status_code == 422


def test_only_the_desk_issues_and_only_readers_print(intake: IntakeService) -> None:
    code = intake.file()["code"]
    assert issue(intake, code, agency=OTHER_DESK).status_code == 403
    assert issue(intake, code, role="leader").status_code == 403
    address = issue(intake, code).headers["Location"]
    assert fetched(intake, address, role="officer", agency=REGISTRY).status_code == 403
    assert fetched(intake, address, role="leader").status_code == 200
    assert ("document", code) in {(row["action"], row["record"]) for row in intake.rows(reading_audit)}
    assert fetched(intake, address.replace("2025", "2024")).status_code == 404


def test_a_reprint_says_that_it_is_one_and_is_recorded(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    code = intake.file()["code"]
    address = issue(intake, code).headers["Location"]
    assert "Bản in lại" not in text_of(fetched(intake, address).data)
    assert "Bản in lại, 08:15 ngày 20/11/2025" in text_of(fetched(intake, f"{address}?copy=1").data)
    assert "Bản in lại" not in text_of(fetched(intake, address).data)
    assert ("document-copy", code) in {(row["action"], row["record"]) for row in intake.rows(reading_audit)}


def test_what_the_desk_answers_to_an_application_is_a_paper_for_clerk_and_citizen(intake: IntakeService) -> None:
    sent = submit(intake, submission())
    code, path = sent["code"], f"/applications/{sent['code']}"
    asked = intake.post(f"{path}/supplement-request", {"papers": ["Bản vẽ thửa đất"], "reason": "Ảnh mờ"})
    assert asked.status_code == 200, asked.text
    issue_due(intake.context)
    citizen = holder(intake, sent)
    assert "/intake/dossier/documents" in citizen.get("/intake/dossier").text
    assert f"01/PYCBS-{DESK}" in citizen.get("/intake/dossier/documents").text
    assert intake.post(f"{path}/refuse", {"reason": "Không thuộc thẩm quyền"}).status_code == 200
    issue_due(intake.context)
    assert {row["kind"] for row in intake.rows("document")} == {"supplement_request", "refusal"}
    file = text_of(citizen.get(f"/intake/dossier/documents/2025/01/PTC-{DESK}").data)
    for part in ("PHIẾU TỪ CHỐI TIẾP NHẬN", "Không thuộc thẩm quyền", code):
        assert part in file
    page = fetched(intake, f"/intake/dossiers/{code}/documents")
    assert f"01/PTC-{DESK}" in page.text
    foreign = fetched(intake, f"/intake/documents/2025/01/PTC-{DESK}", agency=OTHER_DESK)
    assert foreign.status_code == 303, "another desk says why first"
    assert code in foreign.headers["Location"]


def test_a_citizen_gets_the_receipt_from_the_page_of_the_dossier(intake: IntakeService) -> None:
    receipt, other = intake.file(), intake.file()
    citizen = holder(intake, receipt)
    first = citizen.send("/intake/dossier/documents/receipt")
    assert citizen.send("/intake/dossier/documents/receipt").headers["Location"] == first.headers["Location"]
    assert receipt["code"] in text_of(citizen.get(first.headers["Location"]).data)
    [row] = intake.rows("document")
    assert row["issued_by"] == ""
    assert str(row["number"]) in citizen.get("/intake/dossier/documents").text
    stranger = holder(intake, other)
    assert stranger.get(first.headers["Location"]).status_code == 404, "another dossier's"
    assert Visitor(intake).get(first.headers["Location"]).headers["Location"] == "/intake/"


def test_programs_of_the_desk_list_issue_and_fetch_papers(intake: IntakeService) -> None:
    code = intake.file()["code"]
    path = f"/dossiers/{code}/documents"
    listed = intake.get(path).json
    assert listed["items"] == []
    assert "receipt" in listed["possible"]
    made = intake.post(path, {"kind": "receipt"}, key="once")
    assert made.status_code == 200, made.text
    assert intake.post(path, {"kind": "receipt"}, key="twice").json["number"] == made.json["number"]
    [known] = intake.get(path).json["items"]
    assert (known["number"], known["valid"], known["agency"]) == (f"01/GTN-{DESK}", True, DESK)
    assert "Bưởi" not in intake.get(path).text, "nothing of what it says"
    file = intake.client.get(known["file"], headers=intake.token())
    assert (file.mimetype, code in text_of(file.data)) == ("application/pdf", True)
    one = known["file"].removesuffix("/file").removeprefix("/intake/api")
    assert intake.get(one).json["sha256"] == hashlib.sha256(file.data).hexdigest()
    assert intake.get(one, agency=OTHER_DESK).status_code == 403
    assert intake.client.get(known["file"], headers=intake.token("clerk", OTHER_DESK)).status_code == 403
    assert intake.get(one.replace("2025", "2024")).status_code == 404
    assert intake.post(path, {"kind": "apology"}).json["type"].endswith("not-issuable")
    assert intake.post(path, {"kind": "nonsense"}).json["errors"][0]["field"] == "kind"
    assert intake.post(path, {"kind": "receipt"}, role="leader").status_code == 403
    assert ("document", code) in {(row["action"], row["record"]) for row in intake.rows(reading_audit)}


def test_the_checklist_of_a_case_is_a_file_too(sqlite_intake: IntakeService) -> None:
    path = f"/intake/procedures/{LAND}"
    answer = sqlite_intake.client.get(f"{path}/checklist.pdf")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{path}/choose")
    procedure = next(one for one in load_builtin() if one.code == LAND)
    answers: dict[str, list[str]] = {}
    while (asked := progress(procedure, answers).next) is not None:
        answers[asked.name] = [asked.options[0].code]
    file = sqlite_intake.client.get(f"{path}/checklist.pdf", query_string=answers)
    text = text_of(file.data)
    assert file.mimetype == "application/pdf"
    chosen = progress(procedure, answers).checklist
    assert chosen is not None
    for part in ("PHIẾU HƯỚNG DẪN CHUẨN BỊ HỒ SƠ", *(paper.name for paper in chosen.papers)):
        assert part in text
    page = sqlite_intake.client.get(f"{path}/checklist", query_string=answers).text
    assert "checklist.pdf" in page
