"""The register of officials: dated entries that are only appended, kept by the agency's own leader."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from services.rating.app import create_app
from services.rating.officials.domain import OfficialEntry, in_force
from services.rating.officials.queries import known_officials, officials_of
from services.rating.officials.samples import ensure_samples, sample_officials
from services.rating.officials.store import officials
from tests.support.service import ServiceUnderTest, body

DESK = "H12.31.01"
URL, PAGE = "/rating/api/officials", "/rating/officials"
NAME = "Nguyễn Thị Zqmận"
ENTRY = {"subject": "clerk-7", "valid_from": "2025-01-01", "name": NAME, "position": "Chuyên viên"}
FORM = {"Origin": "http://localhost"}


@pytest.fixture
def client(rating: ServiceUnderTest) -> FlaskClient:
    return rating.client(create_app)


def entry(valid_from: str, **changes: Any) -> OfficialEntry:
    values: dict[str, Any] = {"subject": "a", "agency": "X", "name": "A", "position": "cv"} | changes
    return OfficialEntry(valid_from=date.fromisoformat(valid_from), **values)


@pytest.mark.parametrize(
    ("day", "position"),
    [("2024-12-31", None), ("2025-01-01", "cv"), ("2025-06-30", "tp"), ("2025-08-31", "pp"), ("2025-09-01", None)],
)
def test_of_each_official_the_newest_entry_that_has_begun_counts(day: str, position: str | None) -> None:
    entries = [
        entry("2025-07-01", position="pp"),
        entry("2025-01-01"),
        entry("2025-05-01", position="sai"),
        entry("2025-05-01", position="tp"),  # the same day, entered later
        entry("2025-09-01", active=False),
        entry("2025-01-01", agency="Y", active=False),
    ]
    assert [one.position for one in in_force(entries, date.fromisoformat(day))] == ([position] if position else [])


def test_a_leader_enters_changes_and_ends_without_losing_what_was(both: ServiceUnderTest) -> None:
    client, leader = both.client(create_app), both.headers("leader", DESK)
    answer = client.post(URL, json=ENTRY | {"counter": 3}, headers=leader)
    assert answer.status_code == 201, answer.text
    assert (
        client.post(URL, json=ENTRY | {"valid_from": "2025-03-01", "position": "Tổ trưởng"}, headers=leader).status_code
        == 201
    )
    (shown,) = body(client.get(URL, headers=leader))["officials"]
    assert (shown["position"], shown["name"], shown["counter"]) == ("Tổ trưởng", NAME, None)
    client.post(URL, json=ENTRY | {"valid_from": "2025-04-01", "active": False}, headers=leader)
    assert body(client.get(URL, headers=leader)) == {"officials": []}
    assert len(both.rows(officials)) == 3
    agency = both.rows(officials)[0]["agency"]
    with both.store.read() as connection:
        assert [one.counter for one in officials_of(connection, [agency], date(2025, 2, 1))] == [3]
        assert known_officials(connection, ["clerk-7", "x"], date(2025, 3, 2))["clerk-7"].position == "Tổ trưởng"


def test_names_are_sealed(both: ServiceUnderTest) -> None:
    both.client(create_app).post(URL, json=ENTRY, headers=both.headers("leader", DESK))
    with both.store.read() as connection:
        stored = [str(connection.execute(text(f"SELECT * FROM {name}")).all()) for name in ("official", "outbox")]
    assert "Zqmận" not in " ".join(stored)
    assert both.rows(officials)[0]["name"] == NAME


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": "Nguyễn A"}, "subject"),
        ({"name": " " * 3}, "name"),
        ({"name": "a" * 101}, "name"),
        ({"valid_from": "hôm nay"}, "valid_from"),
        ({"valid_from": "0001-01-01"}, "valid_from"),
        ({"counter": 0}, "counter"),
        ({"home_agency": "H99.99"}, "home_agency"),
        ({"agency": "H12.31.02"}, "agency"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_entered(
    rating: ServiceUnderTest, client: FlaskClient, change: dict[str, Any], field: str
) -> None:
    answer = client.post(URL, json=ENTRY | change, headers=rating.headers("leader", DESK))
    assert answer.status_code == 422
    assert [one["field"] for one in body(answer)["errors"]] == [field]
    assert rating.rows(officials) == []


def test_only_leaders_of_an_agency_that_exists_keep_a_register(rating: ServiceUnderTest, client: FlaskClient) -> None:
    for role in ("clerk", "officer", "operator", "auditor"):
        assert client.get(URL, headers=rating.headers(role)).status_code == 403
    assert client.get(URL, headers=rating.headers("leader", "H99.99")).status_code == 403
    assert client.post(URL, json=ENTRY, headers=rating.headers("leader", "H99.99")).status_code == 403


def test_a_leader_sees_and_enters_only_their_own_officials(rating: ServiceUnderTest, client: FlaskClient) -> None:
    client.post(URL, json=ENTRY, headers=rating.headers("leader", "H12.31.01"))
    assert body(client.get(URL, headers=rating.headers("leader", "H12.32.01"))) == {"officials": []}


def test_the_page_enters_once_and_shows_who_is_there(rating: ServiceUnderTest, client: FlaskClient) -> None:
    headers = rating.headers("leader", DESK) | FORM
    key = re.search(r'name="form_key" value="(\w+)"', client.get(PAGE, headers=headers).text)
    assert key
    form = ENTRY | {"form_key": key[1], "active": "active", "counter": "", "home_agency": ""}
    for _ in range(2):
        assert client.post(PAGE, data=form, headers=headers).status_code == 303
    assert len(rating.rows(officials)) == 1
    assert NAME in client.get(PAGE, headers=headers).text
    wrong = client.post(PAGE, data=form | {"counter": "ba"}, headers=headers)
    assert (wrong.status_code, "Quầy" in wrong.text) == (422, True)


def test_the_officials_of_the_demonstration_are_entered_once(rating: ServiceUnderTest) -> None:
    samples = sample_officials()
    assert ensure_samples(rating.context) == len(samples)
    assert ensure_samples(rating.context) == 0
    assert {row["subject"] for row in rating.rows(officials)} == {one.subject for one in samples}
