from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error

from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.browser import screenshot
from tests.support.processes import Proc, python, wait_port

if TYPE_CHECKING:
    from tests.support.browser import PageAt

pytestmark = pytest.mark.browser


def test_page_has_the_width_and_the_language_asked_for(page_at: PageAt) -> None:
    page = page_at(360)
    page.set_content("<h1>Một cửa</h1>")
    assert page.evaluate("[innerWidth, navigator.language]") == [360, "vi-VN"]
    assert page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone") in {"Asia/Ho_Chi_Minh", "Asia/Saigon"}
    assert page.get_by_role("heading").inner_text() == "Một cửa"


def test_pages_do_not_share_cookies(page_at: PageAt, spawn_process: Callable[..., Proc], tmp_path: Path) -> None:
    port = free_port()
    server = spawn_process(python("-m", "http.server", "--bind", "127.0.0.1", str(port)), cwd=tmp_path)
    wait_port(port, process=server)
    one, other = page_at(1280), page_at(1280)
    for page in (one, other):
        page.goto(f"http://127.0.0.1:{port}/")
    one.evaluate("document.cookie = 'role=clerk'")
    assert one.evaluate("document.cookie") == "role=clerk"
    assert other.evaluate("document.cookie") == ""


def test_pages_cannot_reach_the_internet(page_at: PageAt) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page_at(1280).goto("http://www.gov.vn/")


def test_screenshots_are_saved_only_on_request(page_at: PageAt, tmp_path: Path) -> None:
    page = page_at(360)
    page.set_content("<h1>Một cửa</h1>")
    assert screenshot(page, "home", environ={}) is None
    kept = screenshot(page, "trang chủ / 360", environ={"SCREENSHOT_DIR": str(tmp_path / "shots")})
    assert kept == tmp_path / "shots" / "trang-chủ-360.png"
    assert kept.read_bytes().startswith(b"\x89PNG")
