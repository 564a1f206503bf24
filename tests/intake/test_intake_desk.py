"""The counter's pages and originals in custody: one set of rules with the API, nothing asked twice, nothing shown to strangers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from shared.auth import issue_token
from shared.persistence.reading_audit import reading_audit
from tests.intake.service_fixture import BIRTH, COPIES, DESK, LAND, LAND_TRANSFER, OTHER_DESK, THURSDAY, IntakeService
from tests.support.html import Element, read_page, repeated_ids, unlabelled

CARD = "095185001234|385123456|Nguyễn Thị Bưởi|31011985|Nữ|Ấp Long Thành|10052021"
FORM = f"/intake/desk/{LAND}?case=transfer"
FILLED = {
    "applicant.name": "Nguyễn Thị Bưởi",
    "applicant.id_number": "095185001234",
    "applicant.phone": "0912 345 678",
    "paper.application": "1",
    "paper.application.copies": "2",
    "paper.application.form": "original",
    "paper.certificate": "1",
    "paper.certificate.form": "original",
    "paper.certificate.kept": "1",
    "paper.contract": "1",
    "paper.contract.form": "certified",
    "other_papers": "Sơ đồ thửa đất\n\n",
}


class Clerk:
    """A clerk's browser."""

    def __init__(self, intake: IntakeService, agency: str = DESK, role: str = "clerk") -> None:
        self.client = intake.client.application.test_client()
        self.client.set_cookie("motcua_session", issue_token(intake.context.settings.auth, "clerk-7", role, agency))

    def get(self, path: str) -> Any:
        """Opens a page."""
        return self.client.get(path, headers={"Accept": "text/html"})

    def send(self, path: str, do: str = "", **typed: str) -> Any:
        """Sends a form as a browser does."""
        headers = {"Accept": "text/html", "Origin": "http://localhost"}
        return self.client.post(path, data=typed | ({"do": do} if do else {}), headers=headers)

    def file(self, path: str = FORM, **typed: str) -> Any:
        """Checks a form and saves it."""
        asked = self.send(path, "review", **typed)
        assert asked.status_code == 200, asked.text
        return self.send(path, "confirm", **fields_of(asked))


def fields_of(page: Any, holds: str = "form_key") -> dict[str, str]:
    """Names and values of the fields of the form that holds a field; of boxes, those that are ticked."""
    forms = [
        form for form in read_page(page.text).all("form") if any(one.get("name") == holds for one in form.all("input"))
    ]
    found: dict[str, str] = {}
    for one in forms[0].all("input", "select", "textarea"):
        if one.tag == "textarea":
            found[one.get("name")] = one.text
        elif one.tag == "select":
            found[one.get("name")] = next(
                (option.get("value") for option in one.all("option") if "selected" in option.attributes), ""
            )
        elif one.get("type") not in ("checkbox", "radio") or "checked" in one.attributes:
            found[one.get("name")] = one.get("value")
    return found


def audit(intake: IntakeService) -> set[tuple[str, str]]:
    """What was read, by the record."""
    return {(row["action"], row["record"]) for row in intake.rows(reading_audit)}


@pytest.mark.parametrize(("text", "place"), [(COPIES, COPIES), ("so do sang ten", LAND), ("013831", LAND)])
def test_the_best_procedure_is_taken(sqlite_intake: IntakeService, text: str, place: str) -> None:
    found = Clerk(sqlite_intake).get(f"/intake/desk?q={text}")
    assert (found.status_code, found.headers["Location"]) == (303, f"/intake/desk/{place}")


def test_words_that_find_nothing_are_said_to(sqlite_intake: IntakeService) -> None:
    assert "Không tìm thấy thủ tục nào" in Clerk(sqlite_intake).get("/intake/desk?q=xyzzy").text
    assert Clerk(sqlite_intake).get("/intake/desk/9.999999").status_code == 404


