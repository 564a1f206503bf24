"""Official papers: numbered without gaps, kept, printed again the same, and verified by anybody who holds them."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
from pypdf import PdfReader
from sqlalchemy import insert

from services.intake.documents import commands, store
from services.intake.documents.domain import STOP, DocumentType
from services.intake.documents.due import note_due
from services.intake.documents.issuing import issue_due
from services.intake.documents.numbering import take_number
from services.intake.documents.printing import page_data
from services.intake.dossiers import store as dossiers
from shared.documents.typesetting import Template
from shared.messaging.tables import epochs
from tests.intake.desk_clerk import holder
from tests.intake.document_fixture import LONG_NAME, correct, fetched, issue
from tests.intake.service_fixture import DESK, OTHER_DESK, REGISTRY, IntakeService, at
from tests.support.pdf import text_of


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


@pytest.mark.parametrize("kind", ["apology", "stop_notice", "refusal", "payment_slip", "nonsense", ""])
def test_a_paper_without_a_cause_is_not_issued(sqlite_intake: IntakeService, kind: str) -> None:
    code = sqlite_intake.file()["code"]
    assert issue(sqlite_intake, code, kind).status_code == 409
    assert sqlite_intake.rows("document") == []


def test_each_act_gives_its_paper_by_itself_once(intake: IntakeService) -> None:
    code = intake.file()["code"]
    intake.receive_event("step.assigned", code, task="t-1", agency=REGISTRY)
    number = f"07/PXL-{REGISTRY}"  # routing gives it, from its register of apologies
    asked: dict[str, Any] = {"task": "t-1", "agency": REGISTRY, "reason": "Thiếu chữ ký", "papers": ["Bản vẽ"]}
    intake.receive_event("supplement.requested", code, **asked)
    intake.receive_event("dossier.extended", code, agency=REGISTRY, reason="Mưa bão kéo dài", number=number)
    intake.receive_event("dossier.stopped", code, cause="stopped", reason="Tòa án thụ lý\nvụ án")
    assert intake.rows("document") == [], "noted in the transaction of the act, and issued after it"
    assert issue_due(intake.context) == 3
    intake.receive_event("dossier.extended", code, agency=REGISTRY, reason="Mưa bão kéo dài", number=number)
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
    assert number in shown["apology"]
    assert "Tòa án thụ lý vụ án" in shown["stop_notice"]
    page = fetched(intake, f"/intake/dossiers/{code}/documents").text
    assert all(str(row["number"]) in page for row in rows.values())


@pytest.mark.parametrize(
    ("agency", "order"),
    [
        (REGISTRY, ("refusal.explained", "dossier.resolved")),
        (DESK, ("dossier.resolved", "refusal.explained")),
    ],
)
def test_a_refused_dossier_gets_form_03_with_the_agencys_reason_in_any_order(
    intake: IntakeService, agency: str, order: tuple[str, str]
) -> None:
    receipt = intake.file()
    why = {"agency": agency, "document": "12/TB-VPĐK", "reason": "Thửa đất đang có tranh chấp."}
    code = receipt["code"]
    intake.receive_event("step.assigned", code, task="t-1", agency=REGISTRY)
    data = {"refusal.explained": why, "dossier.resolved": {"outcome": "refused", "agency": REGISTRY}}
    for sequence, name in enumerate((order[0], order[0], order[1], order[0], order[1]), 2):
        assert intake.rows("document_due") == [] or sequence > 4, "not before both are known"
        assert intake.receive_event(name, code, sequence, **data[name]).applied == 1
    assert issue_due(intake.context) == 1
    for sequence, name in enumerate(order, 9):  # sent again after a restore
        intake.receive_event(name, code, sequence, **data[name])
    issue_due(intake.context)
    [row] = intake.rows("document")
    assert (row["number"], row["kind"], row["issued_by"]) == (f"01/PTC-{DESK}", "refusal", "")
    address = f"/intake/documents/{row['year']}/{row['number']}"
    text = text_of(fetched(intake, address).data).replace("/ ", "/")  # a line may end there
    name = intake.context.reference.agencies.name_of(agency, intake.context.clock.now().date())
    for part in (
        f"{name} từ chối giải quyết hồ sơ này (văn bản số",
        code,
        "Nguyễn Thị Bưởi",
        why["document"],
        why["reason"],
    ):
        assert part.casefold() in text.casefold()
    returning = fetched(intake, f"/intake/dossiers/{code}/return").text
    assert f'href="{address}"' in returning, "the desk hands it over with the dossier"
    assert str(row["number"]) in fetched(intake, f"/intake/dossiers/{code}/documents").text
    own = holder(intake, receipt)
    assert "Phiếu từ chối" in own.get("/intake/dossier").text
    assert str(row["number"]) in own.get("/intake/dossier/documents").text
    assert own.get(f"/intake/dossier/documents/{row['year']}/{row['number']}").mimetype == "application/pdf"


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


def test_long_names_and_many_papers_stay_on_the_sheet(sqlite_intake: IntakeService) -> None:
    intake = sqlite_intake
    code = intake.file(applicant__name=LONG_NAME[:200].strip(), applicant__address="Ấp" + "ư" * 150)["code"]
    with intake.store.uow() as work:
        dossier = dossiers.lock(work.connection, code)
        many = [
            {"code": f"p{i}", "name": f"Giấy tờ số {i} rất dài " * 4, "kind": "copy", "copies": 2} for i in range(60)
        ]
        dossiers.change(work, dossier, papers=commands._as_json({"p": many})[5:-1])
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
