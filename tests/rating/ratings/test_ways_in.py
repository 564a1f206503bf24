"""The ways in by a token: at a kiosk, by staff, after the closing date, and too often."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from services.rating.app import create_app
from services.rating.officials.domain import HANDLING, Part
from services.rating.officials.store import add_dossier_official
from services.rating.ratings.limits import MOST_OF_TOKEN, TOKEN_FAILURES
from services.rating.ratings.store import ratings
from shared.persistence.wrong_tries import MAX_FAILURES_OF_ADDRESS, WINDOW
from tests.rating.support import DESK, invite
from tests.support.service import ServiceUnderTest, body

URL = "/rating/api/ratings"
WRONG = "x" * 20
OWN = {"Origin": "http://localhost"}


@pytest.fixture
def client(rating: ServiceUnderTest) -> FlaskClient:
    return rating.client(create_app)


def handled_by(rating: ServiceUnderTest, subject: str, dossier: str = "D-1") -> None:
    part = Part(subject, HANDLING)
    rating.store.run(lambda work: add_dossier_official(work, dossier, part, DESK, work.now))


def test_a_rating_at_a_kiosk_is_marked_so(rating: ServiceUnderTest, client: FlaskClient, token: str) -> None:
    visit = b64encode(orjson.dumps({"id": "visit-1", "desk": DESK})).decode()
    client.set_cookie("motcua_visit", visit)
    assert client.post("/rating/", data={"code": token}).status_code == 303
    assert client.post(f"/rating/r/{token}", data={"score": "4"}).status_code == 303
    assert [row["channel"] for row in rating.rows(ratings)] == ["kiosk"]
    assert [one.data["channel"] for one in rating.emitted("rating.given")] == ["kiosk"]


@pytest.mark.parametrize("role", ["clerk", "officer", "leader"])
def test_nobody_rates_a_dossier_in_which_they_had_a_part(
    rating: ServiceUnderTest, client: FlaskClient, token: str, role: str
) -> None:
    handled_by(rating, "official-7")
    own, other = rating.headers(role, DESK), rating.headers(role, DESK, "official-8")
    refused = client.post(URL, json={"token": token, "score": 5}, headers=own)
    assert (refused.status_code, body(refused)["type"]) == (403, "urn:motcua:problem:own-work")
    assert rating.rows(ratings) == []
    assert client.post(URL, json={"token": token, "score": 5}, headers=other).status_code == 201


def test_a_signed_in_official_sees_no_form_about_their_own_work(
    rating: ServiceUnderTest, client: FlaskClient, token: str
) -> None:
    handled_by(rating, "official-7")
    session = rating.headers("clerk", DESK)["Authorization"].removeprefix("Bearer ")
    client.set_cookie("motcua_session", session)
    for answer in (
        client.get(f"/rating/r/{token}"),
        client.post(f"/rating/r/{token}", data={"score": "5"}, headers=OWN),
    ):
        assert answer.status_code == 403
        assert "về công việc của chính ông/bà" in answer.text
        assert "D-1" not in answer.text
    assert rating.rows(ratings) == []
    client.delete_cookie("motcua_session")
    assert client.post(f"/rating/r/{token}", data={"score": "5"}).status_code == 303


def test_the_closing_date_is_told_before_and_after(rating: ServiceUnderTest, client: FlaskClient, token: str) -> None:
    closing = rating.store.clock.now() + timedelta(days=30)
    written = f"{closing:%d/%m/%Y}"
    assert written in client.get(f"/rating/r/{token}").text
    rating.hand.pass_(timedelta(days=30))
    late = client.get(f"/rating/r/{token}")
    assert (late.status_code, written in late.text) == (410, True)
    problem = client.post(URL, json={"token": token, "score": 5})
    assert body(problem)["expired_at"].startswith(f"{closing:%Y-%m-%d}")


def test_wrong_codes_from_one_address_are_soon_not_answered(rating: ServiceUnderTest, client: FlaskClient) -> None:
    token = invite(rating)
    guesses = [f"{number:020}" for number in range(MAX_FAILURES_OF_ADDRESS + 2)]
    pages = [client.get(f"/rating/r/{guess}").status_code for guess in guesses]
    assert pages == [404] * MAX_FAILURES_OF_ADDRESS + [429] * 2
    refused = client.post(URL, json={"token": WRONG, "score": 5})
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= WINDOW.total_seconds()
    other = client.get(f"/rating/r/{WRONG}", environ_base={"REMOTE_ADDR": "203.0.113.9"})
    assert other.status_code == 404, "others are answered"
    assert client.post(f"/rating/r/{token}", data={"score": "5"}).status_code == 303, "the right code always is"


def test_refused_tries_with_one_code_are_counted_from_all_addresses(
    rating: ServiceUnderTest, client: FlaskClient, token: str
) -> None:
    assert client.post(URL, json={"token": token, "score": 5}).status_code == 201
    answers = [
        client.post(URL, json={"token": token, "score": 1}, environ_base={"REMOTE_ADDR": f"203.0.113.{place}"})
        for place in range(MOST_OF_TOKEN + 1)
    ]
    assert [one.status_code for one in answers] == [409] * MOST_OF_TOKEN + [429]
    assert len(rating.rows(ratings)) == 1
    kept = str(rating.rows(TOKEN_FAILURES.table))
    assert token not in kept
    assert "203.0.113" not in kept


def test_counts_are_forgotten_when_their_window_is_over(rating: ServiceUnderTest, client: FlaskClient) -> None:
    client.get(f"/rating/r/{WRONG}")
    assert len(rating.rows(TOKEN_FAILURES.table)) == 2
    assert TOKEN_FAILURES.delete_old(rating.store) == 0
    rating.hand.pass_(WINDOW + timedelta(seconds=1))
    assert TOKEN_FAILURES.delete_old(rating.store) in (0, 2)  # real time, which this clock may not move


def test_a_body_that_is_no_rating_counts_for_nobody(rating: ServiceUnderTest, client: FlaskClient) -> None:
    bodies: tuple[Any, ...] = ({"score": 5}, {"token": 5}, [], {"token": "a", "score": 9})
    for sent in bodies:
        assert client.post(URL, json=sent).status_code in (400, 422)
    assert rating.rows(TOKEN_FAILURES.table) == []
