"""Routing's pages in a real browser: a whole step done by hand, on a phone and on a desktop, without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from shared.auth import issue_token
from tests.routing.service_fixture import CODE, DESK, REGISTRY, RoutingFixture
from tests.support.browser import PageAt, page_width, screenshot
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
    return bool(page_width(page) <= width)


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
    assert "Phiếu không bị sửa đổi" in page.inner_text("main")
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
    expect(page.get_by_role("listitem").filter(has_text="H57-251120")).to_have_count(2)  # asked first
    assert sqlite_land.step("transfer").state == "open"
    page.get_by_role("button", name="Hoàn thành").click()
    assert "Đã hoàn thành 2 việc" in page.get_by_role("status").inner_text()
    page.reload()
    assert sqlite_land.step("assessment").state == "open", "reloading does not complete anything again"
    assert page.get_by_role("status").count() == 0, "nor tells of it again"


def test_refusing_is_asked_about_first(sqlite_land: RoutingFixture, address: str, page_at: PageAt) -> None:
    sqlite_land.complete("transfer")
    page = page_at(1280, java_script_enabled=False)
    sign_in(page, address, sqlite_land, "officer", REGISTRY, "officer-1")
    page.goto(f"{address}/routing/tasks/{sqlite_land.open_task().id}")
    refusal = page.locator("details", has_text="Từ chối giải quyết")
    refusal.locator("summary").click()
    refusal.get_by_label("Lý do").fill("Đất đang tranh chấp")
    refusal.get_by_label("Số văn bản từ chối").fill("12/TB-VPĐK")
    refusal.get_by_role("button").click()
    asked = page.inner_text("main")
    for text in ("không hoàn tác được", "Đất đang tranh chấp", "12/TB-VPĐK", CODE):
        assert text in asked
    screenshot(page, "routing-confirm-refusal")
    assert sqlite_land.dossier().state == "active"
    page.get_by_role("button", name="Từ chối giải quyết").click()
    page.get_by_text("Đã lưu").wait_for()
    assert sqlite_land.event_names("dossier.resolved", "step.completed")


def test_nothing_marked_and_nothing_completed_is_no_success(sqlite_land: RoutingFixture) -> None:
    client, task = sqlite_land.client(), sqlite_land.open_task()
    token = sqlite_land.token("clerk", DESK, "clerk-1") | {"Accept": "text/html"}
    nothing = client.post("/routing/?queue=unit", headers=token)
    assert nothing.status_code == 422
    assert "Vui lòng chọn" in nothing.text
    sqlite_land.complete("transfer")
    page = client.post("/routing/?queue=unit", data={"task": task.id, "confirmed": "1"}, headers=token).text
    assert "Không hoàn thành được việc nào" in page
    assert 'role="status"' not in page


def test_boxes_stand_only_where_the_person_may_complete(sqlite_land: RoutingFixture) -> None:
    client = sqlite_land.client()
    boxes = {
        role: client.get("/routing/?queue=unit", headers=sqlite_land.token(role, DESK, f"{role}-1")).text.count(
            'type="checkbox"'
        )
        for role in ("clerk", "leader")
    }
    assert boxes == {"clerk": 1, "leader": 1}
    claimed = sqlite_land.open_task()
    client.post(f"/routing/api/tasks/{claimed.id}/claim", headers=sqlite_land.token("clerk", DESK, "clerk-2"))
    other = client.get("/routing/?queue=unit", headers=sqlite_land.token("clerk", DESK, "clerk-1")).text
    assert 'type="checkbox"' not in other, "a colleague has claimed it"
    sqlite_land.complete_steps("transfer", "assessment:no_tax", "printing", "checking")
    for role, expected in (("officer", 0), ("leader", 1)):
        page = client.get("/routing/?queue=unit", headers=sqlite_land.token(role, REGISTRY, f"{role}-1")).text
        assert page.count('type="checkbox"') == expected, "only leaders sign"


def test_a_step_shows_what_it_is_about(sqlite_land: RoutingFixture) -> None:
    client = sqlite_land.client()
    for path in (f"/routing/tasks/{sqlite_land.open_task().id}", f"/routing/dossiers/{CODE}"):
        page = client.get(path, headers=sqlite_land.token("clerk", DESK, "clerk-1")).text
        assert "Đăng ký biến động" in page
        assert "chuyển nhượng" in page
        assert "17:30 ngày 02/12/2025" in page
        assert f'href="/intake/dossiers/{CODE}"' in page


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
    page.get_by_text("Mục khác").click()
    page.get_by_role("link", name="Cán bộ", exact=True).click()
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
