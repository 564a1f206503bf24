from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from services.stats.app import create_app
from services.stats.boards.pages import written_percent
from shared.web.pages import written_number
from tests.support.browser import PageAt, page_width, screenshot
from tests.support.events import event
from tests.support.service import ServiceUnderTest
from tests.support.serving import served


@pytest.fixture
def client(stats: ServiceUnderTest) -> FlaskClient:
    return stats.client(create_app)


def tiles(page: str) -> list[str]:
    """The values of the tiles in order: five of today, five of this month, five of results handed over, two of now."""
    return [value.strip() for value in re.findall(r"<strong>([^<]*)</strong>", page[page.index('id="today"') :])]


def now(stats: ServiceUnderTest) -> str:
    return stats.store.clock.now().isoformat()


def test_an_empty_board_shows_zeros_and_dashes(client: FlaskClient) -> None:
    page = client.get("/stats/")
    assert page.status_code == 200
    assert tiles(page.text) == ["0", "0", "–", "0", "–"] * 2 + ["0", "–", "–", "–", "–"] + ["0", "0"]
    assert "03/11/2025" in page.text
    assert "chưa có đánh giá" in page.text


def test_the_board_shows_today_and_this_month(stats: ServiceUnderTest, client: FlaskClient) -> None:
    for number in range(3):
        stats.apply(event("dossier.received", 1, dossier=f"D-{number}", received_at=now(stats)))
    stats.apply(
        event("dossier.resolved", 1, dossier="D-0", resolved_at=now(stats)),
        event("dossier.resolved", 1, dossier="D-1", resolved_at="2025-11-02T09:00:00+07:00", on_time=False),
        event("dossier.overdue", 1, dossier="D-2", overdue_at="2025-10-31T09:00:00+07:00"),
        event("rating.given", 1, dossier="D-0", given_at=now(stats), score=3),
        event("dossier.returned", 2, dossier="D-0", returned_at=now(stats), method="post"),
        event("result.published", 2, dossier="D-0", published_at=now(stats)),
    )
    stats.hand.pass_(1)
    today = ["3", "1", "100\u00a0%", "0", "0\u00a0%"]
    month = ["3", "2", "50\u00a0%", "1", "0\u00a0%"]
    results = ["1", "0\u00a0%", "0\u00a0%", "100\u00a0%", "100\u00a0%"]
    in_progress = ["1", "1"]
    assert tiles(client.get("/stats/").text) == today + month + results + in_progress


def test_the_board_is_cached_for_two_seconds(stats: ServiceUnderTest, client: FlaskClient) -> None:
    assert tiles(client.get("/stats/").text)[0] == "0"
    stats.apply(event("dossier.received", 1, received_at=now(stats)))
    assert tiles(client.get("/stats/").text)[0] == "0"
    stats.hand.pass_(2)
    assert tiles(client.get("/stats/").text)[0] == "1"


def test_numbers_and_shares_have_vietnamese_form() -> None:
    assert written_number(1234567) == "1.234.567"
    assert [written_percent(value) for value in (97.5, 100.0, 0.0, None)] == [
        "97,5\u00a0%",
        "100\u00a0%",
        "0\u00a0%",
        "–",
    ]


def test_the_board_refreshes_only_if_asked(client: FlaskClient) -> None:
    assert "Refresh" not in client.get("/stats/").headers
    assert client.get("/stats/?refresh=1").headers["Refresh"] == "60"


def test_no_dossier_is_on_the_board(stats: ServiceUnderTest, client: FlaskClient) -> None:
    stats.apply(event("dossier.received", 1, dossier="D-secret", received_at=now(stats)))
    assert "D-secret" not in client.get("/stats/").text


@pytest.mark.browser
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize(("width", "height"), [(390, 0), (1280, 0), (1920, 1080)])
def test_the_board_fits_the_screen(
    stats: ServiceUnderTest, page_at: PageAt, width: int, height: int, language: str
) -> None:
    with served(create_app(stats.context)) as address:
        page = page_at(width, height or 900)
        page.goto(f"{address}/stats/?refresh=1&lang={language}")
        assert page_width(page) <= width
        screenshot(page, f"stats-board-{language}-{width}")
        if height:
            bottom = page.evaluate("document.querySelector('main').getBoundingClientRect().bottom")
            assert bottom <= height, "a screen on the wall cannot scroll"
