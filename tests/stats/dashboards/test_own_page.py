"""Officials see their own numbers, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.stats.app import create_app
from services.stats.handlers import HANDLERS
from shared.contracts import REGISTRY
from tests.stats.dashboards.story import CENTRE, tell_of_official
from tests.support.html import read_page
from tests.support.service import ServiceUnderTest
from tests.support.sheets import sheets_of


@pytest.fixture
def client(stats: ServiceUnderTest) -> FlaskClient:
    """What official-7 did in the first week of November 2025; it is 30 November."""
    tell_of_official(stats)
    stats.hand.pass_(timedelta(days=27, hours=5))
    return stats.client(create_app)


def _tiles(
    client: FlaskClient, stats: ServiceUnderTest, path: str = "/stats/me", subject: str = "official-7"
) -> list[str]:
    answer: Any = client.get(path, headers=stats.headers("clerk", CENTRE, subject))
    assert answer.status_code == 200, path
    return [
        one.text for one in read_page(answer.text).all("strong") if one.parent and "tile" in one.parent.get("class")
    ]


def test_an_official_sees_what_they_did(stats: ServiceUnderTest, client: FlaskClient) -> None:
    assert _tiles(client, stats) == ["6", "2", "1", "4", "2", "1", "1"]
    assert _tiles(client, stats, "/stats/me?period=day&on=2025-11-03") == ["1", "1", "0", "1", "1", "0", "0"]
    assert _tiles(client, stats, "/stats/me?period=year&on=2024-05-05") == ["0"] * 7


def test_nobody_sees_another(stats: ServiceUnderTest, client: FlaskClient) -> None:
    for other in ("official-8", "official", "OFFICIAL-7", "%"):
        assert _tiles(client, stats, subject=other) == ["0"] * 7
        assert _tiles(client, stats, "/stats/me?official=official-7&subject=official-7", other) == ["0"] * 7
    for role, status in (("leader", 200), ("officer", 200), ("operator", 403), ("auditor", 403), ("citizen", 403)):
        for path in ("/stats/me", "/stats/me/numbers.csv", "/stats/me/numbers.xlsx"):
            assert client.get(path, headers=stats.headers(role, CENTRE, "official-8")).status_code == status


def test_leaders_pages_name_no_official(stats: ServiceUnderTest, client: FlaskClient) -> None:
    for path in ("/stats/leader", f"/stats/leader/{CENTRE}"):
        assert "official-7" not in client.get(path, headers=stats.headers("leader", CENTRE, "boss")).text


def test_the_file_holds_the_course(stats: ServiceUnderTest, client: FlaskClient) -> None:
    headers = stats.headers("clerk", CENTRE)
    (rows,) = sheets_of(client.get("/stats/me/numbers.xlsx", headers=headers).data).values()
    days = [row for row in rows if row and str(row[0]).endswith("/11/2025") and len(row) == 7]
    assert len(days) == 30
    assert [sum(float(row[column] or 0) for row in days) for column in range(1, 7)] == [6, 2, 1, 4, 2, 1]
    assert client.get("/stats/me/numbers.csv?period=x", headers=headers).status_code == 422
    assert client.get("/stats/me?on=1900-01-01", headers=headers).status_code == 422


def test_these_events_stay_restricted() -> None:
    names = [name for name in HANDLERS if name.startswith("official.")]
    assert len(names) == 4
    assert all(REGISTRY.by_name[name].restricted for name in names)
