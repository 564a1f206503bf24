"""The counter in a real browser: a visitor is served by keyboard alone, and without JavaScript as well."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Route

from tests.intake.service_fixture import REGISTRY, IntakeService
from tests.support.browser import PageAt, open_paper, page_width, screenshot

pytestmark = pytest.mark.browser
CARD = "095185001234|385123456|Nguyễn Thị Bưởi|31011985|Nữ|Ấp Long Thành, xã Phước Long|10052021"
HUSBAND = "095083004321||Lê Văn Tám|02031983|Nam|Ấp Long Thành, xã Phước Long|10052021"


def focused(page: Any) -> str:
    """Name, value or address of what has the focus."""
    found: str = page.evaluate(
        "(() => { const one = document.activeElement; return one.name || one.getAttribute('href') || one.textContent.trim(); })()"
    )
    return found


def tab_to(page: Any, selector: str) -> None:
    """Presses Tab until the focus is on the first element that a selector names."""
    for _ in range(100):
        if page.evaluate("selector => document.activeElement === document.querySelector(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not reach {selector}")


def test_a_visitor_is_served_from_filing_to_return_by_keyboard_alone(
    sqlite_intake: IntakeService, address: str, page_at: PageAt
) -> None:
    page = page_at(1280, extra_http_headers=sqlite_intake.token())
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    keys = page.keyboard
    page.goto(f"{address}/intake/desk")
    assert focused(page) == "q"
    keys.type("1.013831")
    keys.press("Enter")
    page.get_by_role("heading", name="trường hợp nào").wait_for()
    place = page.locator("input[name=case]").evaluate_all("all => all.findIndex(one => one.value === 'transfer')")
    keys.press(str(place + 1))
    page.get_by_role("heading", name="Người nộp hồ sơ").wait_for()
    assert focused(page) == "card"
    keys.insert_text(CARD)
    keys.press("Enter")
    page.locator("[name='applicant.phone']:focus").wait_for()
    assert page.locator("[name='applicant.name']").input_value() == "Nguyễn Thị Bưởi"
    keys.type("0912345678")
    keys.press("F8")
    page.locator("button[value='review']:focus").wait_for()
    screenshot(page, "desk-form-1280")
    page.locator("[name='paper.certificate.kept']").focus()
    keys.press("Space")
    keys.press("F4")
    page.get_by_role("heading", name="Thông tin đã đúng chưa").wait_for()
    assert "giữ, trả lại sau" in page.inner_text("main")
    screenshot(page, "desk-review-1280")
    keys.press("Enter")
    page.get_by_role("heading", name="Đã tiếp nhận").wait_for()
    [filed] = sqlite_intake.rows("dossier")
    assert (filed["applicant_birth_date"], filed["applicant_old_id_number"], filed["originals_kept"]) == (
        "1985-01-31",
        "385123456",
        1,
    )
    assert "đã thu tiền mặt" in focused(page).casefold()
    screenshot(page, "desk-filed-1280")
    keys.press("Enter")
    page.get_by_text("Đã thu tiền.").wait_for()
    open_paper(page, lambda: keys.press("Enter"))
    page.locator("#next:focus").wait_for()
    keys.press("Enter")
    page.locator("[name='q']:focus").wait_for()
    code = filed["code"]
    sqlite_intake.receive_event("step.assigned", code, agency=REGISTRY)
    sqlite_intake.receive_event("dossier.resolved", code, agency=REGISTRY, outcome="completed")
    for link in ("/intake/desk/originals", f"/intake/desk/originals/{code}", f"/intake/dossiers/{code}"):
        tab_to(page, f"a[href='{link}']")
        keys.press("Enter")
        page.wait_for_url(f"{address}{link}")
    tab_to(page, f"a[href='/intake/dossiers/{code}/return']")
    keys.press("Enter")
    page.get_by_role("heading", name="Trả kết quả").wait_for()
    tab_to(page, "[name=identity]")
    keys.press("Space")
    tab_to(page, "[name=originals]")
    keys.press("Space")
    tab_to(page, "[name=citizen_notified]")
    keys.press("Space")
    tab_to(page, "main form.panel:has([name=citizen_notified]) button")
    keys.press("Enter")
    page.locator("[name=confirmed]").wait_for(state="attached")
    tab_to(page, "main .actions button")
    keys.press("Enter")
    page.wait_for_url(f"{address}/intake/dossiers/{code}")
    [returned] = sqlite_intake.rows("dossier")
    assert (returned["state"], returned["originals_kept"]) == (10, 0)
    assert [text for text in errors if "Content Security Policy" in text] == []


def test_an_immediate_result_is_handed_over_by_keyboard_alone(
    sqlite_intake: IntakeService, address: str, page_at: PageAt
) -> None:
    sqlite_intake.file(applicant__phone="0987654321")
    page = page_at(1280, extra_http_headers=sqlite_intake.token())
    keys = page.keyboard
    page.goto(f"{address}/intake/desk")
    keys.type("chung thuc ban sao")
    keys.press("Enter")
    page.locator("[name='card']:focus").wait_for()
    keys.insert_text(CARD)
    keys.press("Enter")
    page.locator("button[value='all']:focus").wait_for()
    assert page.locator("[name='applicant.phone']").input_value() == "0987654321", "offered instead of asked again"
    screenshot(page, "desk-offered-1280")
    keys.press("Enter")
    page.locator("button[value='review']:focus").wait_for()
    keys.press("Enter")
    page.locator("button[value='finish']:focus").wait_for()
    keys.press("Enter")
    page.get_by_role("heading", name="Đã trả kết quả").wait_for()
    keys.press("Enter")
    page.get_by_text("Đã thu tiền.").wait_for()
    assert page.evaluate("document.activeElement.id") == "next", "no receipt unless asked"
    keys.press("Enter")
    page.locator("[name='q']:focus").wait_for()
    assert [(row["state"], row["fee_paid_at"] is not None) for row in sqlite_intake.rows("dossier")][1:] == [(10, True)]


def test_a_visitor_with_missing_papers_gets_form_02_by_keyboard_alone(
    sqlite_intake: IntakeService, address: str, page_at: PageAt
) -> None:
    page = page_at(1280, extra_http_headers=sqlite_intake.token())
    keys = page.keyboard
    page.goto(f"{address}/intake/desk/1.013831?case=transfer")
    page.locator("[name='card']:focus").wait_for()
    keys.insert_text(CARD)
    keys.press("Enter")
    page.locator("[name='applicant.phone']:focus").wait_for()
    keys.press("F6")
    page.get_by_role("heading", name="Hướng dẫn bổ sung").wait_for()
    page.locator("[name='declined.papers']:focus").wait_for()
    assert page.locator("[name='declined.paper.certificate']").is_checked(), "required, and not received"
    keys.type("Chữ ký trên tờ khai")
    screenshot(page, "desk-declined-1280")
    keys.press("Escape")
    page.get_by_role("heading", name="Giấy tờ nhận").wait_for()
    assert page.locator("[name='applicant.name']").input_value() == "Nguyễn Thị Bưởi", "nothing typed is lost"
    keys.press("F6")
    page.locator("[name='declined.papers']").wait_for()
    assert page.locator("[name='declined.papers']").input_value() == "Chữ ký trên tờ khai"
    keys.press("F4")
    page.get_by_role("heading", name="Cấp Phiếu yêu cầu").wait_for()
    screenshot(page, "desk-declined-review-1280")
    keys.press("Enter")
    page.get_by_role("heading", name="PYCBS").wait_for()
    screenshot(page, "desk-declined-done-1280")
    open_paper(page, lambda: keys.press("F9"))
    page.locator("#next:focus").wait_for()
    keys.press("Enter")
    page.locator("[name='q']:focus").wait_for()
    assert [row["kind"] for row in sqlite_intake.rows("declined_filing")] == ["supplement_request"]
    page.goto(f"{address}/intake/desk/1.013831?case=transfer")
    keys.insert_text(CARD)
    keys.press("Enter")
    page.get_by_text("Chữ ký trên tờ khai").wait_for()
    screenshot(page, "desk-declined-again-1280")
    keys.press("F7")
    page.get_by_role("heading", name="Từ chối tiếp nhận").wait_for()
    screenshot(page, "desk-refusal-1280")
    page.set_viewport_size({"width": 390, "height": 800})
    for path in ("declined", "refusal", f"declined/{sqlite_intake.rows('declined_filing')[0]['id']}"):
        page.goto(f"{address}/intake/desk/{path}")
        assert page_width(page) <= 390
        screenshot(page, f"desk-{path.split('/')[0]}-{len(path)}-390")


def test_words_offer_procedures_and_arrow_keys_choose_one(
    sqlite_intake: IntakeService, address: str, page_at: PageAt
) -> None:
    page = page_at(1280, extra_http_headers=sqlite_intake.token())
    page.goto(f"{address}/intake/desk")
    page.keyboard.type("chung thuc")
    page.get_by_role("option").nth(1).wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.get_by_role("option").nth(1)
    assert second.get_attribute("aria-selected") == "true"
    wanted = second.get_attribute("data-code")
    screenshot(page, "desk-start-1280")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/intake/desk/{wanted}")
    page.get_by_role("heading", name="Tiếp nhận hồ sơ").wait_for()


def test_a_late_answer_does_not_undo_a_choice(sqlite_intake: IntakeService, address: str, page_at: PageAt) -> None:
    page = page_at(1280, extra_http_headers=sqlite_intake.token())
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(lambda url: url.endswith("q=chung"), hold)
    page.goto(f"{address}/intake/desk")
    page.keyboard.type("chun")
    page.get_by_role("option").nth(1).wait_for()
    with page.expect_request(lambda request: request.url.endswith("q=chung")):
        page.keyboard.type("g")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    second = page.get_by_role("option").nth(1)
    wanted = second.get_attribute("data-code")
    with page.expect_response(lambda response: response.url.endswith("q=chung")):
        held[0].continue_()
    page.evaluate("() => new Promise((done) => setTimeout(done))")
    assert second.get_attribute("aria-selected") == "true"
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/intake/desk/{wanted}")


@pytest.mark.parametrize("width", [320, 390])
def test_the_counter_works_without_javascript_and_on_a_narrow_screen(
    sqlite_intake: IntakeService, address: str, page_at: PageAt, width: int
) -> None:
    page = page_at(width, extra_http_headers=sqlite_intake.token(), java_script_enabled=False)

    def fits(name: str) -> None:
        assert page_width(page) <= width, name
        screenshot(page, f"desk-{name}-{width}")

    page.goto(f"{address}/intake/desk")
    fits("start")
    page.get_by_label("Thủ tục", exact=True).fill("1.013831")
    page.get_by_role("button", name="Chọn thủ tục").click()
    page.locator("input[value=transfer]").check()
    fits("case")
    page.get_by_role("button", name="Tiếp tục").click()
    page.get_by_label("Mã QR trên thẻ căn cước").fill(CARD)
    page.get_by_label("Mã QR trên thẻ căn cước").press("Enter")
    page.get_by_label("Số điện thoại").first.fill("12")
    page.get_by_text("Người cùng đứng tên").first.click()
    page.get_by_label("Mã QR trên thẻ của người tiếp theo").fill(HUSBAND)
    page.get_by_role("button", name="Đủ giấy tờ").click()
    page.get_by_role("button", name="Kiểm tra").click()
    assert "Không phải số điện thoại" in page.get_by_role("alert").inner_text()
    assert page.locator("[name='co_applicants.0.name']").input_value() == "Lê Văn Tám", "nothing typed is lost"
    fits("faults")
    page.get_by_label("Số điện thoại").first.fill("0912345678")
    page.get_by_role("button", name="Kiểm tra").click()
    fits("review")
    page.get_by_role("button", name="Lưu hồ sơ").click()
    assert "Đã tiếp nhận" in page.inner_text("h1")
    fits("filed")
    [filed] = sqlite_intake.rows("dossier")
    assert "Lê Văn Tám" in filed["parties"]
