"""Intake's pages in a real browser: usable on a telephone, and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Thread

import pytest
from werkzeug.serving import make_server

from tests.intake.world import LAND, World
from tests.support.browser import PageAt, screenshot

pytestmark = pytest.mark.browser
WIDTHS = (360, 1280)


@pytest.fixture
def address(lone_world: World) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, lone_world.client.application, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


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
