"""Pages: the base template, its macros, and how they look and read in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import render_template_string
from playwright.sync_api import ConsoleMessage

from shared.web.pages import vietnamese_money, vietnamese_time, written_date
from shared.web.problem import Problem
from tests.shared.web.example_app import ExampleApp
from tests.shared.web.test_gateway import Platform
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.serving import served

PROBLEM = Problem(422, "invalid", errors=[{"field": "person.phone", "message": "Số điện thoại chưa đúng."}])
GALLERY = """
{% extends "base.html" %}
{% import "macros.html" as ui %}
{% block content %}
<h1>{{ t("Nộp hồ sơ", "File a dossier") }}</h1>
{{ ui.problem_box(problem, {"person.phone": "Số điện thoại"}) }}
{{ ui.badge(t("Đúng hạn", "on time"), "good") }} {{ ui.badge("Đang xử lý", "busy") }}
{{ ui.badge("Chờ bổ sung", "waiting") }} {{ ui.badge("Quá hạn", "late") }} {{ ui.badge("Đã rút") }}
{{ ui.definitions([("Mã hồ sơ", "H12.31.01-260105-0001"), ("Ngày hẹn trả", moment|moment)]) }}
{{ ui.timeline([
  {"title": "Tiếp nhận", "time": moment, "state": "done"},
  {"title": "Thẩm định", "note": "Chi nhánh Văn phòng đăng ký đất đai", "state": "now"},
  {"title": "Trả kết quả", "state": "ahead"}]) }}
<form method="post">
  {{ ui.input("name", "Họ và tên", "Full name", value="<Nguyễn>", autocomplete="name") }}
  {{ ui.input("person.phone", "Số điện thoại", "Phone", hint="10 chữ số", errors=problem.errors, inputmode="tel") }}
  {{ ui.select("procedure", "Thủ tục", "Procedure", options=[(1, "Khai sinh"), (2, "Đất đai")], value="2") }}
  {{ ui.choices("channel", "Cách nhận kết quả", "Delivery", options=[("desk", "Tại quầy"), ("post", "Qua bưu chính")], value="desk") }}
  {{ ui.textarea("note", "Ghi chú", "Note", required=false) }}
  {{ ui.button("Nộp hồ sơ", "Submit") }}
</form>
{% endblock %}
"""


@pytest.fixture
def gallery(example: ExampleApp) -> str:
    with example.app.test_request_context("/intake/"):
        return render_template_string(GALLERY, problem=PROBLEM, moment=datetime(2026, 1, 5, 8, 30, tzinfo=UTC))


def test_vietnamese_dates_times_and_money() -> None:
    moment = datetime(2026, 1, 5, 18, 30, tzinfo=UTC)
    assert written_date(moment) == "06/01/2026", "the day in Vietnam, not in Greenwich"
    assert written_date(moment.date()) == "05/01/2026"
    assert vietnamese_time(moment) == "01:30 ngày 06/01/2026"
    assert vietnamese_money(1250000) == "1.250.000\u00a0₫"


def test_forms_are_labelled_escaped_and_show_their_errors(gallery: str) -> None:
    for field in re.findall(r'<(?:input|select|textarea) id="([^"]+)"', gallery):
        assert f'<label for="{field}">' in gallery
    assert 'value="&lt;Nguyễn&gt;"' in gallery
    phone = re.search(r'<input id="f-person-phone"[^>]*>', gallery)
    assert phone
    assert 'aria-describedby="f-person-phone-hint f-person-phone-error"' in phone[0]
    assert 'aria-invalid="true"' in phone[0]
    assert 'inputmode="tel"' in phone[0]
    assert 'href="#f-person-phone">Số điện thoại</a>' in gallery
    assert '<option value="2" selected>' in gallery
    assert re.search(r'value="desk" checked', gallery)
    assert gallery.count("required") == 3
    assert 'aria-current="step"' in gallery


def test_a_page_needs_nothing_from_elsewhere_and_no_scripts(gallery: str) -> None:
    assert '<html lang="vi">' in gallery
    assert "<script" not in gallery
    assert "style=" not in gallery
    assert not re.search(r'(?:src|href)="(?:https?:)?//', gallery)
    css = (Path("shared/web/static/motcua.css")).read_text()
    assert "url(" not in css
    assert "@import" not in css


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    ("text", "ground"),
    [
        *(
            (text, ground)
            for text in ("ink", "muted", "link", "link-hover", "brand", "late")
            for ground in ("paper", "ground")
        ),
        *((kind, f"{kind}-ground") for kind in ("good", "busy", "waiting", "late")),
        ("ink", "late-ground"),
        ("muted", "late-ground"),
        ("link", "late-ground"),
        ("ink", "busy-ground"),
        ("paper", "link"),
        ("paper", "link-hover"),
    ],
)
def test_text_has_enough_contrast(text: str, ground: str) -> None:
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", Path("shared/web/static/motcua.css").read_text()))
    lighter, darker = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


@pytest.fixture
def address(example: ExampleApp, tmp_path: Path) -> Iterator[str]:
    """The home page and the gallery, behind a real server."""
    platform = Platform(tmp_path)

    def gallery() -> str:
        return render_template_string(GALLERY, problem=PROBLEM, moment=datetime(2026, 1, 5, 8, 30, tzinfo=UTC))

    example.app.view_functions["pages.front"] = gallery

    def wsgi(environ: Any, start_response: Any) -> Any:
        app = example.app if environ["PATH_INFO"] == "/intake/" else platform.wsgi
        return app(environ, start_response)

    with served(wsgi) as found:
        yield found
    for context in platform.contexts.values():
        context.store.close()


def note(complaints: list[str], message: ConsoleMessage) -> None:
    complaints.append(message.text)


@pytest.mark.browser
def test_pages_fit_every_width_and_can_be_used_by_keyboard(address: str, page_at: PageAt) -> None:
    for width in (360, 390, 1280):
        page = page_at(width)
        complaints: list[str] = []
        page.on("console", partial(note, complaints))
        for name in ("", "intake/"):
            page.goto(f"{address}/{name}")
            screenshot(page, f"web-{name.strip('/') or 'home'}-{width}")
            assert page_width(page) <= width
            page.keyboard.press("Tab")
            assert page.evaluate("document.activeElement.className") == "skip"
            assert page.locator(".skip").bounding_box()["x"] == 0  # type: ignore[index]
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id") == "main"
        assert complaints == [], "the content security policy lets everything through that the pages need"
