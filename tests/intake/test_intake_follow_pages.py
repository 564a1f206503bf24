"""What a citizen does with a dossier that they have looked up: withdraws it, and chooses how to get the result."""

from __future__ import annotations

import pytest

from services.intake.dossiers.domain import IN_PROGRESS, State
from services.intake.results.delivery import may_choose_delivery
from tests.intake.desk_clerk import Clerk, Visitor, confirmation, faulty_fields, holder
from tests.intake.service_fixture import DESK, REGISTRY, IntakeService
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.html import read_page

WITHDRAW, DELIVERY, DOSSIER = "/intake/dossier/withdraw", "/intake/dossier/delivery", "/intake/dossier"


def form_key(page: str) -> str:
    """The key of the form on a page."""
    (box,) = [one for one in read_page(page).all("input") if one.get("name") == "form_key"]
    return box.get("value")


def test_a_citizen_withdraws_once_confirmed(intake: IntakeService) -> None:
    receipt = intake.file()
    citizen = holder(intake, receipt)
    assert WITHDRAW in citizen.get(DOSSIER).text
    assert faulty_fields(citizen.send(WITHDRAW, reason="")) == ["reason"]
    question = citizen.send(WITHDRAW, reason="Tôi đổi ý")
    assert "không hoàn tác được" in question.text
    assert intake.emitted("dossier.withdrawn") == []
    sent = confirmation(question)
    for _ in range(2):
        answer = citizen.send(WITHDRAW, **sent)
        assert (answer.status_code, answer.headers["Location"]) == (303, DOSSIER)
    assert len(intake.emitted("dossier.withdrawn")) == 1
    shown = citizen.get(DOSSIER).text
    assert "Đã ghi nhận yêu cầu rút hồ sơ" in shown
    assert WITHDRAW not in shown
    assert citizen.get(WITHDRAW).status_code == 409
    assert intake.get(f"/dossiers/{receipt['code']}").json["withdrawal_reason"] == "Tôi đổi ý"


