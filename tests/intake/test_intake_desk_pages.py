"""The desk's pages of a dossier under way: requested papers, withdrawal, and the result for the right person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.persistence.reading_audit import reading_audit
from tests.intake.desk_clerk import Clerk, confirmation, faulty_fields
from tests.intake.service_fixture import DESK, OTHER_DESK, IntakeService
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.html import read_page

CARD = {"method": "counter", "identity": "citizen_card", "citizen_notified": "1"}


def asked(intake: IntakeService, *papers: str) -> str:
    """A dossier that waits for papers; its code."""
    code = str(intake.file()["code"])
    intake.receive_event("step.assigned", code, agency="H12.14.02")
    intake.receive_event(
        "supplement.requested", code, agency="H12.14.02", papers=list(papers) or ["Bản vẽ", "Tờ khai thuế"]
    )
    return code


def resolved(intake: IntakeService, **fields: Any) -> str:
    """A dossier with a result, earlier than promised; its code."""
    code = str(intake.file(**fields)["code"])
    intake.receive_event("dossier.resolved", code)
    return code


def path(code: str, page: str) -> str:
    """The address of a page of the desk."""
    return f"/intake/dossiers/{code}/{page}"


def test_requested_papers_are_taken_once_confirmed(intake: IntakeService) -> None:
    code, clerk = asked(intake), Clerk(intake)
    form = clerk.get(path(code, "supplement")).text
    assert "Bản vẽ" in form
    assert "Tờ khai thuế" in form
    question = clerk.send(path(code, "supplement"), papers="0", others="Đơn giải trình", note="Nộp đủ")
    assert "Còn thiếu so với yêu cầu: Tờ khai thuế" in question.text
    assert intake.emitted("dossier.supplemented") == [], "nothing yet"
    sent = confirmation(question)
    done = clerk.send(path(code, "supplement"), **sent)
    assert (done.status_code, done.headers["Location"]) == (303, f"/intake/dossiers/{code}")
    assert "Đã nhận giấy tờ bổ sung" in clerk.get(f"/intake/dossiers/{code}").text
    assert "Đã nhận giấy tờ bổ sung" not in clerk.get(f"/intake/dossiers/{code}").text, "told once"
    assert clerk.send(path(code, "supplement"), **sent).status_code == 303, "the button pressed twice"
    (event,) = intake.emitted("dossier.supplemented")
    assert event["data"]["papers"] == 2
    detail = intake.get(f"/dossiers/{code}").json
    assert detail["state"] == 4
    assert {"Bản vẽ", "Đơn giải trình"} <= {paper["name"] for paper in detail["papers"]}
    (request,) = intake.rows("supplement_request")
    assert (request["note"], request["received_by"]) == ("Nộp đủ", "clerk-7")
    assert {(row["action"], row["record"]) for row in intake.rows(reading_audit)} == {("dossier", code)}


@pytest.mark.parametrize(
    ("typed", "field"),
    [({}, "papers"), ({"papers": "7"}, "papers"), ({"papers": "-1"}, "papers"), ({"papers": "٣"}, "papers")],
)
def test_a_supplement_without_papers_is_refused(
    sqlite_intake: IntakeService, typed: dict[str, Any], field: str
) -> None:
    code = asked(sqlite_intake)
    assert faulty_fields(Clerk(sqlite_intake).send(path(code, "supplement"), **typed)) == [field]


def test_what_was_typed_of_a_supplement_is_kept(sqlite_intake: IntakeService) -> None:
    code, clerk = asked(sqlite_intake), Clerk(sqlite_intake)
    typed = {"papers": ["1"], "others": "Giấy A\nGiấy B", "note": "x" * 600}
    refused = clerk.send(path(code, "supplement"), **typed)
    assert faulty_fields(refused) == ["note"]
    assert 'value="1" checked' in refused.text
    assert "Giấy A\nGiấy B" in refused.text
    back = clerk.send(path(code, "supplement"), **typed, edit="1")
    assert (back.status_code, 'value="1" checked' in back.text) == (200, True)


def test_pages_of_the_wrong_state_say_so(sqlite_intake: IntakeService) -> None:
    code, clerk = str(sqlite_intake.file()["code"]), Clerk(sqlite_intake)
    for page in ("supplement", "return"):
        answer = clerk.get(path(code, page))
        assert (answer.status_code, "Được tiếp nhận" in answer.text) == (409, True)
    assert clerk.send(path(code, "return"), **CARD).status_code == 409
    done = resolved(sqlite_intake)
    assert clerk.get(path(done, "withdraw")).status_code == 409
    assert "Điều 21" in clerk.send(path(done, "withdraw"), reason="Đổi ý").text


def test_a_withdrawal_needs_a_reason_and_is_asked_about(intake: IntakeService) -> None:
    code, clerk = asked(intake), Clerk(intake)
    assert faulty_fields(clerk.send(path(code, "withdraw"), reason=" ")) == ["reason"]
    question = clerk.send(path(code, "withdraw"), reason="Đổi ý, không chuyển nhượng nữa")
    assert "không hoàn tác được" in question.text
    assert intake.emitted("dossier.withdrawn") == []
    assert clerk.send(path(code, "withdraw"), **confirmation(question)).status_code == 303
    assert "Đã ghi nhận yêu cầu rút hồ sơ" in clerk.get(f"/intake/dossiers/{code}").text
    assert len(intake.emitted("dossier.withdrawn")) == 1
    assert intake.get(f"/dossiers/{code}").json["withdrawal_reason"] == "Đổi ý, không chuyển nhượng nữa"


def test_a_result_is_handed_to_the_applicant_whose_card_was_seen(intake: IntakeService) -> None:
    kept = {"code": "certificate", "form": "original", "kept": True}
    code, clerk = resolved(intake, papers=["application", kept, "contract"]), Clerk(intake)
    form = clerk.get(path(code, "return")).text
    assert "095185001234" in form
    assert "Bản chính chưa trả lại" in clerk.send(path(code, "return"), **CARD).text
    question = clerk.send(path(code, "return"), **CARD, note="Nhận đủ", originals="0")
    assert "Nguyễn Thị Bưởi" in question.text
    sent = confirmation(question)
    assert clerk.send(path(code, "return"), **sent).status_code == 303
    assert clerk.send(path(code, "return"), **sent).status_code == 303, "the button pressed twice"
    (event,) = intake.emitted("dossier.returned")
    assert event["data"]["method"] == "counter"
    assert "Bưởi" not in str(event)
    (row,) = intake.rows("result_hand_over")
    assert (row["method"], row["identity"], row["handed_over_by"]) == ("counter", "citizen_card", "clerk-7")
    dossier = intake.get(f"/dossiers/{code}").json
    assert [bool(paper.get("given_back_at")) for paper in dossier["papers"]] == [False, True, False]
    assert intake.rows("dossier")[0]["originals_kept"] == 0
    shown = clerk.get(f"/intake/dossiers/{code}").text
    assert "Đã trả kết quả" in shown
    assert "Đã đối chiếu căn cước" in shown


def test_an_early_result_waits_for_the_notice(sqlite_intake: IntakeService) -> None:
    code, clerk = resolved(sqlite_intake), Clerk(sqlite_intake)
    typed = {"method": "counter", "identity": "citizen_card"}
    refused = clerk.confirm(path(code, "return"), **typed)
    assert (refused.status_code, "Điều 22.5" in refused.text) == (409, True)
    assert sqlite_intake.emitted("dossier.returned") == []


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"method": ""}, ["method"]),
        ({"method": "pigeon"}, ["method"]),
        ({"method": "counter"}, ["identity"]),
        ({"method": "counter", "identity": "face"}, ["identity"]),
        ({"method": "counter", "identity": "authorisation"}, ["receiver_name", "document"]),
        ({"method": "post"}, ["parcel"]),
        ({"method": "post", "parcel": "E 1"}, ["parcel"]),
        ({"method": "counter", "identity": "citizen_card", "note": "x" * 501}, ["note"]),
    ],
)
def test_nobody_gets_a_result_without_a_recorded_check(
    sqlite_intake: IntakeService, typed: dict[str, str], fields: list[str]
) -> None:
    code = resolved(sqlite_intake)
    assert faulty_fields(Clerk(sqlite_intake).send(path(code, "return"), **typed)) == fields
    answer = sqlite_intake.post(f"/dossiers/{code}/return", {"citizen_notified": True} | typed)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == fields
    assert sqlite_intake.emitted("dossier.returned") == []


def test_an_authorised_person_takes_the_result(sqlite_intake: IntakeService) -> None:
    code, clerk = resolved(sqlite_intake), Clerk(sqlite_intake)
    typed = CARD | {"identity": "authorisation", "receiver_name": "Lê Văn Tám", "document": "Số 12 ngày 01/12/2025"}
    assert clerk.confirm(path(code, "return"), **typed).status_code == 303
    shown = clerk.get(f"/intake/dossiers/{code}").text
    for words in ("Lê Văn Tám", "Số 12 ngày 01/12/2025"):
        assert words in shown
    assert "Tám" not in str(sqlite_intake.emitted("dossier.returned"))


def test_a_result_goes_by_public_post_and_its_parcel_is_told(sqlite_intake: IntakeService) -> None:
    code, clerk = resolved(sqlite_intake), Clerk(sqlite_intake)
    typed = {"method": "post", "parcel": "eb 123456789 vn", "citizen_notified": "1"}
    assert clerk.confirm(path(code, "return"), **typed).status_code == 303
    (posted,) = sqlite_intake.emitted("result.posted")
    assert (posted["data"]["parcel"], posted["data"]["dossier"]) == ("EB123456789VN", code)
    assert sqlite_intake.emitted("dossier.returned")[0]["data"]["method"] == "post"


def issued(intake: IntakeService) -> list[str]:
    """The one-time codes that were sent."""
    return [event["data"]["code"] for event in intake.emitted("result.code_issued")]


def send_code(intake: IntakeService, code: str) -> Any:
    """Sends a one-time code from the page."""
    page = Clerk(intake).get(path(code, "return")).text
    key = next(one.get("value") for one in read_page(page).all("input") if one.get("name") == "form_key")
    return Clerk(intake).send(path(code, "return/code"), form_key=key)


def test_who_reads_the_code_from_the_applicants_telephone_takes_the_result(intake: IntakeService) -> None:
    code, clerk = resolved(intake), Clerk(intake)
    assert send_code(intake, code).status_code == 303
    (sent,) = issued(intake)
    assert sent not in str(intake.rows("one_time_code")), "hashed"
    by_code = {"method": "counter", "identity": "one_time_code", "citizen_notified": "1"}
    wrong = "000000" if sent != "000000" else "111111"
    assert faulty_fields(clerk.send(path(code, "return"), **by_code, one_time_code=wrong)) == ["one_time_code"]
    assert intake.rows("one_time_code")[0]["tries"] == 1
    assert clerk.confirm(path(code, "return"), **by_code, one_time_code=f" {sent[:3]} {sent[3:]}").status_code == 303
    assert intake.rows("result_hand_over")[0]["identity"] == "one_time_code"
    assert intake.rows("one_time_code") == []


def test_a_code_is_void_after_ten_minutes_and_after_five_wrong_tries_and_a_new_one_may_follow(
    sqlite_intake: IntakeService,
) -> None:
    code = resolved(sqlite_intake)
    body = {"identity": "one_time_code", "citizen_notified": True}

    def take(typed: str) -> int:
        answer = sqlite_intake.post(f"/dossiers/{code}/return", body | {"one_time_code": typed})
        return int(answer.status_code)

    assert take("407519") == 422, "none was sent"
    assert send_code(sqlite_intake, code).status_code == 303
    assert send_code(sqlite_intake, code).status_code == 429, "one a minute"
    sqlite_intake.advance(timedelta(minutes=10))
    assert take(issued(sqlite_intake)[-1]) == 422
    assert sqlite_intake.post(f"/dossiers/{code}/return/code", None).status_code == 200
    last = issued(sqlite_intake)[-1]
    for _ in range(5):
        assert take(f"{(int(last) + 1) % 1_000_000:06d}") == 422
    assert take(last) == 422, "void"
    assert send_code(sqlite_intake, code).status_code == 303, "at once, since nobody may be locked out"
    assert take(issued(sqlite_intake)[-1]) == 200


def test_a_corrected_telephone_voids_the_code(sqlite_intake: IntakeService) -> None:
    code = resolved(sqlite_intake)
    send_code(sqlite_intake, code)
    correction = {"phone": "0912345670", "reason": "Nhầm số"}
    answer = sqlite_intake.client.patch(
        f"/intake/api/dossiers/{code}/applicant", json=correction, headers=sqlite_intake.token()
    )
    assert (answer.status_code, sqlite_intake.rows("one_time_code")) == (200, [])


def test_a_fixed_line_gets_no_code(sqlite_intake: IntakeService) -> None:
    code = resolved(sqlite_intake, applicant__phone="0291 3822 222")
    assert "Gửi mã qua SMS" not in Clerk(sqlite_intake).get(path(code, "return")).text
    assert sqlite_intake.post(f"/dossiers/{code}/return/code", None).status_code == 422
    assert issued(sqlite_intake) == []


def test_only_originals_in_custody_are_given_back(sqlite_intake: IntakeService) -> None:
    code = resolved(sqlite_intake)
    body = {"identity": "citizen_card", "citizen_notified": True, "originals": ["Sổ đỏ"]}
    answer = sqlite_intake.post(f"/dossiers/{code}/return", body)
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "originals")


def test_an_electronic_result_needs_its_file(sqlite_intake: IntakeService) -> None:
    code = resolved(sqlite_intake)
    typed = {"method": "electronic", "citizen_notified": True}
    assert sqlite_intake.post(f"/dossiers/{code}/return", typed).json["errors"][0]["field"] == "method"


def test_only_clerks_of_the_desk_use_these_pages(sqlite_intake: IntakeService) -> None:
    code = asked(sqlite_intake)
    for agency, role in ((OTHER_DESK, "clerk"), (DESK, "leader"), (DESK, "officer")):
        stranger = Clerk(sqlite_intake, agency, role)
        for page in ("supplement", "withdraw", "return"):
            assert {stranger.get(path(code, page)).status_code, stranger.send(path(code, page)).status_code} == {403}
    for page in ("supplement", "withdraw", "return"):
        assert Clerk(sqlite_intake).get(path(f"{DESK}-251120-9999", page)).status_code == 404


def test_the_dossier_offers_what_can_be_done_now(sqlite_intake: IntakeService) -> None:
    waiting, done = asked(sqlite_intake), resolved(sqlite_intake)
    offered = {
        code: [page for page in ("supplement", "withdraw", "return") if f"{code}/{page}" in text]
        for code, text in (
            (code, Clerk(sqlite_intake).get(f"/intake/dossiers/{code}").text) for code in (waiting, done)
        )
    }
    assert offered == {waiting: ["supplement", "withdraw"], done: ["return"]}


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_clerk_takes_papers_and_hands_the_result_over(
    sqlite_intake: IntakeService, address: str, page_at: PageAt, width: int
) -> None:
    code = asked(sqlite_intake)
    page = page_at(width, java_script_enabled=False, extra_http_headers=sqlite_intake.token())

    def seen(name: str, words: str) -> None:
        page.locator("main").get_by_text(words).first.wait_for()  # the page that a click leads to
        assert page_width(page) <= width, name
        screenshot(page, f"follow-desk-{name}-{width}")

    page.goto(f"{address}/intake/dossiers/{code}")
    seen("waiting", "Nhận giấy tờ bổ sung")
    page.get_by_role("link", name="Nhận giấy tờ bổ sung").click()
    page.get_by_role("button", name="Tiếp tục").click()
    seen("supplement-faults", "Vui lòng đánh dấu")
    page.get_by_label("Bản vẽ").check()
    page.get_by_role("button", name="Tiếp tục").click()
    seen("supplement-question", "Còn thiếu")
    page.get_by_role("button", name="Quay lại sửa").click()
    assert page.get_by_label("Bản vẽ").is_checked()
    page.get_by_label("Tờ khai thuế").check()
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("button", name="Nhận giấy tờ bổ sung").click()
    seen("supplemented", "Đã nhận giấy tờ bổ sung")
    page.get_by_role("link", name="Rút hồ sơ").click()
    page.get_by_label("Lý do rút hồ sơ").fill("Đổi ý")
    page.get_by_role("button", name="Tiếp tục").click()
    seen("withdraw-question", "không hoàn tác được")
    page.get_by_role("link", name="Thôi, không thay đổi gì").click()
    sqlite_intake.receive_event("dossier.resolved", code)
    seen("left", "Thời gian giải quyết")
    page.goto(f"{address}/intake/dossiers/{code}")
    page.get_by_role("link", name="Trả kết quả").click()
    seen("return", "Cách trả kết quả")
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_role("alert").get_by_role("link", name="Đối chiếu").click()
    seen("return-faults", "Vui lòng ghi nhận")
    page.get_by_label("Đã đối chiếu căn cước").check()
    page.get_by_label("Đã báo cho người nộp").check()
    page.get_by_role("button", name="Tiếp tục").click()
    seen("return-question", "Trả kết quả như sau?")
    page.get_by_role("button", name="Trả kết quả").click()
    seen("returned", "Đã trả kết quả")
