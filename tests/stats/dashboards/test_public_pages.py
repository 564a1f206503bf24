"""What everybody may see: totals alone, read once a minute, and in frames of the sites that are named."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event as database_event

from services.stats.app import create_app
from services.stats.dashboards.public_pages import FIGURES
from tests.stats.dashboards.story import dossier, tell_of_official, tell_story
from tests.support.html import read_page
from tests.support.service import ServiceUnderTest
from tests.support.sheets import sheets_of

PAGE = "/stats/transparency"
SITE = "https://www.camau.example"


@pytest.fixture
def codes(stats: ServiceUnderTest) -> list[str]:
    """Forty dossiers in November 2025; it is 30 November."""
    found = tell_story(stats, 40)
    tell_of_official(stats)
    stats.hand.pass_(timedelta(days=27, hours=5))
    return found


@pytest.fixture
def client(stats: ServiceUnderTest, codes: list[str]) -> FlaskClient:
    return stats.client(create_app)


def _tables(client: FlaskClient, path: str) -> dict[str, list[list[str]]]:
    page = read_page(client.get(path).text)
    return {
        next(one.text for one in table.all("caption")): [
            [cell.text for cell in row.all("th", "td")] for row in table.all("tr")
        ]
        for table in page.all("table")
    }


def test_the_numbers_of_month_and_year(client: FlaskClient) -> None:
    tables = _tables(client, PAGE)
    month = tables["Theo cơ quan tiếp nhận, tháng 11/2025"]
    assert month[0][:3] == ["Cơ quan tiếp nhận", "Tiếp nhận", "Đã giải quyết"]
    assert sum(int(row[1]) for row in month[1:]) == 40
    assert sum(int(row[1]) for row in tables["Theo lĩnh vực, năm 2025 đến 30/11/2025"][1:]) == 40
    october = _tables(client, f"{PAGE}?month=2025-10")
    assert not [title for title in october if "tháng 10/2025" in title], "nothing happened then"


def test_satisfaction_of_few_is_not_shown(client: FlaskClient) -> None:
    page = client.get(PAGE).text
    assert "32 lượt đánh giá" in page, "of all together there are enough"
    rows = _tables(client, PAGE)["Theo cơ quan tiếp nhận, tháng 11/2025"]
    assert {row[-1] for row in rows[1:]} == {"–"}, "of each agency there are fewer than 30"
    assert "satisfied" not in client.get("/stats/embed/satisfaction").text


def test_no_dossier_and_no_person_is_shown(client: FlaskClient, codes: list[str]) -> None:
    for path in (
        PAGE,
        *(f"/stats/embed/{name}" for name in FIGURES),
        *(f"/stats/embed/{name}/figure.svg" for name in FIGURES),
    ):
        text = client.get(path).text
        assert not [code for code in codes if code in text], path
        assert "official-7" not in text
    everything = str(sheets_of(client.get(f"{PAGE}/numbers.xlsx").data))
    assert not [code for code in codes if code in everything]


@pytest.mark.parametrize("month", ["2025-12", "2014-12", "2025-13", "x", "2025-11-01", "９９９９-01"])
def test_a_month_that_has_not_begun_is_refused(client: FlaskClient, month: str) -> None:
    for path in (PAGE, f"{PAGE}/numbers.csv", "/stats/embed/dossiers", "/stats/embed/dossiers/figure.svg"):
        assert client.get(f"{path}?month={month}").status_code == 422, path


def test_many_viewers_cost_one_read_a_minute(stats: ServiceUnderTest, client: FlaskClient) -> None:
    client.get(PAGE)
    statements: list[Any] = []
    database_event.listen(stats.store.engine, "before_cursor_execute", lambda *asked: statements.append(asked[2]))
    for path in (PAGE, f"{PAGE}?lang=en", f"{PAGE}/numbers.csv", *(f"/stats/embed/{name}" for name in FIGURES)):
        answer = client.get(path)
        assert answer.status_code == 200
    assert statements == []
    before = client.get(PAGE).text
    stats.apply(dossier(26, "H12.31.01"))
    stats.hand.pass_(timedelta(seconds=61))
    assert client.get(PAGE).text != before


def test_figures_may_be_framed_by_the_sites_that_are_named(stats: ServiceUnderTest, client: FlaskClient) -> None:
    refused = client.get("/stats/embed/dossiers").headers
    assert "frame-ancestors 'none'" in refused["Content-Security-Policy"]
    assert refused["X-Frame-Options"] == "DENY"
    stats.context = replace(stats.context, settings=replace(stats.context.settings, embed_origins=(SITE,)))
    framed = stats.client(create_app)
    for name in FIGURES:
        headers = framed.get(f"/stats/embed/{name}").headers
        assert f"frame-ancestors 'self' {SITE}" in headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in headers
    for path in (PAGE, "/stats/", "/stats/embed/x"):
        headers = framed.get(path).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"], path
        assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("name", FIGURES)
def test_each_figure_is_a_picture_with_its_table(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/stats/embed/{name}/figure.svg")
    assert answer.mimetype == "image/svg+xml"
    assert ElementTree.fromstring(answer.data).get("role") == "img"
    page = client.get(f"/stats/embed/{name}?lang=en").text
    assert len(re.findall("<table>", page)) == 1
    assert "<form" not in page


def test_the_board_leads_to_the_page(client: FlaskClient) -> None:
    assert f'href="{PAGE}"' in client.get("/stats/").text