def test_the_case_is_asked_only_where_there_are_several(sqlite_intake: IntakeService) -> None:
    clerk = Clerk(sqlite_intake)
    assert "trường hợp nào" in clerk.get(f"/intake/desk/{LAND}").text
    assert "trường hợp nào" in clerk.get(f"/intake/desk/{LAND}?case=nonsense").text
    for path in (FORM, f"/intake/desk/{COPIES}"):
        assert "Người nộp hồ sơ" in clerk.get(path).text


def test_a_form_is_checked_saved_and_shown_with_its_secret_once(intake: IntakeService) -> None:
    clerk = Clerk(intake)
    done = clerk.file(**FILLED)
    assert done.status_code == 303, done.text
    [row] = intake.rows("dossier")
    assert done.headers["Location"] == f"/intake/desk/filed/{row['code']}"
    assert (row["applicant_phone"], row["received_by"], row["channel"]) == ("0912345678", "clerk-7", "counter")
    shown = intake.get(f"/dossiers/{row['code']}").json["papers"]
    assert [(one["code"], one["copies"], one.get("form"), one.get("kept")) for one in shown] == [
        ("application", 2, "original", None),
        ("certificate", 1, "original", True),
        ("contract", 1, "certified", None),
        ("", 1, None, None),
    ]
    page = clerk.get(done.headers["Location"])
    secret = fields_of(page, "secret")["secret"]
    look_up = {"code": row["code"], "secret": secret}
    assert intake.client.get("/intake/api/lookup", query_string=look_up).status_code == 200
    assert "secret" not in Clerk(intake).get(done.headers["Location"]).text.replace("lookup", ""), "another browser"


def test_a_form_sent_twice_is_one_dossier(intake: IntakeService) -> None:
    clerk = Clerk(intake)
    confirmed = fields_of(clerk.send(FORM, "review", **FILLED))
    first, again = (clerk.send(FORM, "confirm", **confirmed) for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]
    assert len(intake.rows("dossier")) == 1
    assert fields_of(clerk.get(again.headers["Location"]), "secret")["secret"]


def test_the_fee_is_taken_once_in_the_same_flow(intake: IntakeService) -> None:
    clerk = Clerk(intake)
    place = clerk.file(**FILLED).headers["Location"]
    paying = fields_of(clerk.get(place))
    for _ in range(2):
        assert clerk.send(f"{place}/payment", **paying).status_code == 303
    [paid] = intake.rows("payment")
    [row] = intake.rows("dossier")
    assert (paid["amount"], paid["method"], paid["received_by"]) == (row["fee"], "cash", "clerk-7")
    shown = clerk.get(place).text
    assert "Đã thu tiền" in shown
    assert f"/payments/{paid['id']}/receipt" in shown
    assert len(intake.emitted("fee.paid")) == 1


def test_faults_stand_at_their_fields_and_nothing_typed_is_lost(sqlite_intake: IntakeService) -> None:
    wrong = FILLED | {
        "applicant.phone": "12",
        "paper.contract.copies": "viele",
        "representative.name": "Trần Văn Đại",
        "representative.relation": "authorised",
        "co_applicants.3.name": "Lê Văn Tám",
    }
    clerk = Clerk(sqlite_intake)
    answer = clerk.send(FORM, "review", **wrong)
    assert answer.status_code == 422
    assert "#f-paper-contract-copies" in answer.text, "shape of the data first"
    answer = clerk.send(FORM, "review", **wrong | {"paper.contract.copies": "1"})
    for field in (
        "applicant-phone",
        "representative-id_number",
        "representative-authority",
        "co_applicants-0-id_number",
    ):
        assert f'href="#f-{field}"' in answer.text, field
        assert f'id="f-{field}"' in answer.text, field
    kept = fields_of(answer, "card")
    assert kept["applicant.phone"] == "12"
    assert kept["co_applicants.0.name"] == "Lê Văn Tám"
    assert (repeated_ids(read_page(answer.text)), unlabelled(read_page(answer.text))) == ([], [])
    assert sqlite_intake.rows("dossier") == []


