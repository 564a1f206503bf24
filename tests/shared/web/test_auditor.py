"""The auditor asks who has read a record and what an official has read: by the API and on the page."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from services.registry import SERVICE_NAMES
from shared.persistence.reading_audit import INSERT
from shared.runtime.clock import VIETNAM
from tests.shared.web.example_app import ExampleApp
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.serving import served

API = "/intake/api/reading-audit"
PAGE = "/intake/reading-audit"
MORNING = datetime(2026, 1, 5, 8, 0, tzinfo=VIETNAM)
DESK = "H12.31.01"


def fill(example: ExampleApp, count: int = 5) -> None:
    """Readings of two dossiers by two officials in turn, an hour apart; the last two at one moment."""
    rows: list[dict[str, Any]] = [
        {
            "at": MORNING + timedelta(hours=min(number, count - 2)),
            "subject": f"officer-{number % 2}",
            "roles": "leader officer",
            "agency": DESK,
            "action": "dossier",
            "record": f"D-{number // 2 % 2}",
        }
        for number in range(count)
    ]
    with example.context.store.uow() as work:
        work.execute(INSERT, rows)


@pytest.fixture
def filled(example_on_both: ExampleApp) -> ExampleApp:
    fill(example_on_both)
    return example_on_both


def ask(example: ExampleApp, **query: Any) -> Any:
    return example.client().get(API, query_string=query, headers=example.token("auditor", "auditor-1", ""))


def ids(answer: Any) -> list[int]:
    return [item["id"] for item in answer.json["items"]]


def test_who_has_read_a_dossier(filled: ExampleApp) -> None:
    answer = ask(filled, record="D-0")
    assert ids(answer) == [5, 2, 1]
    assert answer.json["items"][-1] == {
        "id": 1,
        "at": "2026-01-05T08:00:00+07:00",
        "subject": "officer-0",
        "roles": ["leader", "officer"],
        "agency": DESK,
        "action": "dossier",
        "record": "D-0",
    }
    assert answer.json["next"] is None


def test_what_an_official_has_read(filled: ExampleApp) -> None:
    assert ids(ask(filled, subject="officer-1")) == [4, 2]
    assert ids(ask(filled, subject="officer-1", record="D-1")) == [4]
    assert ids(ask(filled, subject="nobody")) == []


def test_a_period_includes_its_beginning_and_not_its_end(filled: ExampleApp) -> None:
    since, until = (MORNING + timedelta(hours=hour) for hour in (1, 3))
    assert ids(ask(filled, subject="officer-1", since=since.isoformat())) == [4, 2]
    assert ids(ask(filled, subject="officer-1", since=since.isoformat(), until=until.isoformat())) == [2]


def test_pages_follow_each_other_without_gap_or_repeat(filled: ExampleApp) -> None:
    seen: list[int] = []
    after: int | None = None
    while True:
        query = {"record": "D-0", "limit": 1} | ({"after": after} if after else {})
        answer = ask(filled, **query)
        seen += ids(answer)
        after = answer.json["next"]
        if after is None:
            break
    assert seen == [5, 2, 1]
    assert ids(ask(filled, record="D-0", after=999)) == []


def test_the_auditors_own_look_ups_are_recorded(filled: ExampleApp) -> None:
    ask(filled, record="D-0", subject="officer-1")
    filled.client().get(f"{PAGE}?subject=officer-0", headers=filled.token("auditor", "auditor-1", ""))
    assert filled.readings()[5:] == [
        ("auditor-1", "auditor", "", "reading_audit", "D-0"),
        ("auditor-1", "auditor", "", "reading_audit", "officer-1"),
        ("auditor-1", "auditor", "", "reading_audit", "officer-0"),
    ]
    assert [item["action"] for item in ask(filled, subject="auditor-1").json["items"]] == ["reading_audit"] * 3


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "record"),
        ({"record": "x" * 201}, "record"),
        ({"record": "D-0", "since": "2026-01-05T08:00:00"}, "since"),
        ({"record": "D-0", "after": "x"}, "after"),
        ({"record": "D-0", "limit": 0}, "limit"),
    ],
)
def test_a_question_that_cannot_be_answered(example: ExampleApp, query: dict[str, Any], field: str) -> None:
    answer = ask(example, **query)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == [field]
    assert example.readings() == []


@pytest.mark.parametrize("url", [f"{API}?record=D-0", f"{PAGE}?record=D-0"])
def test_nobody_else_may_ask(client: Any, example: ExampleApp, url: str) -> None:
    for role in ("leader", "operator", "clerk"):
        assert client.get(url, headers=example.token(role)).status_code == 403
    assert client.get(url).status_code == 401
    assert example.readings() == []


def page(example: ExampleApp, query: str) -> Any:
    return example.client().get(f"{PAGE}{query}", headers=example.token("auditor", "auditor-1", ""))


def test_the_page_shows_the_form_alone_at_first(example: ExampleApp) -> None:
    answer = page(example, "")
    assert answer.status_code == 200
    assert "Ai đã xem hồ sơ này?" in answer.text
    assert "<table" not in answer.text
    assert example.readings() == []


def test_the_page_answers_in_peoples_words(filled: ExampleApp) -> None:
    text = page(filled, "?record=D-0&since=2026-01-05&until=2026-01-05").text
    for words in ("08:00 ngày 05/01/2026", "officer-1", "Lãnh đạo, Chuyên viên", DESK, "Xem hồ sơ"):
        assert words in text
    assert text.count("<time") == 3
    assert "Không có lượt xem nào." in page(filled, "?record=D-0&until=2026-01-04").text


def test_the_page_names_what_is_wrong(example: ExampleApp) -> None:
    answer = page(example, "?record=D-0&since=yesterday")
    assert answer.status_code == 422
    assert 'href="#f-since"' in answer.text
    assert page(example, "?since=2026-01-05").status_code == 422


def test_the_page_goes_on(example: ExampleApp) -> None:
    fill(example, 120)
    text = page(example, "?subject=officer-1&since=2026-01-05").text
    assert text.count("<time") == 50
    following = re.search(r'rel="next" href="([^"]+)"', text)
    assert following
    rest = page(example, following[1].replace("&amp;", "&")).text
    assert rest.count("<time") == 10
    assert 'rel="next"' not in rest


def test_the_page_offers_the_same_question_to_the_other_services(example: ExampleApp) -> None:
    text = page(example, "?record=D-0&after=9").text.partition("<main")[2]
    for name in set(SERVICE_NAMES) - {"intake"}:
        assert f'href="/{name}/reading-audit?record=D-0"' in text
    assert 'href="/intake/reading-audit' not in text
    assert 'href="/routing/reading-audit"' in page(example, "").text


@pytest.mark.browser
def test_an_auditor_signs_in_and_looks_up(example: ExampleApp, page_at: PageAt) -> None:
    fill(example, 60)
    token = example.token("auditor", "auditor-1", "")["Authorization"].removeprefix("Bearer ")
    with served(example.app) as address:
        for earlier, width in enumerate((390, 1280)):
            browser = page_at(width)
            browser.goto(f"{address}{PAGE}")
            assert "/intake/sign-in" in browser.url
            browser.get_by_label("Mã truy cập").fill(token)
            browser.get_by_role("button", name="Đăng nhập").click()
            browser.wait_for_url(f"**{PAGE}*")
            screenshot(browser, f"web-reading-audit-form-{width}")
            browser.get_by_label("Ai đã xem hồ sơ này?").fill("D-0")
            browser.get_by_role("button", name="Tra cứu").click()
            expect(browser.locator("tbody tr")).to_have_count(30 + earlier)  # the look-up at the other width is one
            screenshot(browser, f"web-reading-audit-{width}")
            assert page_width(browser) <= width
            browser.get_by_role("link", name="officer-1").first.click()
            expect(browser.locator("tbody tr")).to_have_count(30)
            browser.get_by_role("button", name="Đăng xuất").click()
            browser.wait_for_url("**/sign-in")
