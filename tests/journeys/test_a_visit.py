"""A visit in three windows, over real processes: the kiosk, the board on the wall, and the clerk's counter."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.actors import DESK
from tests.journeys.test_at_the_counter import receive
from tests.support.browser import PageAt, screenshot
from tests.support.platform import Running

SOON = 60_000
"""Milliseconds; spent only when the test fails anyway."""


@pytest.mark.browser
@pytest.mark.parametrize("demo", ["embedded"], indirect=True)
def test_a_visitor_takes_a_number_is_called_files_and_the_boards_follow(demo: Running, page_at: PageAt) -> None:
    address = demo.public_address
    bearer = demo.people().tokens("clerk", DESK)
    clerk = page_at(1280, extra_http_headers={"Authorization": f"Bearer {bearer}"})
    kiosk, board = page_at(1080, 1920), page_at(1920, 1080)
    numbers = board.context.new_page()
    board.goto(f"{address}/intake/board/{DESK}")
    numbers.goto(f"{address}/stats/board/{DESK}")
    before = tile(numbers, "Đã phục vụ")
    pair(clerk, kiosk, address)

    kiosk.get_by_role("link", name="Lấy số thứ tự").click()
    kiosk.get_by_role("link", name="A – Đất đai").click()
    kiosk.get_by_role("button", name="Lấy số", exact=True).click()
    number = kiosk.locator(".ticket-number").inner_text()
    expect(board.locator(".lines .next").first).to_contain_text(number, timeout=SOON)

    clerk.goto(f"{address}/intake/counter")
    clerk.keyboard.press("1")
    clerk.get_by_role("heading", name="Quầy đang trống").wait_for()
    clerk.keyboard.press("F4")
    clerk.get_by_role("heading", name="Đang được gọi").wait_for()
    called = board.locator(".calls li").first
    expect(called).to_contain_text(number, timeout=SOON)
    expect(called).to_contain_text("Quầy 1")
    screenshot(board, "board-called", whole=False)
    clerk.keyboard.press("F4")
    clerk.get_by_role("heading", name="Đang được phục vụ").wait_for()
    code = receive(demo, clerk)
    clerk.goto(f"{address}/intake/counter/1")
    clerk.get_by_role("link", name=code).wait_for()
    clerk.keyboard.press("F9")
    clerk.get_by_role("heading", name="Quầy đang trống").wait_for()

    expect(board.locator(".counters")).not_to_contain_text(number, timeout=SOON)
    served = numbers.locator(".tickets li", has_text="Đã phục vụ").locator("strong")
    expect(served).to_have_text(str(before + 1), timeout=SOON)
    screenshot(numbers, "numbers-served", whole=False)
    kiosk.get_by_role("link", name="Xong").click()
    kiosk.get_by_role("heading", name="Ông/bà cần làm gì?").wait_for()


def tile(page: Page, name: str) -> int:
    """A number of the visitors of the day."""
    return int(page.locator(".tickets li", has_text=name).locator("strong").inner_text().replace(".", ""))


def pair(clerk: Page, kiosk: Page, address: str) -> None:
    """The clerk makes a code, and types it in at the kiosk."""
    clerk.goto(f"{address}/intake/kiosks")
    clerk.get_by_role("button", name="Tạo mã ghép nối").click()
    code = clerk.locator(".lead code").inner_text()
    kiosk.goto(f"{address}/intake/kiosk/{DESK}")
    kiosk.get_by_label("Mã ghép nối").fill(re.sub(r"\s", "", code))
    kiosk.keyboard.press("Enter")
    kiosk.get_by_role("heading", name="Ông/bà cần làm gì?").wait_for()