def test_missing_papers_are_named_before_anything_is_stored(sqlite_intake: IntakeService) -> None:
    answer = Clerk(sqlite_intake).send(FORM, "review", **FILLED | {"paper.contract": ""})
    assert answer.status_code == 422
    assert "Thiếu: Hợp đồng" in answer.text


def test_a_card_fills_the_person_and_a_wrong_one_stays_to_be_put_right(sqlite_intake: IntakeService) -> None:
    clerk = Clerk(sqlite_intake)
    filled = fields_of(clerk.send(FORM, "fill", card=CARD), "card")
    assert (filled["card"], filled["applicant.name"], filled["applicant.birth_date"], filled["applicant.sex"]) == (
        "",
        "Nguyễn Thị Bưởi",
        "31/01/1985",
        "female",
    )
    wrong = clerk.send(FORM, "fill", card="abc|", **{"applicant.phone": "0912345678"})
    assert "Không đọc được mã QR" in wrong.text
    assert fields_of(wrong, "card")["applicant.phone"] == "0912345678"


def test_cards_of_others_fill_their_own_parts(sqlite_intake: IntakeService) -> None:
    clerk = Clerk(sqlite_intake)
    cards = {"representative.card": CARD, "co_applicants.card": CARD.replace("Bưởi", "Cam")}
    filled = fields_of(clerk.send(FORM, "fill", **cards), "card")
    assert (filled["representative.name"], filled["co_applicants.0.name"]) == ("Nguyễn Thị Bưởi", "Nguyễn Thị Cam")
    assert filled["applicant.name"] == ""


def test_earlier_data_of_the_same_person_are_offered_and_the_reading_is_recorded(intake: IntakeService) -> None:
    code = intake.file()["code"]
    answer = Clerk(intake).send(f"/intake/desk/{COPIES}", "fill", card=CARD)
    filled = fields_of(answer, "card")
    assert (filled["applicant.phone"], filled["applicant.email"]) == ("0912345678", "buoi@example.vn")
    assert code in answer.text
    assert audit(intake) == {("dossier", code)}


def test_the_number_of_the_old_card_finds_earlier_data_too(sqlite_intake: IntakeService) -> None:
    sqlite_intake.file(applicant=LAND_TRANSFER["applicant"] | {"id_number": "385123456"})
    answer = Clerk(sqlite_intake).send(f"/intake/desk/{COPIES}", "fill", card=CARD)
    assert fields_of(answer, "card")["applicant.phone"] == "0912345678"


@pytest.mark.parametrize(
    ("agency", "typed"),
    [
        (OTHER_DESK, {"card": CARD}),
        (DESK, {"card": CARD.replace("Bưởi", "Cam")}),
        (DESK, {"applicant.id_number": "095185001235"}),
    ],
)
def test_nobody_elses_data_are_offered(sqlite_intake: IntakeService, agency: str, typed: dict[str, str]) -> None:
    sqlite_intake.file()
    answer = Clerk(sqlite_intake, agency).send(f"/intake/desk/{COPIES}", "fill", **typed)
    filled = fields_of(answer, "card")
    assert (filled["applicant.phone"], filled["applicant.email"]) == ("", "")
    assert audit(sqlite_intake) == set()


def test_a_second_dossier_of_the_same_person_and_procedure_is_asked_about(intake: IntakeService) -> None:
    code = intake.file(receiving_agency=OTHER_DESK)["code"]
    clerk = Clerk(intake)
    assert code in clerk.send(FORM, "fill", card=CARD).text
    asked = clerk.send(FORM, "review", **FILLED)
    assert "Người này đang có hồ sơ cùng thủ tục" in asked.text
    assert f"/intake/dossiers/{code}" not in asked.text, "another desk's"
    confirmed = fields_of(asked)
    refused = clerk.send(FORM, "confirm", **confirmed)
    assert "Chưa xác nhận hồ sơ trùng" in refused.text
    assert len(intake.rows("dossier")) == 1
    assert clerk.send(FORM, "confirm", **fields_of(refused) | {"same_seen": "1"}).status_code == 303
    assert len(intake.rows("dossier")) == 2
    assert ("duplicates", code) in audit(intake)


