"""The pages of scores: who sees which numbers, and from how many ratings on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from services.rating.app import create_app
from tests.rating.support import DESK, keep, register
from tests.support.service import ServiceUnderTest

OTHER = "H12.31.01"
BEFORE = timedelta(days=30)


@pytest.fixture
def client(rating: ServiceUnderTest) -> FlaskClient:
    return rating.client(create_app)


def last_month(rating: ServiceUnderTest, *scores: int, **about: object) -> None:
    keep(rating, *scores, at=rating.store.clock.now() - BEFORE, apart=timedelta(minutes=9), **about)


def test_the_public_sees_agencies_and_procedures_with_enough_ratings(
    rating: ServiceUnderTest, client: FlaskClient
) -> None:
    procedure = {"procedure": "1.013831", "field": "land"}
    last_month(rating, *[5] * 27, 1, 1, 1)
    last_month(rating, *[4] * 29, agency=OTHER, official="official-2", **procedure)
    page = client.get("/rating/scores?period=2025-10").text
    assert "59" in page
    assert "94,9%" in page, "56 of 59"
    assert f"agency={DESK}" in page
    assert f"agency={OTHER}" not in page, "one too few"
    assert "1.013831" not in page
    assert "official-2" not in page
    last_month(rating, 4, agency=OTHER, **procedure)
    page = client.get("/rating/scores?period=2025-10").text
    assert f"agency={OTHER}" in page
    assert "1.013831" in page


def test_the_public_page_of_an_agency_is_about_it_alone(rating: ServiceUnderTest, client: FlaskClient) -> None:
    last_month(rating, *[5] * 30, agency=OTHER)
    assert "Chưa đủ 30 lượt" in client.get(f"/rating/scores?period=2025-10&agency={DESK}").text
    page = client.get(f"/rating/scores?period=2025-10&agency={OTHER}").text
    assert "100,0%" in page
    assert "Theo cơ quan" not in page


def test_a_share_of_one_hundred_hides_nobody(rating: ServiceUnderTest, client: FlaskClient) -> None:
    keep(rating, *[5] * 2999, 1, at=rating.store.clock.now() - BEFORE)
    page = client.get("/rating/scores?period=2025-10").text
    assert "99,9%" in page
    assert "<strong>100" not in page


@pytest.mark.parametrize("asked", ["", "period=x", "period=2025-13", "period=" + "9" * 400, "agency=" + "x" * 500])
def test_whatever_is_asked_for_there_is_a_page(client: FlaskClient, asked: str) -> None:
    answer = client.get(f"/rating/scores?{asked}")
    assert (answer.status_code, "Chưa đủ 30 lượt" in answer.text) == (200, True)


def test_a_leader_sees_each_official_from_ten_ratings_on(rating: ServiceUnderTest, client: FlaskClient) -> None:
    register(rating, "many", "few", "none")
    keep(rating, *[5] * 9, 2, official="many", counter=1, courtesy={"greeting": True})
    keep(rating, *[1] * 9, official="few", counter=2)
    page = client.get("/rating/unit", headers=rating.headers("leader", DESK)).text
    for name in ("many", "few", "none"):
        assert f"Cán bộ {name}" in page
    assert "90,0%" in page
    assert "Chưa đủ số đánh giá: 9 trên 10" in page
    assert "Chưa đủ số đánh giá: 0 trên 10" in page


def test_a_leader_of_another_agency_sees_nothing_of_it(rating: ServiceUnderTest, client: FlaskClient) -> None:
    register(rating, "many")
    keep(rating, *[5] * 20, official="many", counter=1)
    page = client.get("/rating/unit", headers=rating.headers("leader", OTHER)).text
    assert "many" not in page
    assert "Kỳ này chưa có đánh giá" in page


def test_contents_are_shown_with_the_mean_of_those_who_answered(rating: ServiceUnderTest, client: FlaskClient) -> None:
    keep(rating, 5, 5, criteria={"time": 4})
    keep(rating, 5, criteria={"time": 1})
    keep(rating, 5)
    page = client.get("/rating/unit", headers=rating.headers("leader", DESK)).text
    assert "Thời gian giải quyết so với quy định" in page
    assert "3,00" in page
    assert "Giải thích, hướng dẫn rõ ràng" not in page, "nobody answered it"


def test_an_account_without_an_agency_sees_no_unit(rating: ServiceUnderTest, client: FlaskClient) -> None:
    assert client.get("/rating/unit", headers=rating.headers("leader", "")).status_code == 403


def test_the_own_page_shows_only_periods_that_are_over(rating: ServiceUnderTest, client: FlaskClient) -> None:
    headers = rating.headers("clerk", DESK, "official-2")
    keep(rating, *[5] * 12, official="official-2")
    last_month(rating, *[4] * 11, official="official-2")
    going_on = client.get("/rating/mine?period=2025-11", headers=headers).text
    assert "Tháng 10/2025" in going_on
    assert "5,00" not in going_on
    assert "4,00" in going_on
