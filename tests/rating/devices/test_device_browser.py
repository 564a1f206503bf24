"""A device as its visitors use it, in Chromium: on tablets upright and not, by number and without, and through a lost connection."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from services.rating.app import create_app
from services.rating.devices import store
from services.rating.devices.rules import device_rules
from services.rating.devices.store import deliveries, devices
from services.rating.ratings.store import ratings
from tests.rating.devices.device_fixture import pairing_code, served
from tests.support.browser import PageAt, screenshot
from tests.support.processes import wait_until
from tests.support.service import ServiceUnderTest
from tests.support.serving import served as serving

pytestmark = pytest.mark.browser

TABLETS = ((800, 1280), (1280, 800), (1024, 600), (600, 1024))
FITS = """() => {
    const shown = [...document.querySelectorAll('button, a.button')].filter(one => one.offsetParent)
    const boxes = shown.map(one => one.getBoundingClientRect())
    const inside = box => box.top >= 0 && box.bottom <= innerHeight && box.right <= innerWidth
    const main = document.querySelector('main')
    return [main.scrollHeight <= main.clientHeight + 1, document.documentElement.scrollWidth <= innerWidth, boxes.every(inside),
        boxes.every(box => box.height >= 60)]
}"""
"""Whether nothing scrolls or is cut off, and all that is touched is large."""
GAP = int(device_rules().gap.total_seconds() * 1000)


@pytest.fixture
def address(rating: ServiceUnderTest) -> Iterator[str]:
    with serving(rating.app(create_app)) as found:
        yield found


def paired(page: Page, address: str, rating: ServiceUnderTest) -> None:
    """Pairs a page as somebody does who stands before the tablet."""
    page.goto(f"{address}/rating/device/")
    page.get_by_label("Mã ghép nối").fill(pairing_code(rating.store))
    page.keyboard.press("Enter")
    page.wait_for_url("**/rating/device/?lang=vi")


def call(rating: ServiceUnderTest, ticket: str, number: str, place: int) -> None:
    """The counter calls a number."""
    rating.apply(served("called", ticket, rating.store.clock.now(), number, place=place))


def test_every_step_fits_a_tablet_and_a_visit_is_rated_by_its_number(
    rating: ServiceUnderTest, address: str, page_at: PageAt
) -> None:
    page = page_at(*TABLETS[0])
    paired(page, address, rating)

    def fits(step: str) -> None:
        for width, height in TABLETS:
            page.set_viewport_size({"width": width, "height": height})
            screenshot(page, f"device-{step}-{width}x{height}", whole=False)
            assert page.evaluate(FITS) == [True, True, True, True], (step, width, height)
        page.evaluate(Axe().axe_script)
        assert page.evaluate("axe.run().then(found => found.violations.map(one => one.id))") == [], step

    expect(page.get_by_role("heading", name="Ông/bà có hài lòng về sự phục vụ không?")).to_be_visible()
    fits("ask")
    call(rating, "t-1", "A012", 1)
    expect(page.get_by_role("heading", name="Đang phục vụ")).to_be_visible()
    expect(page.locator(".big")).to_have_text("A012")
    fits("called")
    rating.apply(served("served", "t-1", rating.store.clock.now(), place=2))
    expect(page.get_by_text("Số A012")).to_be_visible()
    fits("ask-number")
    page.get_by_role("button", name="Rất hài lòng").click()
    for name, said in (("Xin chào", "Có"), ("Xin lỗi", "Không"), ("Xin cảm ơn", "Có"), ("Xin lỗi", "Có")):
        page.get_by_role("group", name=name).get_by_role("button", name=said).click()
    fits("courtesy")
    page.get_by_role("button", name="Gửi đánh giá").click()
    expect(page.get_by_role("heading", name="Cảm ơn ông/bà đã đánh giá")).to_be_visible()
    fits("thanks")
    wait_until(lambda: len(rating.rows(ratings)) == 1, what="the rating delivered")
    [kept] = rating.rows(ratings)
    assert (kept["score"], kept["counter"]) == (5, 3)
    assert kept["courtesy"] == {"greeting": True, "apology": True, "thanks": True}
    expect(page.get_by_role("heading", name="Kính chào ông/bà")).to_be_visible()
    fits("idle")
    page.get_by_role("link", name="English").click()
    page.get_by_role("button", name="Rate without a number").click()
    expect(page.get_by_text("You rate without a number.")).to_be_visible()
    fits("ask-english")
    rating.hand.pass_(60)
    wait_until(lambda: rating.rows(devices)[0]["seen_at"] is not None, what="the report of the device")


def test_a_reload_without_a_connection_loses_nothing_and_all_is_delivered_later(
    rating: ServiceUnderTest, address: str, page_at: PageAt
) -> None:
    page = page_at(1024, 600)
    paired(page, address, rating)
    page.locator("html[data-kept=yes]").wait_for(state="attached")
    page.context.set_offline(True)
    expect(page.get_by_text("Đang mất kết nối.")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Bình thường").click()
    page.get_by_role("heading", name="Công chức có nói").wait_for()
    page.reload()  # in the middle of a rating, by a guard or a power cut
    page.get_by_role("heading", name="Ông/bà có hài lòng").wait_for()
    page.get_by_role("link", name="English").click()
    page.get_by_role("button", name="Very satisfied").wait_for()
    rating.hand.pass_(GAP / 1000 + 5)
    page.get_by_role("button", name="Very satisfied").click()
    page.get_by_role("button", name="Send").click()
    page.get_by_role("heading", name="Thank you").wait_for()
    screenshot(page, "device-offline", whole=False)
    assert rating.rows(deliveries) == []
    page.context.set_offline(False)
    wait_until(lambda: len(rating.rows(deliveries)) == 2, what="both delivered")
    assert sorted(row["sequence"] for row in rating.rows(deliveries)) == [1, 2]
    wait_until(lambda: page.evaluate("waiting().then((all) => all.length)") == 0, what="nothing left")


def test_an_unpaired_tablet_says_so_and_keeps_what_it_has(
    rating: ServiceUnderTest, address: str, page_at: PageAt
) -> None:
    page = page_at(800, 1280)
    paired(page, address, rating)
    expect(page.get_by_role("button", name="Rất hài lòng")).to_be_visible()

    rating.store.run(lambda work: store.unpair(work.connection, "H12.31.01", 1))
    expect(page.get_by_role("heading", name="Máy chưa được ghép nối")).to_be_visible()
    screenshot(page, "device-unpaired", whole=False)
    page.get_by_role("link", name="Nhập mã ghép nối").click()
    page.get_by_label("Mã ghép nối").wait_for()