def test_a_dossier_that_has_ended_is_no_duplicate(sqlite_intake: IntakeService) -> None:
    code = sqlite_intake.file()["code"]
    sqlite_intake.receive_event("step.assigned", code)
    sqlite_intake.receive_event("dossier.stopped", code)
    assert "cùng thủ tục" not in Clerk(sqlite_intake).send(FORM, "fill", card=CARD).text


@pytest.mark.parametrize(
    ("agency", "role"), [("H12.14.02", "clerk"), (DESK, "officer"), (DESK, "leader"), ("", "clerk")]
)
def test_only_clerks_of_a_desk_file(sqlite_intake: IntakeService, agency: str, role: str) -> None:
    clerk = Clerk(sqlite_intake, agency, role)
    for answer in (clerk.get("/intake/desk"), clerk.get(FORM), clerk.send(FORM, "confirm", **FILLED, form_key="k")):
        assert answer.status_code == 403
    assert sqlite_intake.rows("dossier") == []


def test_another_desks_filing_is_not_shown(sqlite_intake: IntakeService) -> None:
    place = Clerk(sqlite_intake).file(**FILLED).headers["Location"]
    code = place.rpartition("/")[2]
    other = Clerk(sqlite_intake, OTHER_DESK)
    assert other.get(place).status_code == 403
    assert other.get(f"/intake/desk/originals/{code}").status_code == 403
    assert code not in other.get("/intake/desk/originals").text


def test_originals_are_given_back_from_a_list_to_tick(intake: IntakeService) -> None:
    clerk = Clerk(intake)
    place = clerk.file(**FILLED | {"paper.contract.form": "original", "paper.contract.kept": "1"}).headers["Location"]
    code = place.rpartition("/")[2]
    assert code in clerk.get("/intake/desk/originals").text
    place = f"/intake/desk/originals/{code}"
    page = clerk.get(place)
    boxes = [one for one in read_page(page.text).all("input") if one.get("name") == "paper"]
    assert [one.get("value") for one in boxes] == ["1", "2"]
    assert clerk.send(place, **fields_of(page)).status_code == 422, "nothing is ticked"
    done = fields_of(page) | {"paper": "1"}
    assert [clerk.send(place, **done).status_code for _ in range(2)] == [303, 303]
    assert "Đã trả lại" in clerk.get(place).text
    [row] = intake.rows("dossier")
    assert row["originals_kept"] == 1
    papers = intake.get(f"/dossiers/{code}").json["papers"]
    assert [one.get("given_back_at") for one in papers] == [None, "2025-11-20T08:15:00+07:00", None, None]


@pytest.mark.parametrize("places", [[0], [1, 9], [1, 1, 2], []])
def test_only_what_is_kept_is_given_back(sqlite_intake: IntakeService, places: list[int]) -> None:
    papers = ["application", {"code": "certificate", "form": "original", "kept": True}, "contract"]
    code = sqlite_intake.file(papers=papers)["code"]
    answer = sqlite_intake.post(f"/dossiers/{code}/originals/given-back", {"places": places})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"].startswith("places")
    assert [row["originals_kept"] for row in sqlite_intake.rows("dossier")] == [1]


def test_originals_are_given_back_by_the_api_and_a_supplement_may_bring_more(intake: IntakeService) -> None:
    kept = {"code": "certificate", "form": "original", "kept": True}
    code = intake.file(papers=["application", kept, "contract"])["code"]
    answer = intake.post(f"/dossiers/{code}/originals/given-back", {"places": [1]})
    assert (answer.status_code, answer.json["originals_kept"]) == (200, 0)
    assert intake.post(f"/dossiers/{code}/originals/given-back", {"places": [1]}).status_code == 422
    intake.receive_event("step.assigned", code)
    intake.receive_event("supplement.requested", code)
    intake.post(f"/dossiers/{code}/supplement", {"papers": [kept]})
    assert [row["originals_kept"] for row in intake.rows("dossier")] == [1]


