"""The counter's pages and originals in custody: one set of rules with the API, nothing asked twice, nothing shown to strangers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from shared.web.answer_in_pieces import REFUSED_FOR
from tests.intake.counter_clerk import CARD, FILLED, FORM, Clerk, audit, fields_of
from tests.intake.service_fixture import BIRTH, COPIES, DESK, LAND, LAND_TRANSFER, OTHER_DESK, IntakeService
from tests.support.html import Element, read_page, repeated_ids, unlabelled


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


def test_a_form_that_a_busy_platform_refuses_is_sent_again_from_the_page_that_says_so(
    sqlite_intake: IntakeService,
) -> None:
    clerk, app = Clerk(sqlite_intake), sqlite_intake.client.application
    confirmed = fields_of(clerk.send(FORM, "review", **FILLED))
    overloaded, served = True, app.wsgi_app

    def wsgi(environ: Any, start_response: Any) -> Any:
        return served(environ | ({REFUSED_FOR: 7} if overloaded else {}), start_response)

    app.wsgi_app = wsgi
    refused = clerk.send(FORM, "confirm", **confirmed)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "7")
    assert sqlite_intake.rows("dossier") == []
    kept = fields_of(refused)
    assert kept == confirmed | {"do": "confirm"}, "nothing typed is lost, and the key is the same"
    overloaded = False
    assert [clerk.send(FORM, **kept).status_code for _ in range(2)] == [303, 303]
    assert len(sqlite_intake.rows("dossier")) == 1


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


@pytest.mark.parametrize("path", ["", f"/{LAND}", f"/{LAND}?case=transfer", f"/{COPIES}", "/originals"])
def test_pages_are_labelled_in_both_languages(sqlite_intake: IntakeService, path: str) -> None:
    clerk = Clerk(sqlite_intake)
    clerk.client.set_cookie("motcua_language", "en")
    for page in (clerk.get(f"/intake/desk{path}"), Clerk(sqlite_intake).get(f"/intake/desk{path}")):
        found: Element = read_page(page.text)
        assert (repeated_ids(found), unlabelled(found)) == ([], [])
        assert not re.search(r"<script(?![^>]*\bsrc=)", page.text)


def test_words_that_are_only_nearly_right_offer_a_choice(sqlite_intake: IntakeService) -> None:
    page = Clerk(sqlite_intake).get("/intake/desk?q=giay kai sin").text
    assert "Không có thủ tục nào đúng như" in page
    assert f'href="/intake/desk/{BIRTH}"' in page
