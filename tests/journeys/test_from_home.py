"""A citizen does everything from home (level 4), from finding the procedure to the result, in Chromium over real processes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page

from shared.client.http import wait_for
from shared.client.people import People
from tests.intake.online_fixture import pdf, png
from tests.journeys.actors import DESK, TIMEOUT, step_at
from tests.journeys.test_journey import TAX, WAY
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.platform import Running

pytestmark = pytest.mark.browser
WIDTH = 390
RESOLVED = 9
"""The state "Đã xử lý xong"."""


def test_a_land_transfer_is_done_from_home(demo: Running, page_at: PageAt, tmp_path: Path) -> None:
    citizen, people = page_at(WIDTH), demo.people()
    sign_in_and_find(demo, citizen)
    code, secret = file_online(citizen, tmp_path)
    accept(demo, page_at)
    follow(demo, citizen, code, secret)
    pay(citizen)
    work_until_the_tax(people, code)
    follow(demo, citizen, code, secret)
    pay(citizen)
    hand_over_electronically(demo, people, page_at, code, tmp_path)
    fetch_the_result(demo, citizen, code, secret)
    get_own_data(demo, citizen, code)


def sign_in_and_find(demo: Running, page: Page) -> None:
    page.goto(f"{demo.public_address}/intake/procedures")
    page.get_by_label("Ông/bà cần làm việc gì?").fill("sang ten so do")
    page.get_by_role("button", name="Tìm").click()
    page.locator(".procedures a").first.click()
    look(page, "procedure")
    page.goto(f"{demo.public_address}/intake/online")
    page.get_by_role("link", name="Đăng nhập bằng tài khoản định danh").click()
    page.get_by_role("button", name="Chọn Trần Thị An").click()
    page.get_by_role("link", name="Nộp hồ sơ mới").click()
    page.get_by_label("Tìm theo tên hoặc mã").fill("sang ten so do")
    page.get_by_role("button", name="Tìm").click()
    page.locator('form:has(input[value="1.013831"]) button').click()


def file_online(page: Page, folder: Path) -> tuple[str, str]:
    """Files a land transfer; its code and secret."""
    (folder / "don.pdf").write_bytes(pdf())
    (folder / "so.png").write_bytes(png(40, 30))
    page.locator('input[value="transfer"]').check()
    go_on(page, "case")
    page.get_by_label("Bộ phận Một cửa").select_option(DESK)
    go_on(page, "desk")
    go_on(page, "applicant")
    go_on(page, "people")
    for paper, file in (("application", "don.pdf"), ("certificate", "so.png"), ("contract", "don.pdf")):
        page.locator(f'a[href$="/papers/{paper}"]').click()
        page.get_by_label("Thêm tệp").set_input_files(str(folder / file))
        page.get_by_role("button", name="Tải lên", exact=True).click()
        page.get_by_role("link", name="Xong giấy tờ này").click()
    go_on(page, "papers")
    page.get_by_label("Bản điện tử").check()
    go_on(page, "result")
    go_on(page, "fee")
    page.get_by_label("Tôi cam đoan").check()
    look(page, "check")
    page.get_by_role("button", name="Nộp hồ sơ", exact=True).click()
    page.get_by_role("heading", name="Hồ sơ đã được gửi").wait_for()
    look(page, "submitted")
    code, secret = page.locator("main .notice .code").all_inner_texts()
    return code, secret


def go_on(page: Page, name: str) -> None:
    look(page, name)
    page.get_by_role("button", name="tiếp tục").or_(page.get_by_role("button", name="Tiếp tục")).click()


def look(page: Page, name: str) -> None:
    """The page is there, and no wider than the window."""
    page.locator("h1").first.wait_for()
    assert page_width(page) <= WIDTH, name
    screenshot(page, f"from-home-{name}")


def staff(demo: Running, page_at: PageAt, role: str, agency: str) -> Page:
    """A browser of an official."""
    token = demo.people().tokens(role, agency)
    return page_at(1280, extra_http_headers={"Authorization": f"Bearer {token}"})


def accept(demo: Running, page_at: PageAt) -> None:
    """The desk accepts the only application that waits."""
    page = staff(demo, page_at, "clerk", DESK)
    page.goto(f"{demo.public_address}/intake/applications")
    page.locator("main td.what a").first.click()
    page.get_by_role("main").get_by_role("link", name="Tiếp nhận", exact=True).click()
    page.get_by_role("button", name="Tiếp nhận hồ sơ").click()
    page.get_by_role("link", name="Xem hồ sơ đã tiếp nhận").wait_for()


def follow(demo: Running, page: Page, code: str, secret: str) -> None:
    """Looks the dossier up as somebody does who has only the message."""
    page.goto(f"{demo.public_address}/intake/")
    page.get_by_label("Mã hồ sơ").fill(code)
    page.get_by_label("Mã bí mật").fill(secret)
    page.get_by_role("button", name="Tra cứu").click()
    page.get_by_role("heading", name="Ông/bà cần làm gì bây giờ?").wait_for()
    look(page, "follow")


def pay(page: Page) -> None:
    """Pays the one thing that is owed at the trial gateway, and comes back."""
    page.get_by_role("link", name="Nộp trực tuyến").click()
    page.get_by_role("button", name="Nộp trực tuyến").last.click()
    page.get_by_role("link", name="Đến trang thanh toán").click()
    look(page, "gateway")
    page.locator("main form button").first.click()
    page.get_by_role("heading", name="Đã nộp tiền").wait_for()
    look(page, "paid")


def work_until_the_tax(people: People, code: str) -> None:
    """The agencies work until the tax office has set the tax, and the citizen can be told."""
    for step, _, _ in WAY[:2]:
        people.complete(step_at(people, code, step), "completed")
    people.complete(step_at(people, code, "tax"), "obligation", amount=TAX)
    desk = people.client_for("clerk", DESK)
    wait_for(lambda: desk.get(f"/intake/api/dossiers/{code}")["obligations"], TIMEOUT, "the tax at the desk")


def hand_over_electronically(demo: Running, people: People, page_at: PageAt, code: str, folder: Path) -> None:
    """The agencies finish, and the desk hands the signed result over as a file."""
    for step, _, _ in WAY[3:]:
        people.complete(step_at(people, code, step), "completed")
    desk = people.client_for("clerk", DESK)
    wait_for(lambda: desk.get(f"/intake/api/dossiers/{code}")["state"] == RESOLVED, TIMEOUT, "the result at the desk")
    page = staff(demo, page_at, "clerk", DESK)
    page.goto(f"{demo.public_address}/intake/dossiers/{code}/result-file")
    page.get_by_label("Tệp kết quả đã ký số").set_input_files(str(folder / "don.pdf"))
    page.get_by_label("Không. Người nộp tải tệp về").check()
    page.get_by_role("button", name="Phát hành kết quả điện tử").click()
    page.get_by_text("Đã phát hành kết quả điện tử").wait_for()


def fetch_the_result(demo: Running, page: Page, code: str, secret: str) -> None:
    """The citizen downloads the result, which is then received."""
    follow(demo, page, code, secret)
    with page.expect_download() as download:
        page.get_by_role("button", name="Tải kết quả").click()
    assert download.value.path().read_bytes() == pdf()
    follow(demo, page, code, secret)
    assert "Hồ sơ đã xong" in page.inner_text("main")


def get_own_data(demo: Running, page: Page, code: str) -> None:
    """The citizen asks for all that is kept about them; the messages and the invitation to rate come from the other services."""
    page.goto(f"{demo.public_address}/intake/mine")
    page.get_by_role("link", name="Dữ liệu của tôi").click()
    look(page, "my-data")
    page.get_by_role("button", name="Yêu cầu cung cấp dữ liệu").click()
    page.get_by_text("Đã nhận yêu cầu của ông/bà").wait_for()
    place = page.url

    def everything_is_there() -> bool:
        page.goto(place)
        return page.get_by_text("Chưa đủ").count() == 0

    wait_for(everything_is_there, TIMEOUT, "the answers of notify and rating")
    look(page, "my-data-export")
    shown = page.inner_text("main")
    for text in (code, "Trần Thị An", "don.pdf", "Tin nhắn đã gửi", "Mời đánh giá lúc", "Các lần cán bộ xem hồ sơ"):
        assert text in shown
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải tệp JSON").click()
    found = json.loads(download.value.path().read_text("utf-8"))
    assert found["complete"] is True
    (one,) = [each for each in found["dossiers"] if each["code"] == code]
    assert "result_published" in [message["kind"] for message in one["messages"]]
    assert one["rating"]["given_at"] is None