def test_nobody_without_the_secret_does_anything(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file()
    stranger, guesser = Visitor(sqlite_intake), Visitor(sqlite_intake)
    guesser.send("/intake/", code=receipt["code"], secret="ABCDEFGH")
    for visitor in (stranger, guesser):
        for page in (WITHDRAW, DELIVERY, DOSSIER):
            assert visitor.get(page).headers["Location"] == "/intake/"
        for page in (WITHDRAW, DELIVERY):
            answer = visitor.send(page, reason="x", delivery="post", confirmed="1", form_key="k")
            assert answer.headers["Location"] == "/intake/"
    assert sqlite_intake.emitted("dossier.withdrawn") == []
    assert sqlite_intake.rows("delivery_choice") == []


def test_another_site_cannot_withdraw(sqlite_intake: IntakeService) -> None:
    citizen = holder(sqlite_intake, sqlite_intake.file())
    body = {"reason": "x", "confirmed": "1", "form_key": "k-1"}
    answer = citizen.client.post(WITHDRAW, data=body, headers={"Origin": "http://elsewhere.vn"})
    assert answer.status_code == 400
    assert sqlite_intake.emitted("dossier.withdrawn") == []


def test_one_key_serves_one_dossier(sqlite_intake: IntakeService) -> None:
    first, second = (holder(sqlite_intake, sqlite_intake.file()) for _ in range(2))
    body = {"reason": "Đổi ý", "confirmed": "1", "form_key": "the-same-key"}
    assert first.send(WITHDRAW, **body).status_code == 303
    assert second.send(WITHDRAW, **body).status_code == 422
    assert len(sqlite_intake.emitted("dossier.withdrawn")) == 1


def test_a_citizen_chooses_the_post_and_the_clerk_sees_it(intake: IntakeService) -> None:
    receipt = intake.file()
    citizen, code = holder(intake, receipt), receipt["code"]
    key = form_key(citizen.get(DELIVERY).text)
    assert citizen.send(DELIVERY, delivery="post", form_key=key).status_code == 303
    assert "kết quả sẽ được gửi qua bưu chính công ích" in citizen.get(DOSSIER).text
    intake.receive_event("dossier.resolved", code)
    page = Clerk(intake).get(f"/intake/dossiers/{code}/return").text
    assert "Ấp Long Thành" in page
    assert 'value="post" checked' in page
    assert "Ấp Long Thành" not in citizen.get(DOSSIER).text, "a look-up shows no personal data"
    key = form_key(citizen.get(DELIVERY).text)
    citizen.send(DELIVERY, delivery="desk", form_key=key)
    assert [row["by_post"] for row in intake.rows("delivery_choice")] == [False]


def test_the_post_needs_an_address(sqlite_intake: IntakeService) -> None:
    citizen = holder(sqlite_intake, sqlite_intake.file(applicant__address=""))
    key = form_key(citizen.get(DELIVERY).text)
    assert faulty_fields(citizen.send(DELIVERY, delivery="post", form_key=key)) == ["delivery"]


@pytest.mark.parametrize("state", list(State))
def test_delivery_is_chosen_until_the_result_is_handed_over(state: State) -> None:
    assert may_choose_delivery(state) is (state in IN_PROGRESS | {State.RESOLVED})


def test_after_the_hand_over_the_page_tells_how(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file()
    citizen, code = holder(sqlite_intake, receipt), receipt["code"]
    sqlite_intake.receive_event("dossier.resolved", code)
    assert "Mời ông/bà mang giấy hẹn và căn cước" in citizen.get(DOSSIER).text
    body = {"method": "post", "parcel": "EB123456789VN", "citizen_notified": True}
    assert sqlite_intake.post(f"/dossiers/{code}/return", body).status_code == 200
    shown = citizen.get(DOSSIER).text
    assert "EB123456789VN" in shown
    assert "không phải làm gì thêm" in shown
    assert citizen.get(DELIVERY).status_code == 409


def test_a_working_day_like_any_other_says_where_it_is_and_until_when(sqlite_intake: IntakeService) -> None:
    receipt = sqlite_intake.file()
    sqlite_intake.receive_event("step.assigned", receipt["code"], agency="H12.14.02")
    shown = read_page(holder(sqlite_intake, receipt).get(DOSSIER).text).text
    for words in ("Ông/bà cần nộp phí, lệ phí", "Hồ sơ đang ở", "Bước này xong trước"):
        assert words in shown


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_citizen_follows_a_dossier_and_chooses_the_post(
    sqlite_intake: IntakeService, address: str, page_at: PageAt, width: int
) -> None:
    receipt = sqlite_intake.file()
    code = receipt["code"]
    sqlite_intake.receive_event("step.assigned", code, agency="H12.14.02")
    page = page_at(width, java_script_enabled=False)

    def seen(name: str, words: str) -> None:
        page.locator("main").get_by_text(words).first.wait_for()  # the page that a click leads to
        assert page_width(page) <= width, name
        screenshot(page, f"follow-{name}-{width}")

    page.goto(f"{address}/intake/?code={code}")
    page.get_by_label("Mã bí mật").fill(receipt["secret"])
    page.get_by_role("button", name="Tra cứu").click()
    page.wait_for_url(f"{address}{DOSSIER}")
    seen("under-way", "Hồ sơ đang ở")
    page.get_by_role("link", name="Chọn cách nhận kết quả").click()
    seen("delivery", "muốn nhận kết quả ở đâu")
    page.get_by_label("Gửi qua bưu chính công ích").check()
    page.get_by_role("button", name="Lưu lựa chọn").click()
    seen("by-post", "Đã ghi nhận")
    page.get_by_role("link", name="Rút hồ sơ").click()
    page.get_by_role("button", name="Tiếp tục").click()
    seen("withdraw-faults", "Vui lòng ghi lý do")
    page.get_by_label("Vì sao ông/bà rút hồ sơ?").fill("Tôi đổi ý")
    page.get_by_role("button", name="Tiếp tục").click()
    seen("withdraw-question", "không hoàn tác được")
    page.get_by_role("button", name="Rút hồ sơ").click()
    seen("withdrawn", "Đã ghi nhận yêu cầu rút hồ sơ")
    page.reload()
    seen("reloaded", "Yêu cầu rút hồ sơ đang được xử lý")


def test_a_citizen_reads_why_the_dossier_was_refused(intake: IntakeService) -> None:
    receipt = intake.file()
    code = receipt["code"]
    why = {"agency": REGISTRY, "document": "12/TB-VPĐK", "reason": "Thửa đất đang có tranh chấp."}
    named = why | {
        "agency_name": intake.context.reference.agencies.name_of(REGISTRY, intake.context.clock.now().date())
    }
    assert (
        intake.receive_event("dossier.resolved", code, 2, outcome="refused").applied == 1
    )  # they may come in any order
    for sequence in (1, 3):
        assert intake.receive_event("refusal.explained", code, sequence, **why).applied == 1
    assert intake.receive_event("refusal.explained", code, 4, **why | {"agency": DESK}).parked == 1
    page = holder(intake, receipt).get(DOSSIER).text
    for text in ("Hồ sơ bị từ chối giải quyết", named["agency_name"], why["document"], why["reason"]):
        assert text in page
    seen = intake.client.get("/intake/api/lookup", query_string={name: receipt[name] for name in ("code", "secret")})
    assert seen.json["refusal"] == named
