"""A tablet that was offline while the platform was killed delivers all its ratings, once each, also through kills in the middle."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from services.rating.devices.store import deliveries
from services.rating.ratings.store import ratings
from services.stats.facts.store import ratings as facts
from tests.support.backends import Backends
from tests.support.browser import PageAt
from tests.support.platform import COMPACT, Running
from tests.support.processes import wait_until

DESK, RATINGS = "H12.31.01", 500
PATIENCE = 60_000
"""Milliseconds; spent only when the test fails anyway."""
FILL = """async count => {
    for (let number = 0; number < count; number += 1) {
        const tapped = new Date(Date.now() - (count - number) * 60_000).toISOString()
        const rating = {visit: null, score: number % 5 + 1, courtesy: {greeting: true}, offset_ms: offset, ready: true}
        await add({...rating, id: newId(), pairing: now.pairing, tapped_at: tapped})
    }
    return (await waiting()).map(one => one.id)
}"""
"""What so many visitors leave in the tablet, one a minute, by the page's own functions; returns their ids."""
LEFT = "waiting().then(all => all.length)"


@pytest.mark.browser
def test_a_tablet_offline_through_a_kill_delivers_500_ratings_once_each(
    files: Backends, tmp_path: Path, page_at: PageAt
) -> None:
    with Running(tmp_path, files) as platform:
        page = paired(platform, page_at)
        for name in COMPACT:
            platform.hold_down(name)
        expect(page.get_by_text("Đang mất kết nối.")).to_be_visible(timeout=PATIENCE)
        ids = page.evaluate(FILL, RATINGS)
        page.reload()
        page.get_by_role("heading", name="Ông/bà có hài lòng").wait_for()
        assert (len(set(ids)), page.evaluate(LEFT), delivered(platform)) == (RATINGS, RATINGS, 0)

        for name in COMPACT:
            platform.let_up(name)
        platform.wait_ready()
        page.reload()
        for _ in range(2):
            before = delivered(platform)
            wait_until(lambda: delivered(platform) > before, interval=0.002, what="a part of the delivery")  # noqa: B023
            for name in COMPACT:
                platform.kill(name)
            assert delivered(platform) < RATINGS, "the kill came after the last rating, so it proves nothing"
        platform.wait_ready()
        page.reload()  # asks at once, and not only after a pause
        wait_until(lambda: page.evaluate(LEFT) == 0, PATIENCE / 1000, what="an empty tablet")

        rating, stats = platform.stores["rating"], platform.stores["stats"]
        with rating.read() as connection:
            kept = Counter(connection.scalars(select(ratings.c.id)))
            outcomes = Counter(connection.scalars(select(deliveries.c.outcome)))
        assert kept == Counter(ids)
        assert outcomes == {"kept": RATINGS}

        def counted() -> int:
            with stats.read() as connection:
                return int(
                    connection.scalar(select(func.count()).select_from(facts).where(facts.c.score.is_not(None))) or 0
                )

        wait_until(lambda: counted() == RATINGS, PATIENCE / 1000, what="all ratings in the statistics")
        assert {code for _, code in platform.deaths} == {-9}
        assert {name for name, _ in platform.deaths} == set(COMPACT)


def paired(platform: Running, page_at: PageAt) -> Page:
    """A tablet that a clerk has paired, and that has kept its page."""
    bearer = platform.people().tokens("clerk", DESK)
    clerk, page = page_at(1280, extra_http_headers={"Authorization": f"Bearer {bearer}"}), page_at(1024, 600)
    clerk.goto(f"{platform.address}/rating/devices")
    clerk.get_by_label("Số quầy").fill("1")
    clerk.get_by_role("button", name="Tạo mã ghép nối").click()
    code = re.sub(r"\s", "", clerk.locator(".lead code").inner_text())
    page.goto(f"{platform.address}/rating/device/")
    page.get_by_label("Mã ghép nối").fill(code)
    page.keyboard.press("Enter")
    page.locator("html[data-kept=yes]").wait_for(state="attached")
    return page


def delivered(platform: Running) -> int:
    """How many ratings the platform has taken."""
    with platform.stores["rating"].read() as connection:
        return int(connection.scalar(select(func.count()).select_from(deliveries)) or 0)
