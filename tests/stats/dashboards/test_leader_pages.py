"""The pages of leaders: every number is the length of the list behind it, everybody sees what they may, and files hold the same."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from services.stats.app import create_app
from services.stats.measures.domain import Period
from services.stats.measures.queries import LISTED, Scope, count_measures
from shared.persistence.reading_audit import reading_audit
from tests.stats.dashboards.story import CENTRE, OTHER, dossier, tell_story
from tests.support.events import event
from tests.support.html import read_page
from tests.support.service import ServiceUnderTest, body
from tests.support.sheets import sheets_of

OLD, NEW = "000.00.60.H04", "H12.20"
"""A centre that was merged, and the one that took over its work."""
LISTS = "/stats/leader/dossiers"


@pytest.fixture
def client(stats: ServiceUnderTest) -> FlaskClient:
    """Thirty dossiers in November 2025, and five of a merged centre and its successor; it is 30 November."""
    tell_story(stats)
    stats.apply(*(dossier(number, OLD if number % 2 else NEW) for number in range(5)))
    stats.hand.pass_(timedelta(days=27, hours=5))
    return stats.client(create_app)


def _open(client: FlaskClient, stats: ServiceUnderTest, path: str, role: str = "operator", agency: str = "") -> Any:
    return client.get(path, headers={**stats.headers(role, agency), "Accept": "text/html"})


def _listed(client: FlaskClient, stats: ServiceUnderTest, address: str, *who: str) -> list[str]:
    """The codes of all pages of a list."""
    found: list[str] = []
    while address:
        answer = _open(client, stats, address, *who)
        assert answer.status_code == 200, address
        page = read_page(answer.text)
        found += [link.text for link in page.all("a") if link.get("href").startswith("/routing/dossiers/")]
        address = next((link.get("href") for link in page.all("a") if link.get("rel") == "next"), "")
    return found


VIEWS = [
    ("operator", "", "/stats/leader?from=2025-11-04&to=2025-11-12"),
    ("operator", "", "/stats/leader?period=quarter&by=handling_agency&channel=online"),
    ("operator", "", "/stats/leader?by=field&period=week&on=2025-11-12"),
    ("leader", CENTRE, "/stats/leader?period=year&by=channel"),
    ("operator", "", "/stats/leader?by=level&period=year"),
    ("leader", CENTRE, "/stats/leader?by=level&field=land&period=year"),
    ("operator", "", f"/stats/leader?by=level&level=commune&agency={OTHER}"),
    ("operator", "", f"/stats/leader/{OTHER}?from=2025-11-10&to=2025-11-20"),
]


@pytest.mark.parametrize(("role", "agency", "view"), VIEWS)
def test_every_number_is_the_length_of_the_list_behind_it(
    stats: ServiceUnderTest, client: FlaskClient, role: str, agency: str, view: str
) -> None:
    page = read_page(_open(client, stats, view, role, agency).text)
    numbers = {link.get("href"): link.text for link in page.all("a") if link.get("href").startswith(LISTS)}
    assert len(numbers) > 5
    wrong = {}
    for address, number in numbers.items():
        codes = _listed(client, stats, address, role, agency)
        assert len(set(codes)) == len(codes)
        if len(codes) != int(number.replace(".", "")):
            wrong[address] = (number, len(codes))
    assert wrong == {}


def test_the_list_of_a_level_holds_what_came_from_other_agencies(stats: ServiceUnderTest, client: FlaskClient) -> None:
    received = dossier(7, OTHER)
    code = received.data["dossier"]
    stats.apply(received, event("step.assigned", 2, dossier=code, handling_agency=CENTRE, agency=CENTRE))
    page = read_page(_open(client, stats, "/stats/leader?by=level", "leader", CENTRE).text)
    (table,) = (one for one in page.all("table") if "Cấp tiếp nhận" in one.text)
    (_, row) = table.all("tr")
    assert row.text.startswith("Xã")
    (link,) = (one for one in row.all("a") if "measure=received&" in one.get("href") + "&")
    codes = _listed(client, stats, link.get("href"), "leader", CENTRE)
    assert code in codes
    assert len(codes) == int(link.text)
    assert _listed(client, stats, f"{LISTS}?measure=received&received_level=central") == []


def test_a_merged_agency_counts_and_is_listed_under_its_successor(stats: ServiceUnderTest, client: FlaskClient) -> None:
    page = read_page(_open(client, stats, "/stats/leader").text)
    hrefs = [link.get("href") for link in page.all("a")]
    assert not [href for href in hrefs if f"agency={OLD}" in href]
    (address,) = {href for href in hrefs if f"agency={NEW}" in href and "measure=received" in href}
    codes = _listed(client, stats, address)
    assert {code.rpartition("-")[0].rpartition("-")[0] for code in codes} == {OLD, NEW}
    assert len(codes) == 5


def test_long_merged_lists_have_pages_without_gaps(
    stats: ServiceUnderTest, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = f"{LISTS}?measure=received&agency={NEW}&merged=agency"
    expected = _listed(client, stats, whole)
    for size in (1, 2, 3, 5):
        monkeypatch.setattr("services.stats.dashboards.leader_pages.PAGE", size)
        assert _listed(client, stats, whole) == expected
    usual = {"measure": "received", "agency": NEW, "merged": "agency"}
    for wrong in ({"after": "9.x"}, {"after": "x"}, {"after": "0.!!"}, {"measure": "rated"}, {"merged": "field"}):
        answer = _open(client, stats, f"{LISTS}?{urlencode(usual | wrong)}")
        assert answer.status_code == 422, wrong


def test_the_page_says_what_the_api_says(stats: ServiceUnderTest, client: FlaskClient) -> None:
    headers = stats.headers("leader", CENTRE)
    asked = "from=2025-11-01&to=2025-11-30"
    summary: Any = body(client.get(f"/stats/api/summary?{asked}", headers=headers))
    page = read_page(_open(client, stats, f"/stats/leader?{asked}", "leader", CENTRE).text)
    by_measure = {
        re.search(r"measure=(\w+)", link.get("href"))[1]: int(link.text)  # type: ignore[index]
        for link in page.all("a")
        if link.get("href").startswith(LISTS)
        and "agency=" not in link.get("href")
        and "period=day" not in link.get("href")
    }
    assert by_measure == {name: summary[name] for name in LISTED if summary[name]}


def test_leaders_see_their_agencies_and_those_below_alone(stats: ServiceUnderTest, client: FlaskClient) -> None:
    assert _open(client, stats, f"/stats/leader/{CENTRE}", "leader", CENTRE).status_code == 200
    for path in (
        f"/stats/leader/{OTHER}",
        f"{LISTS}?measure=received&unit={OTHER}",
        f"/stats/leader/numbers.csv?unit={OTHER}",
    ):
        assert _open(client, stats, path, "leader", CENTRE).status_code == 403, path
    assert _listed(client, stats, f"{LISTS}?measure=received&agency={OTHER}", "leader", CENTRE) == []
    assert _open(client, stats, "/stats/leader/no-such").status_code == 404
    assert _open(client, stats, "/stats/leader", "leader", "").status_code == 403
    nothing = read_page(_open(client, stats, "/stats/leader?level=province", "leader", CENTRE).text)
    assert not [link for link in nothing.all("a") if link.get("href").startswith(LISTS)], (
        "a commune has no province below it"
    )
    for role in ("clerk", "officer", "citizen", "agency", "device"):
        for path in (
            "/stats/leader",
            f"/stats/leader/{CENTRE}",
            f"{LISTS}?measure=received",
            "/stats/leader/numbers.xlsx",
        ):
            assert _open(client, stats, path, role, CENTRE).status_code == 403, (role, path)


def test_the_reading_of_a_list_is_recorded(stats: ServiceUnderTest, client: FlaskClient) -> None:
    _open(client, stats, f"{LISTS}?measure=received", "leader", CENTRE)
    _open(client, stats, f"{LISTS}?measure=received&agency={OTHER}")
    _open(client, stats, f"{LISTS}?measure=received")
    assert [(row["action"], row["record"]) for row in stats.rows(reading_audit)] == [
        ("dossiers", CENTRE),
        ("dossiers", OTHER),
        ("dossiers", "*"),
    ]


def test_files_hold_what_the_page_shows(stats: ServiceUnderTest, client: FlaskClient) -> None:
    asked = "period=month&by=field"
    page = read_page(_open(client, stats, f"/stats/leader?{asked}").text)
    shown = {
        table.text.split("\n")[0]: [[cell.text for cell in row.all("th", "td")] for row in table.all("tr")][1:]
        for table in page.all("table")
    }
    sheets = sheets_of(_open(client, stats, f"/stats/leader/numbers.xlsx?{asked}").data)
    assert len(sheets) == 8
    rows = list(
        csv.reader(
            StringIO(_open(client, stats, f"/stats/leader/numbers.csv?{asked}&table=rows").data.decode("utf-8-sig"))
        )
    )
    assert rows[0][:3] == ["Lĩnh vực", "Mã", "Tiếp nhận"]
    assert {row[0] for row in rows[1:3]} == {"Đất đai", "Hộ tịch"}
    notes = {row[0]: row[1] for row in rows if len(row) == 2}
    assert notes["Kỳ"] == "Tháng 11/2025 (01/11/2025 – 30/11/2025)"
    assert notes["Số liệu tính đến"].endswith("ngày 30/11/2025")
    cells = [row[0] for table in shown.values() for row in table]
    assert {row[0] for row in rows[1:3]} <= set(cells)
    by_field = {row[0]: row[2] for row in rows[1:3]}
    table = next(rows for rows in shown.values() if any(row[0] == "Đất đai" for row in rows))
    assert {row[0]: row[1] for row in table} == by_field
    assert _open(client, stats, "/stats/leader/numbers.csv?table=x").status_code == 404


def test_what_is_wrong_in_an_address_is_said_beside_the_form(stats: ServiceUnderTest, client: FlaskClient) -> None:
    answer = _open(client, stats, "/stats/leader?from=2025-12-01&to=2025-11-01")
    assert answer.status_code == 422
    assert "Ngày cuối không được trước ngày đầu." in answer.text
    assert "Tháng 11/2025" in answer.text, "the usual view is shown"
    assert _open(client, stats, "/stats/leader/numbers.csv?from=0001-01-01").status_code == 422
    assert _open(client, stats, f"{LISTS}?measure=received&by=official").status_code == 422
    assert _open(client, stats, "/stats/leader?period=&agency=&field=").status_code == 200


def test_few_ratings_tell_nobody(stats: ServiceUnderTest, client: FlaskClient) -> None:
    few = read_page(_open(client, stats, "/stats/leader?period=day&on=2025-11-06").text)
    many = read_page(_open(client, stats, "/stats/leader").text)
    assert _satisfied(many) != ["–"]
    assert _satisfied(few) == ["–"]


def _satisfied(page: Any) -> list[str]:
    (table,) = (one for one in page.all("table") if "Điểm trung bình" in one.text)
    return [next(iter(row.all("td"))).text for row in table.all("tr") if row.text.startswith("Hài lòng")]


def test_the_link_of_a_view_is_short_and_gives_it_again(stats: ServiceUnderTest, client: FlaskClient) -> None:
    given = "/stats/leader?tile=received&channel=&by=agency&period=month&field=land&level="
    page = read_page(_open(client, stats, given).text)
    (link,) = (one.get("value") for one in page.all("input") if one.get("id") == "link")
    assert link.endswith("/stats/leader?field=land&tile=received")
    again = read_page(_open(client, stats, link.partition("//")[2].partition("/")[2].join(["/", ""])).text)
    assert [one.text for one in again.all("h1", "h2", "td")] == [one.text for one in page.all("h1", "h2", "td")]


def test_numbers_of_a_page_are_of_one_moment(both: ServiceUnderTest) -> None:
    """A dossier that comes while a page is read is in none of its numbers."""
    tell_story(both, 3)
    with both.store.snapshot() as connection:
        now = both.store.clock.now()
        scope = Scope(Period(now.date(), now.date() + timedelta(days=30)), now, {})
        before = count_measures(connection, scope)["received"]
        both.apply(dossier(9, CENTRE))
        assert count_measures(connection, scope)["received"] == before == 3
    with both.store.read() as connection:
        assert count_measures(connection, scope)["received"] == 4
