"""Filing online in a real browser, with the identity provider as a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from shared.openid import OpenIdClient, OpenIdSettings
from shared.openid.settings import BUILT_IN, CALLBACK
from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.intake.online_fixture import pdf, png
from tests.intake.service_fixture import IntakeService
from tests.support.browser import PageAt, page_width, press_back, screenshot
from tests.support.processes import Proc, python, wait_port
from tests.support.serving import served

pytestmark = pytest.mark.browser


@pytest.fixture
def address(sqlite_intake: IntakeService, spawn_process: Callable[..., Proc], tmp_path: Path) -> Iterator[str]:
    app = sqlite_intake.client.application
    with served(app) as found:
        port, secret = free_port(), "a secret of the tests, long enough"
        redirect = found + CALLBACK
        arguments = (str(port), str(tmp_path / "provider"), redirect, secret)
        process = spawn_process(python("-m", "tests.support.identity_provider", *arguments))
        wait_port(port, process=process)
        settings = OpenIdSettings(f"http://127.0.0.1:{port}/{BUILT_IN}", "motcua", secret, redirect)
        known = app.extensions["motcua.intake"]
        app.extensions["motcua.intake"] = replace(known, openid=OpenIdClient(settings))
        yield found


@pytest.mark.parametrize(("width", "scripts"), [(390, False), (1280, True)])
def test_a_citizen_signs_in_files_and_comes_back(
    sqlite_intake: IntakeService, address: str, page_at: PageAt, tmp_path: Path, width: int, scripts: bool
) -> None:
    page = page_at(width, java_script_enabled=scripts)
    (tmp_path / "don.pdf").write_bytes(pdf())
    (tmp_path / "so.png").write_bytes(png(40, 30))
    (tmp_path / "virus.pdf").write_bytes(b"MZ not a document")

    def look(name: str) -> None:
        page.locator("h1").wait_for()
        if scripts:
            assert page_width(page) <= width, name
        screenshot(page, f"online-{name}-{width}")

    def go_on(name: str) -> None:
        look(name)
        page.get_by_role("button", name="tiếp tục").or_(page.get_by_role("button", name="Tiếp tục")).click()

    page.goto(f"{address}/intake/online")
    look("sign-in")
    page.get_by_role("link", name="Đăng nhập bằng tài khoản định danh").click()
    look("provider")
    page.get_by_role("button", name="Không đăng nhập").click()
    assert "Ông/bà chưa đăng nhập" in page.get_by_role("alert").inner_text()
    page.get_by_role("link", name="Đăng nhập bằng tài khoản định danh").click()
    page.get_by_role("button", name="Chọn Trần Thị An").click()
    assert page.url == f"{address}/intake/mine"
    look("mine-empty")
    page.get_by_role("link", name="Nộp hồ sơ mới").click()
    page.get_by_label("Tìm theo tên hoặc mã").fill("sang ten so do")
    page.get_by_role("button", name="Tìm").click()
    look("procedures")
    page.locator('form:has(input[value="1.013831"]) button').click()
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    assert "chọn một trường hợp" in page.get_by_role("alert").inner_text()
    page.locator('input[value="transfer"]').check()
    go_on("case")
    page.get_by_label("Bộ phận Một cửa").select_option("H12.31.01")
    go_on("desk")
    assert "096190002345" in page.inner_text("main"), "known from the sign-in, not asked"
    page.get_by_label("Số điện thoại").fill("12")
    go_on("applicant")
    assert page.get_by_label("Số điện thoại").input_value() == "12"
    page.get_by_label("Số điện thoại").fill("0912345670")
    go_on("applicant")
    page.get_by_label("Số định danh của người cùng đứng tên").fill("096190002345")
    page.get_by_role("button", name="Thêm người này").click()
    assert "số định danh của ông/bà" in page.get_by_role("alert").inner_text()
    page.get_by_label("Số định danh của người cùng đứng tên").fill("096085003456")
    page.get_by_role("button", name="Thêm người này").click()
    go_on("others")
    for paper, file in (("application", "don.pdf"), ("certificate", "so.png"), ("contract", "virus.pdf")):
        page.locator(f'a[href$="/papers/{paper}"]').click()
        page.get_by_label("Thêm tệp").set_input_files(str(tmp_path / file))
        page.get_by_role("button", name="Tải lên", exact=True).click()
        if file == "virus.pdf":
            assert "Chỉ nhận tệp PDF" in page.get_by_role("alert").inner_text()
            look("refused-upload")
            page.get_by_label("Thêm tệp").set_input_files(str(tmp_path / "don.pdf"))
            page.get_by_role("button", name="Tải lên", exact=True).click()
        look("upload")
        page.get_by_role("link", name="Xong giấy tờ này").click()
    go_on("papers")
    page.get_by_label("Bản điện tử").check()
    go_on("result")
    go_on("fee")
    press_back(page, "/check", forward=True)
    look("check")
    page.get_by_role("button", name="Nộp hồ sơ", exact=True).click()
    assert "lời cam đoan" in page.get_by_role("alert").inner_text()
    page.get_by_label("Tôi cam đoan").check()
    page.get_by_role("button", name="Nộp hồ sơ", exact=True).click()
    assert "Chưa đủ người cùng đứng tên đồng ý" in page.get_by_role("alert").inner_text()
    look("not-all-agreed")
    agree(page_at(width, java_script_enabled=scripts), address, width)
    page.get_by_label("Tôi cam đoan").check()
    page.get_by_role("button", name="Nộp hồ sơ", exact=True).click()
    page.get_by_role("heading", name="Hồ sơ đã được gửi").wait_for()
    look("submitted")
    (application,) = sqlite_intake.rows("application")
    assert application["code"] in page.inner_text("main")
    page.get_by_role("link", name="Về hồ sơ của tôi").click()
    assert "Chờ tiếp nhận" in page.inner_text("main")
    asked = {"papers": ["Bản chụp Giấy chứng nhận"], "reason": "Ảnh bị mờ, không đọc được."}
    assert sqlite_intake.post(f"/applications/{application['code']}/supplement-request", asked).status_code == 200
    page.reload()
    look("mine")
    page.get_by_role("link", name="Đăng ký biến động").click()
    look("own-application")
    page.get_by_role("link", name="Bổ sung trực tuyến").click()
    page.get_by_role("button", name="Kiểm tra và gửi").click()
    assert "Chưa có tệp nào" in page.get_by_role("alert").inner_text()
    page.get_by_role("link", name="Tải lên").click()
    page.get_by_label("Thêm tệp").set_input_files(str(tmp_path / "so.png"))
    page.get_by_role("button", name="Tải lên", exact=True).click()
    look("own-supplement-paper")
    page.get_by_role("link", name="Xong giấy tờ này").click()
    look("own-supplement")
    page.get_by_role("button", name="Kiểm tra và gửi").click()
    look("own-supplement-check")
    page.get_by_role("button", name="Gửi giấy tờ bổ sung").click()
    assert "Đã gửi giấy tờ bổ sung" in page.get_by_role("status").inner_text()
    page.get_by_role("link", name="Hồ sơ của tôi").click()
    assert "Đã bổ sung, chờ tiếp nhận" in page.inner_text("main")
    page.get_by_role("button", name="Đăng xuất").click()
    page.get_by_role("heading", name="Ông/bà đã đăng xuất").wait_for()
    page.goto(f"{address}/intake/online")
    assert "/sign-in" in page.url


def agree(page: Page, address: str, width: int) -> None:
    """The co-applicant signs in, looks at all of it, and agrees."""
    page.goto(f"{address}/intake/mine")
    page.get_by_role("link", name="Đăng nhập bằng tài khoản định danh").click()
    page.get_by_role("button", name="Chọn Lê Văn Bình").click()
    screenshot(page, f"online-asked-{width}")
    page.get_by_role("link", name="Đăng ký biến động").click()
    screenshot(page, f"online-together-{width}")
    assert "Trần Thị An, 096190002345" in page.inner_text("main")
    page.get_by_role("button", name="Đồng ý cùng đứng tên").click()
    assert "lời cam đoan" in page.get_by_role("alert").inner_text()
    page.get_by_label("Tôi đã xem toàn bộ hồ sơ").check()
    page.get_by_role("button", name="Đồng ý cùng đứng tên").click()
    assert "ông/bà đồng ý" in page.get_by_role("status").inner_text()
