"""Intake's pages in a real browser: usable on a telephone, and without JavaScript."""

from __future__ import annotations

import pytest

from tests.intake.service_fixture import LAND, IntakeService
from tests.support.browser import PageAt, page_width, press_back, screenshot

pytestmark = pytest.mark.browser
WIDTHS = (360, 1280)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_citizen_looks_up_a_dossier(sqlite_intake: IntakeService, address: str, page_at: PageAt, width: int) -> None:
    receipt = sqlite_intake.file()
    sqlite_intake.receive_event("obligation.requested", receipt["code"], amount=12_500_000)
    page = page_at(width)
    page.goto(f"{address}/intake/?code={receipt['code']}")
    page.get_by_label("Mã bí mật").fill("aaaaaa")
    page.keyboard.press("Enter")
    assert page.get_by_role("alert").inner_text().startswith("Không tìm thấy")
    page.get_by_label("Mã bí mật").fill(receipt["secret"].lower())
    page.get_by_role("button", name="Tra cứu").click()
    assert "12.500.000" in page.inner_text("main")
    press_back(page, "/intake/dossier")
    assert page.get_by_label("Mã hồ sơ").is_visible(), "Back asks nothing"
    page.go_forward()
    screenshot(page, f"intake-dossier-{width}")


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_shows_the_side_events_of_a_dossier(
    sqlite_intake: IntakeService, address: str, page_at: PageAt, width: int
) -> None:
    receipt = sqlite_intake.file()
    code = receipt["code"]
    long_reason = "Hợp đồng chưa có trang chứng thực của Ủy ban nhân dân cấp xã, đề nghị bổ sung. " * 3
    page = page_at(width)

    def look_up() -> str:
        page.goto(f"{address}/intake/?code={code}")
        page.get_by_label("Mã bí mật").fill(receipt["secret"])
        page.get_by_role("button", name="Tra cứu").click()
        page.get_by_role("heading", name=code).wait_for()
        assert page_width(page) <= width
        return page.inner_text("main")

    sqlite_intake.receive_event("step.assigned", code, agency="H12.14.02")
    sqlite_intake.receive_event(
        "supplement.requested", code, agency="H12.14.02", reason=long_reason, papers=["Bản vẽ", "Tờ khai"]
    )
    waiting = look_up()
    assert "Ông/bà cần bổ sung giấy tờ" in waiting
    assert "Gửi trực tuyến đến hết ngày 08/12/2025" in waiting
    screenshot(page, f"intake-supplement-{width}")
    sqlite_intake.post(f"/dossiers/{code}/supplement", {"papers": ["Bản vẽ"]})
    sqlite_intake.receive_event("dossier.resumed", code, supplemented=True, resumed_at="2025-11-25T09:00:00+07:00")
    assert "tính lại từ khi bổ sung đủ giấy tờ" in look_up()
    sqlite_intake.receive_event("dossier.extended", code, agency="H12.14.02", reason=long_reason)
    assert "Xin lỗi và hẹn lại" in look_up()
    screenshot(page, f"intake-extended-{width}")
    sqlite_intake.receive_event("dossier.stopped", code, cause="withdrawn", reason=long_reason)
    stopped = look_up()
    assert "Công dân rút hồ sơ" in stopped
    assert "Xin lỗi và hẹn lại" not in stopped
    screenshot(page, f"intake-stopped-{width}")


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_screen(
    sqlite_intake: IntakeService, address: str, page_at: PageAt, width: int
) -> None:
    page = page_at(width)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    for name, path in {
        "lookup": "/intake/",
        "procedures": "/intake/procedures",
        "procedure": f"/intake/procedures/{LAND}",
    }.items():
        page.goto(address + path)
        assert page_width(page) <= width, name
        screenshot(page, f"intake-{name}-{width}")
    assert [text for text in errors if "Content Security Policy" in text] == []
