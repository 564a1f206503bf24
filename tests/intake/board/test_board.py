"""The board of a desk: what it says and shows, that it costs nothing while nothing changes, and how it behaves in a browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import event

from services.intake.board.cache import EXTENSION, Boards
from services.intake.board.domain import masked_code, spoken_call
from shared.client.http import wait_for
from tests.intake.service_fixture import DESK, IntakeService
from tests.intake.tickets.ticket_fixture import CounterClerk
from tests.support.browser import PageAt, screenshot

BOARD = f"/intake/board/{DESK}"


@pytest.mark.parametrize(
    ("number", "counter", "language", "said"),
    [
        ("A012", 3, "vi", "Mời số A không một hai đến quầy ba"),
        ("B105", 12, "vi", "Mời số B một không năm đến quầy mười hai"),
        ("A1000", 21, "vi", "Mời số A một không không không đến quầy hai mươi mốt"),
        ("A012", 3, "en", "Number A zero one two, please go to counter 3"),
    ],
)
def test_a_call_is_said_digit_by_digit(number: str, counter: int, language: str, said: str) -> None:
    assert spoken_call(number, counter, language) == said


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("H12.31.01-251120-0118", "251120-••18"),
        ("000.21.34.H04-200203-0007", "200203-••07"),
        ("X-251120-7", "251120-•"),
        ("ABC", "•••"),
    ],
)
def test_a_code_is_shown_only_as_far_as_its_holder_knows_it(code: str, shown: str) -> None:
    assert masked_code(code) == shown


class Board:
    """A screen that polls.

    Args:
        intake: whose boards are asked anew each time.
    """

    def __init__(self, intake: IntakeService) -> None:
        self._client = intake.client.application.test_client()
        self.statements = 0
        self.etag = ""
        intake.client.application.extensions[EXTENSION] = Boards(intake.context, self._seconds)
        self._passed = 0.0
        event.listen(intake.store.engine, "before_cursor_execute", self._count)

    def _seconds(self) -> float:
        return self._passed

    def _count(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.statements += statement.startswith("SELECT")

    def ask(self, seconds: float = 2) -> tuple[Any, int]:
        """The answer after so many seconds, and how many statements it took."""
        self._passed, before = self._passed + seconds, self.statements
        answer = self._client.get(f"{BOARD}.json", headers={"If-None-Match": self.etag})
        self.etag = answer.headers["ETag"]
        return answer, self.statements - before


def test_a_board_reads_two_small_rows_while_nothing_changes(intake: IntakeService) -> None:
    clerk, board = CounterClerk(intake), Board(intake)
    clerk.issue()
    clerk.open()
    full, read = board.ask()
    assert (full.status_code, read > 3) == (200, True)
    unchanged = [board.ask() for _ in range(5)]
    assert [(answer.status_code, len(answer.data)) for answer, _ in unchanged] == [(304, 0)] * 5
    assert {number for _, number in unchanged} == {2}  # the desk's version, and the store's epoch
    assert [board.ask(0)[1] for _ in range(50)] == [0] * 50  # within a second, other screens ask the database nothing

    called = clerk.call()
    assert called
    news, _ = board.ask()
    assert (news.status_code, [one["say"] for one in news.json["calls"]]) == (
        200,
        ["Mời số A không không một đến quầy một"],
    )
    first = news.json["calls"][0]["key"]
    clerk.act("recall", called)
    again, _ = board.ask()
    assert [one["key"] for one in again.json["calls"]] != [first]
    clerk.act("begin", called)
    assert board.ask()[0].json["calls"] == []  # who has come need not be called
    intake.advance(timedelta(hours=16))
    tomorrow, _ = board.ask()
    assert (tomorrow.status_code, "A001" in tomorrow.json["html"]) == (200, False)
    assert intake.client.get("/intake/board/H12.14.02").status_code == 404  # no one-stop desk


SPEECH = """
window.spoken = [];
const voices = [{ lang: 'vi-VN', name: 'Fake' }];
Object.defineProperty(window, 'speechSynthesis', { value: {
  getVoices: () => voices, addEventListener() {},
  speak(words) { if (words.text) window.spoken.push(words.text); setTimeout(() => words.onend?.(), 10); },
} });
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
window.AudioContext = undefined;
"""
FITS = (
    "() => document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth"
)
CLIPPED = """() => [...document.querySelectorAll('section, .calls li, .counters li')]
    .filter(one => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1).map(one => one.textContent.trim())"""


def test_a_screen_says_each_call_once_and_shows_since_when_it_is_cut_off(
    sqlite_intake: IntakeService, address: str, page_at: PageAt
) -> None:
    clerk = CounterClerk(sqlite_intake)
    for group in ("land",) * 8 + ("civil_status", "general", "general"):
        clerk.issue(group)
    clerk.open()
    first = clerk.call()
    assert first
    page = page_at(1920, 1080)
    page.add_init_script(SPEECH)
    page.clock.install()
    page.goto(f"{address}{BOARD}")
    page.get_by_role("button", name="Bật âm thanh").click()
    expect(page.get_by_role("button", name="Bật âm thanh")).to_be_hidden()
    clerk.act("begin", first)
    clerk.act("finish", first)
    sqlite_intake.advance(timedelta(seconds=5))
    second = clerk.call()
    assert second
    page.clock.run_for(3_000)
    expect(page.locator(".calls li").first).to_contain_text("A002")
    wait_for(lambda: page.evaluate("window.spoken.length") == 1, 10, "the announcement")
    clerk.act("recall", second)
    page.clock.run_for(3_000)
    wait_for(lambda: page.evaluate("window.spoken.length") == 2, 10, "the announcement")
    # the first was called before the page was opened
    assert page.evaluate("window.spoken") == ["Mời số A không không hai đến quầy một"] * 2
    for width, height in ((1920, 1080), (1080, 1920), (1280, 1024)):
        page.set_viewport_size({"width": width, "height": height})
        assert (page.evaluate(FITS), page.evaluate(CLIPPED)) == (True, [])
        screenshot(page, f"board-{width}", whole=False)

    def cut(route: Route) -> None:
        route.abort()

    page.route("**/*.json*", cut)
    lost = page.get_by_role("alert")
    for _ in range(6):
        page.clock.run_for(5_000)
    expect(lost).to_contain_text("Mất kết nối từ")
    since = lost.text_content()
    screenshot(page, "board-lost", whole=False)
    clerk.act("miss", second)
    sqlite_intake.advance(timedelta(seconds=5))
    clerk.call()
    page.clock.run_for(12_000)
    assert lost.text_content() == since
    page.unroute("**/*.json*", cut)

    def back() -> bool:
        page.clock.run_for(2_000)  # not all at once: the next attempt is set when the last one has failed, in real time
        return lost.is_hidden()

    wait_for(back, 20, "the connection")
    expect(page.locator(".calls li").first).to_contain_text("A003")
    wait_for(lambda: page.evaluate("window.spoken.length") == 3, 10, "the announcement")
    page.reload()
    page.clock.run_for(5_000)
    assert page.evaluate("window.spoken") == []