@pytest.mark.parametrize("path", ["", f"/{LAND}", f"/{LAND}?case=transfer", f"/{COPIES}", "/originals"])
def test_pages_are_labelled_in_both_languages(sqlite_intake: IntakeService, path: str) -> None:
    clerk = Clerk(sqlite_intake)
    clerk.client.set_cookie("motcua_language", "en")
    for page in (clerk.get(f"/intake/desk{path}"), Clerk(sqlite_intake).get(f"/intake/desk{path}")):
        found: Element = read_page(page.text)
        assert (repeated_ids(found), unlabelled(found)) == ([], [])
        assert not re.search(r"<script(?![^>]*\bsrc=)", page.text)


COPY = {
    "applicant.name": "Trần Quốc Việt",
    "applicant.id_number": "095090004321",
    "applicant.phone": "0987654321",
    "paper.original": "1",
    "paper.original.form": "original",
}


def test_an_immediate_procedure_finishes_at_the_desk_and_is_logged(intake: IntakeService) -> None:
    clerk = Clerk(intake)
    path = f"/intake/desk/{COPIES}"
    asked = clerk.send(path, "review", **COPY)
    assert "trả kết quả ngay" in asked.text
    fields = fields_of(asked)
    first, again = (clerk.send(path, "finish", **fields) for _ in range(2))
    assert first.headers["Location"] == again.headers["Location"]
    [row] = intake.rows("dossier")
    assert (row["state"], row["outcome"], row["returned_at"], row["result_notified_by"]) == (
        10,
        "completed",
        THURSDAY,
        "clerk-7",
    )
    detail = intake.get(f"/dossiers/{row['code']}").json
    assert [change["state"] for change in detail["history"]] == [4, 9, 10]
    [received], [returned] = intake.emitted("dossier.received"), intake.emitted("dossier.returned")
    assert received["data"]["finished_at"] == returned["data"]["returned_at"] == THURSDAY.isoformat()
    assert returned["data"]["dossier"] == row["code"]
    page = clerk.get(first.headers["Location"])
    assert "Đã trả kết quả" in page.text
    clerk.send(f"{first.headers['Location']}/payment", **fields_of(page))
    assert [paid["amount"] for paid in intake.rows("payment")] == [2000]


def test_what_routing_reports_of_a_finished_dossier_changes_nothing(intake: IntakeService) -> None:
    body = {"procedure": COPIES, "case": None, "papers": ["original"], "finish": True}
    receipt = intake.file(**body)
    assert receipt["state"] == 10
    for name in ("step.assigned", "dossier.resolved"):
        assert intake.receive_event(name, receipt["code"], outcome="completed").applied == 1
    [row] = intake.rows("dossier")
    assert (row["state"], row["resolved_at"], row["place_step"]) == (10, THURSDAY, "")


def test_a_procedure_of_other_agencies_is_not_finished_at_the_desk(sqlite_intake: IntakeService) -> None:
    answer = sqlite_intake.post("/dossiers", LAND_TRANSFER | {"finish": True})
    assert [error["field"] for error in answer.json["errors"]] == ["finish"]
    clerk = Clerk(sqlite_intake)
    asked = clerk.send(FORM, "review", **FILLED)
    assert "trả kết quả ngay" not in asked.text
    assert clerk.send(FORM, "finish", **fields_of(asked)).status_code == 422
    assert sqlite_intake.rows("dossier") == []


def test_words_that_are_only_nearly_right_offer_a_choice(sqlite_intake: IntakeService) -> None:
    page = Clerk(sqlite_intake).get("/intake/desk?q=giay kai sin").text
    assert "Không có thủ tục nào đúng như" in page
    assert f'href="/intake/desk/{BIRTH}"' in page
