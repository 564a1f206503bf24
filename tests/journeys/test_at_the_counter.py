"""A clerk serves a visitor by keyboard alone, from filing to the return slip, in Chromium over real processes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from shared.client.http import wait_for
from shared.client.people import People
from tests.intake.test_intake_desk_browser import CARD, tab_to
from tests.journeys.actors import DESK, TIMEOUT, step_at
from tests.journeys.test_journey import WAY
from tests.support.browser import PageAt, open_paper
from tests.support.platform import Running

RESOLVED = 9
"""The state "Đã xử lý xong"."""


@pytest.mark.browser
def test_a_visitor_is_served_by_keyboard_alone(demo: Running, page_at: PageAt) -> None:
    people = demo.people()
    bearer = people.tokens("clerk", DESK)
    page = page_at(1280, extra_http_headers={"Authorization": f"Bearer {bearer}"})
    code = receive(demo, page)
    work_until_the_result(people, code)
    hand_over(demo, page, code)
    print_the_return_slip(demo, page, code)


def receive(demo: Running, page: Page) -> str:
    """Receives a land transfer, its fee in cash, and prints the receipt; the dossier's code."""
    keys = page.keyboard
    page.goto(f"{demo.public_address}/intake/desk")
    keys.type("1.013831")
    keys.press("Enter")
    page.get_by_role("heading", name="trường hợp nào").wait_for()
    place = page.locator("input[name=case]").evaluate_all("all => all.findIndex(one => one.value === 'transfer')")
    keys.press(str(place + 1))
    page.locator("[name='card']:focus").wait_for()
    keys.insert_text(CARD)
    keys.press("Enter")
    page.locator("[name='applicant.phone']:focus").wait_for()
    keys.type("0912345678")
    keys.press("F8")
    page.locator("button[value='review']:focus").wait_for()
    keys.press("F4")
    page.get_by_role("heading", name="Thông tin đã đúng chưa").wait_for()
    keys.press("Enter")
    page.get_by_role("heading", name="Đã tiếp nhận").wait_for()
    code: str = page.url.rpartition("/")[2].partition("?")[0]
    keys.press("Enter")
    page.get_by_text("Đã thu tiền.").wait_for()
    open_paper(page, lambda: keys.press("Enter"))
    page.locator("#next:focus").wait_for()
    return code


def work_until_the_result(people: People, code: str) -> None:
    """The agencies do their steps; there is no tax to be paid."""
    people.complete(step_at(people, code, "transfer"), "completed")
    people.complete(step_at(people, code, "assessment"), "no_tax")
    for step, _, _ in WAY[3:]:
        people.complete(step_at(people, code, step), "completed")
    desk = people.client_for("clerk", DESK)
    wait_for(lambda: desk.get(f"/intake/api/dossiers/{code}")["state"] == RESOLVED, TIMEOUT, "the result at the desk")


def hand_over(demo: Running, page: Page, code: str) -> None:
    """Finds the dossier in the list, and hands its result over to the applicant."""

    def told() -> bool:
        open_by_keyboard(page, f"{demo.public_address}/intake/dossiers", f"/intake/dossiers/{code}")
        tab_to(page, f"a[href='/intake/dossiers/{code}/return']")
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Trả kết quả").wait_for()
        return page.locator("[name=citizen_notified]").count() == 0

    wait_for(told, TIMEOUT, "the message that the result is ready early")
    tab_to(page, "[name=identity]")
    page.keyboard.press("Space")
    tab_to(page, "main form.panel:has([name=identity]) button")
    page.keyboard.press("Enter")
    page.locator("[name=confirmed]").wait_for(state="attached")
    tab_to(page, "main .actions button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{demo.public_address}/intake/dossiers/{code}")


def open_by_keyboard(page: Page, start: str, link: str) -> None:
    page.goto(start)
    tab_to(page, f"a[href='{link}']")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{link}")


def print_the_return_slip(demo: Running, page: Page, code: str) -> None:
    """The slip is issued by itself soon after; the clerk opens it from the dossier's papers."""
    papers = f"/intake/dossiers/{code}/documents"
    slip = page.get_by_role("row").filter(has_text="Phiếu trả kết quả").get_by_role("link", name="PDF")

    def issued() -> bool:
        open_by_keyboard(page, f"{demo.public_address}/intake/dossiers/{code}", papers)
        return slip.count() == 1

    wait_for(issued, TIMEOUT, "the return slip")
    address = slip.get_attribute("href")
    tab_to(page, f"a[href='{address}']")
    with page.expect_response(f"**{address}") as answer:
        page.keyboard.press("Enter")
    assert (answer.value.status, answer.value.headers["content-type"]) == (200, "application/pdf")
