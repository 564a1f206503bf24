"""A visitor whose filing the desk does not receive gets form 02 or 03, and is not sent away a second time for the same paper."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from services.intake.desk.declined.domain import GUIDANCE, KINDS, REASONS, REFUSAL, make_decline
from services.intake.retention.commands import erase_old
from services.intake.retention.rules import retention_rules
from tests.intake.counter_clerk import FILLED, FORM, Clerk, audit, fields_of
from tests.intake.document_fixture import fetched
from tests.intake.service_fixture import DESK, LAND, OTHER_DESK, THURSDAY, IntakeService
from tests.support.html import read_page
from tests.support.pdf import text_of

GUIDE = f"/intake/desk/{LAND}/supplement-request?case=transfer"
REFUSE = f"/intake/desk/{LAND}/refusal?case=transfer"
MATTER = "/intake/desk/refusal"
NOTE = "declined.note"
VISITOR = {
    "applicant.name": "Nguyễn Thị Bưởi",
    "applicant.id_number": "095185001234",
    "paper.application": "1",
    "applicant.birth_date": "31/01/1985",
}


def turn_away(clerk: Clerk, path: str, **typed: str) -> Any:
    """Declines a filing as the counter does: begins, types, checks and confirms; what the last answer leads to."""
    begun = fields_of(clerk.send(path, "begin", **VISITOR), NOTE)
    asked = clerk.send(path, "review", **{**begun, **typed})
    assert asked.status_code == 200, asked.text
    confirmed = fields_of(asked)
    done, again = (clerk.send(path, "confirm", **confirmed) for _ in range(2))
    assert (done.status_code, done.headers["Location"]) == (303, again.headers["Location"]), "one paper, however often"
    return clerk.get(done.headers["Location"])


def test_missing_papers_are_named_in_form_02_and_the_next_visit_shows_them(intake: IntakeService) -> None:
    clerk = Clerk(intake)
    begun = fields_of(clerk.send(GUIDE, "begin", **VISITOR), NOTE)
    ticked = {name for name, value in begun.items() if name.startswith("declined.paper.") and value}
    assert ticked == {"declined.paper.certificate", "declined.paper.contract"}, "required, and not received"
    assert begun["applicant.birth_date"] == "31/01/1985", "what was typed at the counter is kept"
    back = fields_of(clerk.send(FORM, "back", **{**begun, "declined.papers": "Chữ ký trên tờ khai"}), "applicant.email")
    assert (back["paper.application"], back["declined.papers"]) == ("1", "Chữ ký trên tờ khai")
    page = turn_away(clerk, GUIDE, **{"declined.papers": "Chữ ký trên tờ khai\n\n", NOTE: "Tờ khai chưa ký"})
    [row] = intake.rows("declined_filing")
    assert (row["kind"], row["reason"], row["number"], row["repeated"]) == (
        GUIDANCE, "papers_missing", f"01/PYCBS-{DESK}", False,
    )  # fmt: skip
    assert ("declined-filing", row["id"]) in audit(intake)
    paper = text_of(fetched(intake, f"/intake/documents/{row['year']}/{row['number']}").data)
    for text in (
        "bổ sung",
        "Nguyễn Thị Bưởi",
        "Chữ ký trên tờ khai",
        "Thiếu giấy tờ",
        "Tờ khai chưa ký",
        str(row["number"]),
    ):
        assert text.casefold() in paper.casefold()
    assert "Mã hồ sơ" not in paper, "there is no dossier"
    assert "In văn bản (F9)" in page.text
    [issued] = intake.rows("document")
    verified = intake.client.get(f"/intake/verify/{row['number']}", query_string={"code": issued["check_code"]}).text
    assert "Văn bản này đã được phát hành" in verified
    assert "Mã hồ sơ" not in verified
    assert intake.emitted("document.issued") == []
    [event] = intake.emitted("filing.declined")
    assert event["data"] | {"declined_at": ""} == {
        "filing": row["id"], "kind": "supplement_request", "reason": "papers_missing", "procedure": LAND, "field": "land",
        "receiving_agency": DESK, "repeated": False, "declined_at": "",
    }  # fmt: skip

    person = {name: text for name, text in VISITOR.items() if name != "paper.application"}
    own = clerk.send(FORM, "fill", **person).text
    assert "đã được hướng dẫn hoặc từ chối" in own
    assert "Chữ ký trên tờ khai" in own
    assert "Tờ khai chưa ký" in own
    other = Clerk(intake, agency=OTHER_DESK).send(FORM, "fill", **person).text
    assert "Chữ ký trên tờ khai" in other
    assert "Tờ khai chưa ký" not in other, "another desk's words stay there"
    for desk, name in ((DESK, "Nguyễn Thị Bưởi"), (OTHER_DESK, "")):
        filled = Clerk(intake, agency=desk).send(FORM, "fill", **{"applicant.id_number": "095185001234"})
        assert fields_of(filled, "applicant.email")["applicant.name"] == name, "offered at the own desk alone"
    turn_away(clerk, REFUSE, **{NOTE: "Không có ủy quyền", "declined.reason": "no_right_to_file"})
    newest_last = sorted(intake.rows("declined_filing"), key=lambda row: str(row["number"]), reverse=True)
    assert [row["repeated"] for row in newest_last] == [False, True]
    intake.advance(timedelta(hours=1))
    assert clerk.file(**FILLED).status_code == 303
    assert "đã được hướng dẫn" not in clerk.send(FORM, "fill", **person).text, "they have filed since"


def test_a_card_of_somebody_else_is_carried_along_unread(intake: IntakeService) -> None:
    clerk = Clerk(intake)
    begun = clerk.send(GUIDE, "begin", **{**VISITOR, "representative.card": "no card"})
    assert 'role="alert"' not in begun.text, "the page has no field for it"
    typed = fields_of(begun, NOTE)
    assert typed["representative.card"] == "no card"
    assert 'href="#f-representative-card"' in clerk.send(FORM, "back", **typed).text


def test_a_matter_outside_the_catalogue_is_refused_in_form_03(intake: IntakeService) -> None:
    clerk = Clerk(intake)
    blank = fields_of(clerk.get(MATTER), NOTE)
    faulty = clerk.send(MATTER, "review", **{**blank, "applicant.phone": "12"})
    assert faulty.status_code == 422
    (alert,) = [one for one in read_page(faulty.text).all() if one.get("role") == "alert"]
    assert {link.get("href") for link in alert.all("a")} == {
        "#f-applicant-name", "#f-applicant-phone", "#f-declined-matter", "#f-declined-note",
    }  # fmt: skip
    typed = {
        "applicant.name": "Lê Văn Tám",
        "declined.matter": "Đòi nợ",
        NOTE: "Việc này do Tòa án nhân dân khu vực giải quyết.",
    }
    done = clerk.send(MATTER, "confirm", **fields_of(clerk.send(MATTER, "review", **{**blank, **typed})))
    [row] = intake.rows("declined_filing")
    paper = text_of(fetched(intake, f"/intake/documents/{row['year']}/{row['number']}").data)
    for text in ("từ chối", "Đòi nợ", "Không thuộc thẩm quyền giải quyết.", "Tòa án nhân dân khu vực", "Lê Văn Tám"):
        assert text.casefold() in paper.casefold()
    [event] = intake.emitted("filing.declined")
    assert (event["data"]["procedure"], event["data"]["reason"]) == (None, "not_competent")
    assert "Đòi nợ" in clerk.get(done.headers["Location"]).text


def test_the_list_is_for_the_desk_and_those_above_and_finds_a_person_by_day_or_name(intake: IntakeService) -> None:
    clerk = Clerk(intake)
    turn_away(clerk, GUIDE)
    intake.advance(timedelta(days=1))
    path = "/intake/desk/declined"
    assert "Không có lượt nào" in clerk.get(path).text
    period = f"{path}?from=2025-11-20&to=2025-11-21"
    for role, agency in (("clerk", DESK), ("leader", DESK), ("leader", "H12")):
        page = Clerk(intake, agency=agency, role=role).get(f"{period}&desk={DESK}")
        assert "Nguyễn Thị Bưởi" in page.text
        assert re.search(r"Hướng dẫn bổ sung, hoàn thiện: 1\b", page.text)
    assert Clerk(intake, agency=OTHER_DESK).get(f"{period}&desk={DESK}").status_code == 403
    assert ("declined-filings", DESK) in audit(intake)
    for text, found in (("buoi", True), ("095 185 001 234", True), ("Lê Văn Tám", False)):
        sent = clerk.send(f"{path}?from=2025-11-20&to=2025-11-21", text=text)
        assert text not in sent.headers["Location"], "a name is in no address"
        assert ("Nguyễn Thị Bưởi" in clerk.get(sent.headers["Location"]).text) is found
    for wrong in ("from=x", "from=2025-11-21&to=2025-11-20", "from=2020-01-01&to=2025-11-20"):
        faulty = clerk.get(f"{path}?{wrong}")
        assert faulty.status_code == 422
        assert re.search('href="#f-(from|to)"', faulty.text), "the form is there again, with what is wrong"
    [row] = intake.rows("declined_filing")
    one, paper = f"{path}/{row['id']}", f"/intake/documents/{row['year']}/{row['number']}"
    for address in (one, paper):
        assert Clerk(intake, agency=OTHER_DESK).get(address).status_code == 403
        assert Clerk(intake, agency=DESK, role="officer").get(address).status_code == 403
    assert clerk.get(f"{path}/nonsense").status_code == 404


def test_other_software_declines_a_filing_and_reads_the_days_list(intake: IntakeService) -> None:
    person = {"name": "Nguyễn Thị Bưởi", "id_number": "095185001234"}
    guided: dict[str, Any] = {
        "receiving_agency": DESK, "kind": "supplement_request", "procedure": LAND, "case": "transfer",
        "applicant": person, "reason": "papers_missing", "papers": ["contract", "Chữ ký"],
    }  # fmt: skip
    refused: dict[str, Any] = {
        "receiving_agency": DESK, "kind": "refusal", "matter": "Đòi nợ", "applicant": {"name": "Lê Văn Tám"},
        "reason": "not_competent", "note": "Việc của Tòa án.",
    }  # fmt: skip
    done, again = (intake.post("/declined-filings", guided, key="visit-1") for _ in range(2))
    assert (done.status_code, again.json, len(intake.rows("declined_filing"))) == (201, done.json, 1)
    assert "Bưởi" not in done.text, "the answer is kept for a repeated request"
    intake.advance(timedelta(minutes=5))
    assert intake.post("/declined-filings", guided).json["repeated"] is True
    intake.advance(timedelta(minutes=5))
    other = intake.post("/declined-filings", refused)
    assert (other.json["procedure"], other.json["number"]) == (None, f"01/PTC-{DESK}")
    one = intake.client.get(done.headers["Location"], headers=intake.token()).json
    assert one["applicant"]["id_number"] == person["id_number"]
    assert one["papers"][0] != "contract", "by its name"
    assert one["papers"][1:] == ["Chữ ký"]
    assert intake.client.get(one["file"], headers=intake.token()).mimetype == "application/pdf"
    assert ("declined-filing", one["id"]) in audit(intake)

    first = intake.get("/declined-filings", limit=2).json
    rest = intake.get("/declined-filings", limit=2, after=first["next"]).json
    assert [item["applicant_name"] for item in first["items"]] == ["Lê Văn Tám", "Nguyễn Thị Bưởi"]
    assert ([item["id"] for item in rest["items"]], rest["next"]) == ([one["id"]], None)
    assert first["totals"] == {"all": 3, "guided": 2, "refused": 1, "repeated": 1}
    assert ("declined-filings", DESK) in audit(intake)
    days = {"from": "2025-11-20", "to": "2025-11-21"}
    intake.advance(timedelta(days=1))
    assert intake.get("/declined-filings").json["items"] == []
    above = intake.client.get(
        "/intake/api/declined-filings", query_string=days | {"agency": DESK}, headers=intake.token("leader", "H12")
    )
    assert len(above.json["items"]) == 3
    assert intake.get("/declined-filings", agency=OTHER_DESK).json["items"] == []
    assert intake.get("/declined-filings", **days | {"to": "2020-01-01"}).json["errors"][0]["field"] == "to"
    path = f"/declined-filings/{one['id']}"
    assert [intake.get(path, agency=OTHER_DESK).status_code, intake.get("/declined-filings/x").status_code] == [
        403,
        404,
    ]
    assert intake.post("/declined-filings", guided, agency=OTHER_DESK).status_code == 403
    for body, fields in (
        (guided | {"procedure": ""}, ["procedure"]),
        (guided | {"procedure": "9.999999"}, ["procedure"]),
        (guided | {"case": ""}, ["case"]),
        (guided | {"matter": "Đòi nợ"}, ["matter"]),
        (guided | {"papers": []}, ["papers"]),
        (guided | {"reason": "not_competent"}, ["reason"]),
        (refused | {"papers": ["Đơn"]}, ["papers"]),
        (refused | {"note": "", "matter": " ", "applicant": {"name": " ", "phone": "12"}},
         ["applicant.name", "applicant.phone", "matter", "note"]),
    ):  # fmt: skip
        answer = intake.post("/declined-filings", body)
        assert (answer.status_code, [fault["field"] for fault in answer.json["errors"]]) == (422, fields)
    assert len(intake.rows("declined_filing")) == 3


def test_the_visitors_data_are_erased_when_their_time_is_over(intake: IntakeService) -> None:
    clerk = Clerk(intake)
    turn_away(clerk, GUIDE, **{NOTE: "Bưởi chưa ký"})
    intake.advance(timedelta(days=retention_rules(THURSDAY.date()).declined_filing_days + 1))
    assert (erase_old(intake.context), erase_old(intake.context)) == (1, 0)
    [row], [document] = intake.rows("declined_filing"), intake.rows("document")
    assert "Bưởi" not in str(row) + str(document)
    assert (row["kind"], row["reason"], row["number"]) == (GUIDANCE, "papers_missing", document["number"])
    assert "Nội dung đã được xóa" in clerk.get(f"/intake/desk/declined/{row['id']}").text
    assert fetched(intake, f"/intake/documents/{row['year']}/{row['number']}").status_code == 410


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("reason", [reason for reasons in REASONS.values() for reason in reasons])
def test_a_reason_belongs_to_one_kind_of_answer(kind: Any, reason: str) -> None:
    made, faults = make_decline(kind, {"name": "Lê Văn Tám"}, reason, "Vì thế", ["Bản vẽ"], None)
    assert (made is not None) is (reason in REASONS[kind])
    assert [fault.field for fault in faults] == ([] if made else ["reason"])
    if made:
        assert made.papers == (("Bản vẽ",) if kind is GUIDANCE else ())
        assert made.kind in (GUIDANCE, REFUSAL)
