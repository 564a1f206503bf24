"""Routing's pages in a real browser: a whole step done by hand, on a phone and on a desktop, without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from shared.auth import issue_token
from tests.routing.service_fixture import DESK, REGISTRY, RoutingFixture
from tests.support.browser import PageAt, screenshot
from tests.support.serving import served

pytestmark = pytest.mark.browser
WIDTHS = (390, 1280)


@pytest.fixture
def address(sqlite_land: RoutingFixture) -> Iterator[str]:
    with served(sqlite_land.app()) as found:
        yield found


def sign_in(page: Page, address: str, service: RoutingFixture, role: str, agency: str, subject: str) -> None:
    page.goto(f"{address}/routing/")
    assert "/routing/sign-in" in page.url
    page.get_by_label("Mã truy cập").fill(issue_token(service.context.settings.auth, subject, role, agency))
    with page.expect_navigation():  # a click alone may return while the old page is gone and the new one not there
        page.get_by_role("button", name="Đăng nhập").click()


def fits(page: Page, width: int) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth") <= width)


@pytest.mark.parametrize("width", WIDTHS)
def test_an_officer_works_through_their_list(
    sqlite_land: RoutingFixture, address: str, page_at: PageAt, width: int
) -> None:
    sqlite_land.complete("transfer")
    for number in range(3):
        sqlite_land.receive(f"000.00.14.H57-251120-02{number:02d}")
    page = page_at(width, java_script_enabled=False)
    sign_in(page, address, sqlite_land, "officer", REGISTRY, "officer-1")
    assert page.get_by_role("link", name="Việc của đơn vị").inner_text().startswith("1")
    screenshot(page, f"routing-queue-{width}")
    page.get_by_role("link", name="Việc của đơn vị").click()
    page.get_by_role("link", name="Thẩm định hồ sơ").click()
    page.get_by_role("button", name="Nhận việc").click()
    assert "Đã lưu" in page.inner_text("main")
    assert "officer-1" in page.inner_text("main")
    screenshot(page, f"routing-task-{width}")
    page.get_by_label("Ghi chú cho bước sau").fill("Đã đối chiếu bản gốc.")
    page.get_by_role("button", name="Hoàn thành", exact=False).first.click()
    assert "Đã xong" in page.inner_text("main")
    page.get_by_role("link", name="Hồ sơ 000").click()
    assert "Sổ nguyên vẹn" in page.inner_text("main")
    screenshot(page, f"routing-dossier-{width}")


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_fit_the_screen(sqlite_land: RoutingFixture, address: str, page_at: PageAt, width: int) -> None:
    page = page_at(width)
    sign_in(page, address, sqlite_land, "leader", DESK, "leader-1")
    assert fits(page, width)
    page.goto(f"{address}/routing/?queue=unit")
    assert fits(page, width)
    screenshot(page, f"routing-unit-{width}")
    with page.expect_navigation():
        page.get_by_role("link", name="Chuyển hồ sơ đến").click()
    assert fits(page, width)


def test_marked_steps_are_completed_together(sqlite_land: RoutingFixture, address: str, page_at: PageAt) -> None:
    sqlite_land.receive("000.00.14.H57-251120-0200")
    page = page_at(1280)
    sign_in(page, address, sqlite_land, "clerk", DESK, "clerk-1")
    page.goto(f"{address}/routing/?queue=unit")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Hoàn thành việc đã chọn").click()
    assert "Đã hoàn thành 2 việc" in page.get_by_role("status").inner_text()


def test_a_refused_request_is_explained_in_place(sqlite_land: RoutingFixture, address: str, page_at: PageAt) -> None:
    sqlite_land.complete("transfer")
    page = page_at(1280)
    sign_in(page, address, sqlite_land, "officer", REGISTRY, "officer-1")
    page.goto(f"{address}/routing/tasks/{sqlite_land.open_task().id}")
    page.get_by_text("Yêu cầu bổ sung").first.click()
    supplement = page.locator("details", has_text="Yêu cầu bổ sung")
    supplement.get_by_label("Lý do").fill("Thiếu trang")
    supplement.get_by_label("Giấy tờ").fill(" ")
    supplement.get_by_role("button").click()
    assert "giấy tờ cần bổ sung" in page.get_by_role("alert").inner_text()


def test_another_site_cannot_act_in_a_session(sqlite_land: RoutingFixture) -> None:
    client = sqlite_land.client()
    task = sqlite_land.open_task()
    client.set_cookie("motcua_session", issue_token(sqlite_land.context.settings.auth, "clerk-1", "clerk", DESK))
    form = {"action": "complete", "outcome": "completed"}
    for headers, status in (
        ({}, 401),
        ({"Origin": "https://elsewhere.example"}, 400),
        ({"Sec-Fetch-Site": "cross-site"}, 400),
    ):
        assert client.post(f"/routing/tasks/{task.id}", data=form, headers=headers).status_code == status
    assert client.post(f"/routing/api/tasks/{task.id}/complete", json={"outcome": "completed"}).status_code == 401
    own = {"Origin": "http://localhost"}
    assert client.post(f"/routing/tasks/{task.id}", data=form, headers=own).status_code == 303


def test_signing_in_leads_nowhere_else(sqlite_land: RoutingFixture) -> None:
    client = sqlite_land.client()
    token = issue_token(sqlite_land.context.settings.auth, "clerk-1", "clerk", DESK)
    for wanted in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"):
        answer = client.post(
            "/routing/sign-in", data={"token": token, "next": wanted}, headers={"Origin": "http://localhost"}
        )
        assert answer.headers["Location"] == "/routing/", wanted
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


@pytest.mark.parametrize("width", WIDTHS)
def test_a_leader_enters_the_agencys_staff(
    sqlite_land: RoutingFixture, address: str, page_at: PageAt, width: int
) -> None:
    page = page_at(width, java_script_enabled=False)
    sign_in(page, address, sqlite_land, "leader", REGISTRY, "leader-1")
    page.get_by_role("link", name="Cán bộ").click()
    for subject, role in (("officer-1", "Chuyên viên"), ("officer-2", "Chuyên viên")):
        page.get_by_label("Mã cán bộ").fill(subject)
        page.get_by_label("Vai trò").select_option(label=role)
        page.get_by_role("button", name="Thêm cán bộ").click()
    page.get_by_label("Người vắng").select_option("officer-1")
    page.get_by_label("Người làm thay").select_option("officer-2")
    page.get_by_role("button", name="Ghi vắng mặt").click()
    assert "officer-2 làm thay" in page.inner_text("main")
    page.get_by_role("button", name="Ghi vắng mặt").click()
    assert "Trùng với đợt vắng" in page.get_by_role("alert").inner_text()
    page.get_by_label("Người trực").select_option("officer-2")
    page.get_by_role("button", name="Phân trực").click()
    assert "20/11/2025: officer-2, " in page.inner_text("main")
    screenshot(page, f"routing-people-{width}")
