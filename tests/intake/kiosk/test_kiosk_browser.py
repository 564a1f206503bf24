"""A kiosk as its visitors use it, in Chromium."""

from __future__ import annotations

import socket

from playwright.sync_api import Page, expect

from services.intake.components import EXTENSION
from services.intake.kiosk.printing.printers import Printer
from tests.intake.kiosk.kiosk_fixture import HOME, pairing_code
from tests.intake.service_fixture import DESK, IntakeService
from tests.support.browser import PageAt, screenshot

SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select')].filter(one => one.offsetParent)
    .map(one => (one.closest('.choice') ?? one).getBoundingClientRect()).filter(box => box.height < 60).length"""
UPPER_HALF = """() => [...document.querySelectorAll('a, button, input:not([type=hidden])')].filter(one => one.offsetParent)
    .filter(one => one.getBoundingClientRect().top < innerHeight * .4).length"""


def test_a_visitor_takes_a_number_though_the_printer_is_off_and_leaves_nothing(
    sqlite_intake: IntakeService, address: str, page_at: PageAt
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        off = Printer("127.0.0.1", taken.getsockname()[1])
    made = sqlite_intake.client.application.extensions[EXTENSION]
    made.printers[DESK, 1] = off
    page = page_at(1080, 1920)
    page.clock.install()
    page.goto(f"{address}{HOME}")
    page.get_by_label("Mã ghép nối").fill(pairing_code(sqlite_intake))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ông/bà cần làm gì?")).to_be_visible()
    assert page.evaluate(SMALL) == 0

    page.get_by_role("button", name="Hạ thấp màn hình").click()
    page.get_by_role("link", name="Xem giấy tờ").click()
    page.get_by_role("button", name="k", exact=True).click()
    for key in "haisinh":
        page.get_by_role("button", name=key, exact=True).click()
    assert (page.get_by_role("textbox").input_value(), page.evaluate(UPPER_HALF)) == ("khaisinh", 0)
    screenshot(page, "kiosk-low", whole=False)

    page.get_by_role("link", name="Bắt đầu lại").click()
    page.get_by_role("link", name="Lấy số thứ tự").click()
    page.get_by_role("link", name="A – Đất đai").click()
    page.get_by_role("button", name="Lấy số", exact=True).click()
    expect(page.locator(".ticket-number")).to_have_text("A001")
    expect(page.get_by_role("status")).to_have_text("Máy in không trả lời.")
    expect(page.get_by_role("button", name="In bằng trình duyệt")).to_be_visible()
    assert page.evaluate(SMALL) == 0
    screenshot(page, "kiosk-issued", whole=False)

    page.clock.run_for(62_000)
    expect(page.get_by_role("dialog")).to_contain_text("Ông/bà còn ở đây không?")
    page.get_by_role("button", name="Tôi cần thêm thời gian").click()
    page.clock.run_for(30_000)
    expect(page.locator(".ticket-number")).to_be_visible()
    page.clock.run_for(60_000)
    expect(page.get_by_role("heading", name="Ông/bà cần làm gì?")).to_be_visible()
    _nothing_is_left(page, address)


def _nothing_is_left(page: Page, address: str) -> None:
    for _ in range(6):
        page.go_back()
        if not page.url.startswith(address):  # the empty page with which a browser begins
            break
        expect(page.locator("h1").first).to_have_text("Ông/bà cần làm gì?")
        assert "A001" not in page.content()
        page.goto(page.url)
        break
    kept = "async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, document.cookie]"
    assert page.evaluate(kept) == [0, 0, 0, ""]
