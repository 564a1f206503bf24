"""Official papers: numbered without gaps, kept, printed again the same, and verified by anybody who holds them."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pypdf import PdfReader
from sqlalchemy import insert

from services.intake.documents import commands, store
from services.intake.documents.domain import STOP, DocumentType, normalise_number
from services.intake.documents.due import note_due
from services.intake.documents.issuing import issue_due
from services.intake.documents.numbering import take_number
from services.intake.documents.printing import page_data, verify_url
from services.intake.dossiers import store as dossiers
from services.intake.lookup.throttle import MAX_FAILURES
from services.intake.procedures.chooser import progress
from shared.catalogue import load_builtin
from shared.documents.typesetting import Template
from shared.messaging.tables import epochs
from shared.persistence.reading_audit import reading_audit
from tests.intake.desk_clerk import Visitor
from tests.intake.service_fixture import DESK, LAND, OTHER_DESK, REGISTRY, IntakeService, at
from tests.intake.test_intake_follow_pages import holder
from tests.intake.test_intake_submission import submission, submit
from tests.support.pdf import text_of

LONG_NAME = "Công ty Trách nhiệm hữu hạn Một thành viên Đầu tư Xây dựng Ướt Ưỡng Ằng Ẵng " * 3
HTML = {"Accept": "text/html"}


def issue(intake: IntakeService, code: str, kind: str = "receipt", **who: str) -> Any:
    headers = intake.token(who.get("role", "clerk"), who.get("agency", DESK)) | HTML
    return intake.client.post(f"/intake/dossiers/{code}/documents", data={"kind": kind}, headers=headers)


def fetched(intake: IntakeService, address: str, **who: str) -> Any:
    return intake.client.get(address, headers=intake.token(who.get("role", "clerk"), who.get("agency", DESK)) | HTML)


def test_a_receipt_is_issued_once_and_printed_the_same_again(intake: IntakeService) -> None:
    code = intake.file()["code"]
    first = issue(intake, code)
    assert first.status_code == 303
    assert issue(intake, code).headers["Location"] == first.headers["Location"], "the same says the same paper"
    one = fetched(intake, first.headers["Location"])
    assert (one.status_code, one.mimetype) == (200, "application/pdf")
    intake.advance(timedelta(days=40))
    again = fetched(intake, first.headers["Location"])
    assert again.data == one.data
    [row] = intake.rows("document")
    assert (row["number"], row["sha256"]) == (f"01/GTN-{DESK}", hashlib.sha256(one.data).hexdigest())
    text = text_of(one.data)
    for part in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Nguyễn Thị Bưởi",
        code,
        row["number"],
    ):
        assert part in text
    assert "Phước Long, ngày 20 tháng 11 năm 2025" in text


def correct(intake: IntakeService, code: str, **fields: str) -> Any:
    body = {"reason": "Gõ nhầm", **fields}
    return intake.client.patch(f"/intake/api/dossiers/{code}/applicant", json=body, headers=intake.token())


def test_a_correction_replaces_the_receipt_and_the_old_one_keeps_what_it_said(intake: IntakeService) -> None:
    code = intake.file()["code"]
    first = issue(intake, code).headers["Location"]
    before = text_of(fetched(intake, first).data)
    intake.advance(timedelta(days=1))
    assert correct(intake, code, name="Lê Thị Đào").status_code == 200
    old, new = sorted(intake.rows("document"), key=lambda row: str(row["number"]))
    assert (old["replaced_by"], new["replaced_by"]) == (new["number"], "")
    assert issue(intake, code).headers["Location"].endswith(new["number"]), "the valid one is printed from now on"
    text = text_of(fetched(intake, issue(intake, code).headers["Location"]).data)
    for part in (
        "Lê Thị Đào",
        f"(Thay thế Giấy tiếp nhận hồ sơ và hẹn trả kết quả số {old['number']}",
        "ngày 21 tháng 11",
    ):
        assert part in text
    now = text_of(fetched(intake, first).data)
    assert before in now, "what it said is kept"
    assert f"Không còn hiệu lực: đã được thay thế bằng số {new['number']}" in now
    check = intake.rows("document")[0]["check_code"]
    verified = intake.client.get(f"/intake/verify/{old['number']}", query_string={"code": check})
    assert new["number"] in verified.text
    assert "không còn hiệu lực" in verified.text
    assert correct(intake, code, birth_date="1985-01-02").status_code == 200
    assert len(intake.rows("document")) == 2, "what is on no paper replaces none"


def test_a_reprint_keeps_its_template_when_forms_change(intake: IntakeService, monkeypatch: pytest.MonkeyPatch) -> None:
    code = intake.file()["code"]
    address = issue(intake, code).headers["Location"]
    before = fetched(intake, address).data
    changed = Template({**commands.template_of("receipt").sources, "main.typ": "Mẫu mới"})
    monkeypatch.setitem(commands._TEMPLATES, "receipt", changed)
    assert fetched(intake, address).data == before


def test_numbers_have_no_gaps_by_agency_kind_and_year(intake: IntakeService) -> None:
    codes = [intake.file()["code"] for _ in range(2)]
    other = intake.file(receiving_agency=OTHER_DESK)["code"]
    for code in codes:
        issue(intake, code)
        issue(intake, code, "appointment_slip")
    with pytest.raises(ZeroDivisionError):
        intake.store.run(numbered_badly)
    issue(intake, other, agency=OTHER_DESK)
    assert {row["number"] for row in intake.rows("document")} == {
        f"01/GTN-{DESK}", f"02/GTN-{DESK}", f"01/PH-{DESK}", f"02/PH-{DESK}", f"01/GTN-{OTHER_DESK}",
    }  # fmt: skip
    intake.advance(timedelta(days=60))
    later = intake.file()["code"]
    issue(intake, later)
    assert [(row["number"], row["year"]) for row in intake.rows("document") if row["dossier"] == later] == [
        (f"01/GTN-{DESK}", 2026)
    ]


def numbered_badly(work: Any) -> None:
    take_number(work, DESK, DocumentType.RECEIPT, 2025)
    _ = 1 / 0


def test_after_a_restore_no_number_is_given_twice(intake: IntakeService) -> None:
    issue(intake, intake.file()["code"])
    restored = int(intake.store.clock.unix_seconds(at("2025-11-20 08:00")))
    with intake.store.uow() as work:
        work.connection.execute(insert(epochs).values(number=restored, witness="w", reason="r", announced=True))
    issue(intake, intake.file()["code"])
    issue(intake, intake.file()["code"])
    numbers = sorted(int(row["number"].split("/")[0]) for row in intake.rows("document"))
    assert numbers[0] == 1
    assert numbers[1] > 10_000
    assert numbers[2] == numbers[1] + 1


def test_the_event_has_no_personal_data(intake: IntakeService) -> None:
    code = intake.file()["code"]
    issue(intake, code)
    [event] = intake.emitted("document.issued")
    assert event["data"].keys() == {"dossier", "number", "year", "kind", "agency", "issued_at"}


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


@pytest.mark.parametrize("kind", ["apology", "stop_notice", "refusal", "payment_slip", "nonsense", ""])
def test_a_paper_without_a_cause_is_not_issued(sqlite_intake: IntakeService, kind: str) -> None:
    code = sqlite_intake.file()["code"]
    assert issue(sqlite_intake, code, kind).status_code == 409
    assert sqlite_intake.rows("document") == []


def test_each_act_gives_its_paper_by_itself_once(intake: IntakeService) -> None:
    code = intake.file()["code"]
    intake.receive_event("step.assigned", code, task="t-1", agency=REGISTRY)
    asked: dict[str, Any] = {"task": "t-1", "agency": REGISTRY, "reason": "Thiếu chữ ký", "papers": ["Bản vẽ"]}
    intake.receive_event("supplement.requested", code, **asked)
    intake.receive_event("dossier.extended", code, agency=REGISTRY, reason="Mưa bão kéo dài")
    intake.receive_event("dossier.stopped", code, cause="stopped", reason="Tòa án thụ lý\nvụ án")
    assert intake.rows("document") == [], "noted in the transaction of the act, and issued after it"
    assert issue_due(intake.context) == 3
    intake.receive_event("dossier.extended", code, agency=REGISTRY, reason="Mưa bão kéo dài")
    note_again = {"kind": DocumentType.STOP_NOTICE, "dossier": code, "cause": STOP}
    intake.store.run(lambda work: note_due(work, **note_again))
    issue_due(intake.context)
    assert intake.rows("document_due") == []
    rows = {str(row["kind"]): row for row in intake.rows("document")}
    assert set(rows) == {"supplement_request", "apology", "stop_notice"}
    assert len(intake.rows("document")) == 3
    shown = {
        kind: text_of(fetched(intake, f"/intake/documents/{row['year']}/{row['number']}").data)
        for kind, row in rows.items()
    }
    assert "Thiếu chữ ký" in shown["supplement_request"]
    assert "Bản vẽ" in shown["supplement_request"]
    assert "Mưa bão kéo dài" in shown["apology"]
    assert f"/PXL-{REGISTRY}" in shown["apology"]
    assert "Tòa án thụ lý vụ án" in shown["stop_notice"]
    page = fetched(intake, f"/intake/dossiers/{code}/documents").text
    assert all(str(row["number"]) in page for row in rows.values())


def test_a_paper_that_fails_holds_up_no_other_and_is_tried_again(
    sqlite_intake: IntakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = sqlite_intake
    codes = [intake.file()["code"] for _ in range(2)]
    for code in codes:
        intake.receive_event("dossier.stopped", code, cause="stopped", reason="")
    forms = dict(commands._TEMPLATES)

    def broken(kind: str) -> Any:
        if not intake.rows("document"):  # the first one fails before its number is taken, then all work
            monkeypatch.setattr(commands, "template_of", lambda kind: forms.get(kind) or read_form(kind))
            raise OSError("no template")
        return read_form(kind)

    read_form = commands.template_of
    monkeypatch.setattr(commands, "template_of", broken)
    with pytest.raises(OSError, match="no template"):
        issue_due(intake.context)
    assert [row["dossier"] for row in intake.rows("document")] == [codes[1]]
    assert [row["dossier"] for row in intake.rows("document_due")] == [codes[0]]
    assert issue_due(intake.context) == 1
    assert sorted(str(row["number"]) for row in intake.rows("document")) == [f"01/TBD-{DESK}", f"02/TBD-{DESK}"]


def test_a_reprint_says_that_it_is_one_and_is_recorded(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    code = intake.file()["code"]
    address = issue(intake, code).headers["Location"]
    assert "Bản in lại" not in text_of(fetched(intake, address).data)
    assert "Bản in lại, 08:15 ngày 20/11/2025" in text_of(fetched(intake, f"{address}?copy=1").data)
    assert "Bản in lại" not in text_of(fetched(intake, address).data)
    assert ("document-copy", code) in {(row["action"], row["record"]) for row in intake.rows(reading_audit)}


def test_long_names_and_many_papers_stay_on_the_sheet(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    code = intake.file(applicant__name=LONG_NAME[:200].strip(), applicant__address="Ấp" + "ư" * 150)["code"]
    with intake.store.uow() as work:
        dossier = dossiers.lock(work.connection, code)
        many = [
            {"code": f"p{i}", "name": f"Giấy tờ số {i} rất dài " * 4, "kind": "copy", "copies": 2} for i in range(60)
        ]
        dossiers.change(work.connection, dossier, papers=commands._as_json({"p": many})[5:-1])
    file = fetched(intake, issue(intake, code).headers["Location"]).data
    reader = PdfReader(io.BytesIO(file))
    assert len(reader.pages) >= 3
    text = text_of(file)
    assert "Giấy tờ số 59" in text
    assert LONG_NAME[:60] in text
    assert f"Trang {len(reader.pages)}/{len(reader.pages)}" in text


def test_what_an_applicant_types_is_never_markup(sqlite_intake: IntakeService) -> None:
    nasty = "#sys.inputs *đậm* $x$ @a <b>"
    code = sqlite_intake.file(applicant__address=nasty)["code"]
    assert nasty in text_of(fetched(sqlite_intake, issue(sqlite_intake, code).headers["Location"]).data)


def test_anybody_who_holds_a_paper_can_verify_it(intake: IntakeService) -> None:
    code = intake.file()["code"]
    issue(intake, code)
    with intake.store.read() as connection:
        [document] = store.documents_of(connection, code)
    address = urlsplit(verify_url("http://localhost", document))
    page = intake.client.get(f"{address.path}?{address.query}")
    assert page.status_code == 200
    assert code in page.text
    assert "N*** T** B***" in page.text
    assert "Được tiếp nhận" in page.text
    for personal in ("Bưởi", "095185001234", "912345678", "Ấp Long Thành"):
        assert personal not in page.text
    [check] = parse_qs(address.query)["code"]
    typed = intake.client.get(
        "/intake/verify", query_string={"number": f"1 / gtn-{DESK.lower()}", "code": f"{check[:5]}-{check[5:]}".lower()}
    )
    assert intake.client.get(typed.headers["Location"]).status_code == 200


def test_wrong_check_codes_are_counted_and_the_right_one_is_never_refused(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    issue(intake, intake.file()["code"])
    with intake.store.read() as connection:
        [document] = store.issued(connection, f"01/GTN-{DESK}")
    path = f"/intake/verify/{document.number}"
    asked = [intake.client.get(path, query_string={"code": "AAAAA-AAAAA"}) for _ in range(MAX_FAILURES + 1)]
    assert [one.status_code for one in asked] == [404] * MAX_FAILURES + [429]
    assert all(document.dossier not in one.text for one in asked)
    assert intake.client.get(path, query_string={"code": document.check_code}).status_code == 200
    assert document.dossier not in intake.client.get(path).text, "nothing without the check code"
    assert intake.client.get("/intake/verify/99/XYZ", query_string={"code": "A"}).status_code == 404


def test_erased_contents_are_gone_and_the_paper_stays_verifiable(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    code = intake.file()["code"]
    address = issue(intake, code).headers["Location"]
    intake.store.run(lambda work: store.erase_contents(work.connection, code))
    assert fetched(intake, address).status_code == 410
    [row] = intake.rows("document")
    assert row["contents"] is None
    assert (
        intake.client.get(f"/intake/verify/{row['number']}", query_string={"code": row["check_code"]}).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1/gtn-h12", "01/GTN-H12"), (" 007 / PT-A ", "07/PT-A"), ("x", "X"), ("١/A", "١/A"), ("", "")],
)
def test_numbers_are_read_as_people_type_them(typed: str, number: str) -> None:
    assert normalise_number(typed) == number


def test_all_a_paper_shows_is_what_the_dossier_holds(sqlite_intake: IntakeService) -> None:
    code = sqlite_intake.file()["code"]
    issue(sqlite_intake, code)
    with sqlite_intake.store.read() as connection:
        [document] = store.documents_of(connection, code)
    data = page_data(document, "https://motcua.example.vn")
    file = fetched(sqlite_intake, f"/intake/documents/{document.year}/{document.number}").data
    squeezed = text_of(file).replace(" ", "")
    for name in (
        "name",
        "id_number",
        "address",
        "phone",
        "email",
        "procedure",
        "limit",
        "received",
        "promised",
        "fees",
    ):
        assert data[name].replace(" ", "").replace("\u00a0", "") in squeezed.replace("\u00a0", ""), name


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
