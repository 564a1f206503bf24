"""Intake's pages in a real browser: usable on a telephone, and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.intake.service_fixture import LAND, World
from tests.support.browser import PageAt, screenshot
from tests.support.serving import served

pytestmark = pytest.mark.browser
WIDTHS = (360, 1280)


@pytest.fixture
def address(lone_world: World) -> Iterator[str]:
    with served(lone_world.client.application) as found:
        yield found


@pytest.mark.parametrize("width", WIDTHS)
def test_a_citizen_looks_his_dossier_up(lone_world: World, address: str, page_at: PageAt, width: int) -> None:
    receipt = lone_world.file()
    lone_world.happen("obligation.requested", receipt["code"], amount=12_500_000)
    page = page_at(width)
    page.goto(f"{address}/intake/?code={receipt['code']}")
    page.get_by_label("Mã bí mật").fill("aaaaaa")
    page.keyboard.press("Enter")
    assert page.get_by_role("alert").inner_text().startswith("Không tìm thấy")
    page.get_by_label("Mã bí mật").fill(receipt["secret"].lower())
    page.get_by_role("button", name="Tra cứu").click()
    assert "12.500.000" in page.inner_text("main")
    assert page.url == f"{address}/intake/"
    screenshot(page, f"intake-dossier-{width}")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_citizen_sees_what_became_of_his_dossier(
    lone_world: World, address: str, page_at: PageAt, width: int
) -> None:
    receipt = lone_world.file()
    code = receipt["code"]
    long_reason = "Hợp đồng chưa có trang chứng thực của Ủy ban nhân dân cấp xã, đề nghị bổ sung. " * 3
    page = page_at(width)

    def look_up() -> str:
        page.goto(f"{address}/intake/?code={code}")
        page.get_by_label("Mã bí mật").fill(receipt["secret"])
        page.get_by_role("button", name="Tra cứu").click()
        page.get_by_role("heading", name=code).wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        return page.inner_text("main")

    lone_world.happen("step.assigned", code, agency="H12.14.02")
    lone_world.happen(
        "supplement.requested", code, agency="H12.14.02", reason=long_reason, papers=["Bản vẽ", "Tờ khai"]
    )
    asked = look_up()
    assert "Bạn cần bổ sung giấy tờ" in asked
    assert "17:30 ngày 08/12/2025" in asked
    screenshot(page, f"intake-supplement-{width}")
    lone_world.post(f"/dossiers/{code}/supplement", {"papers": ["Bản vẽ"]})
    lone_world.happen("dossier.resumed", code, supplemented=True, resumed_at="2025-11-25T09:00:00+07:00")
    assert "tính lại từ khi bổ sung đủ giấy tờ" in look_up()
    lone_world.happen("dossier.extended", code, agency="H12.14.02", reason=long_reason)
    assert "Xin lỗi và hẹn lại" in look_up()
    screenshot(page, f"intake-extended-{width}")
    lone_world.happen("dossier.stopped", code, cause="withdrawn", reason=long_reason)
    stopped = look_up()
    assert "Công dân rút hồ sơ" in stopped
    assert "Xin lỗi và hẹn lại" not in stopped
    screenshot(page, f"intake-stopped-{width}")
    staff = page_at(width, extra_http_headers=lone_world.token())
    staff.goto(f"{address}/intake/dossiers/{code}/receipt")
    printed = staff.inner_text("main")
    for text in ("Thông báo sau khi tiếp nhận", "Đã bổ sung", "hẹn lại", "Công dân rút hồ sơ"):
        assert text in printed
    assert staff.evaluate("document.documentElement.scrollWidth") <= width
    screenshot(staff, f"intake-receipt-turns-{width}")


@pytest.mark.parametrize("width", WIDTHS)
def test_no_page_is_wider_than_the_screen(lone_world: World, address: str, page_at: PageAt, width: int) -> None:
    receipt = lone_world.file()
    page = page_at(width, extra_http_headers=lone_world.token())
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    for name, path in {
        "lookup": "/intake/",
        "procedures": "/intake/procedures",
        "procedure": f"/intake/procedures/{LAND}",
        "receipt": f"/intake/dossiers/{receipt['code']}/receipt",
    }.items():
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        screenshot(page, f"intake-{name}-{width}")
    assert [text for text in errors if "Content Security Policy" in text] == []
