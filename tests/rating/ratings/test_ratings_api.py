from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.rating.app import create_app
from services.rating.ratings.commands import submit_rating
from services.rating.ratings.domain import Rating
from services.rating.ratings.store import ratings
from shared.contracts import read_data
from shared.persistence.unit_of_work import UnitOfWork
from tests.rating.support import counted_ratings, invite
from tests.support.service import ServiceUnderTest, body

URL = "/rating/api/ratings"
CRITERIA = {"time": 5, "attitude": 4, "other": 1}


@pytest.fixture
def client(rating: ServiceUnderTest) -> FlaskClient:
    return rating.client(create_app)


def test_a_rating_is_stored_and_announced_without_its_comment(both: ServiceUnderTest) -> None:
    token = invite(both)
    request = {"token": token, "score": 4, "criteria": CRITERIA, "comment": " Nhanh, thân thiện. "}
    answer = both.client(create_app).post(URL, json=request)
    assert answer.status_code == 201
    assert body(answer) == {"accepted": True, "score": 4}
    (row,) = both.rows(ratings)
    assert (row["dossier"], row["score"], row["criteria"]) == ("D-1", 4, CRITERIA)
    assert row["comment"] == "Nhanh, thân thiện."
    (given,) = both.emitted("rating.given")
    assert read_data(given) == {
        "rating": row["id"],
        "kind": "dossier",
        "dossier": "D-1",
        "procedure": "1.013831",
        "field": "land",
        "agency": "H57.10.01",
        "score": 4,
        "channel": "web",
        "given_at": both.store.clock.now(),
    }


def test_a_score_is_enough_and_the_code_is_normalised(
    rating: ServiceUnderTest, client: FlaskClient, token: str
) -> None:
    typed = f"{token[:4]}-{token[4:12]} {token[12:]}".upper()
    assert client.post(URL, json={"token": typed, "score": 1}).status_code == 201
    (row,) = rating.rows(ratings)
    assert (row["criteria"], row["comment"]) == ({}, "")


def test_an_unknown_token(client: FlaskClient, token: str) -> None:
    answer = client.post(URL, json={"token": "x" * 20, "score": 5})
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"
    assert body(answer)["type"] == "urn:motcua:problem:unknown-token"


def test_a_token_is_used_once(rating: ServiceUnderTest, client: FlaskClient, token: str) -> None:
    assert client.post(URL, json={"token": token, "score": 5}).status_code == 201
    answer = client.post(URL, json={"token": token, "score": 1})
    assert (answer.status_code, body(answer)["type"]) == (409, "urn:motcua:problem:already-rated")
    assert [row["score"] for row in rating.rows(ratings)] == [5]


def test_a_token_is_valid_for_thirty_days(rating: ServiceUnderTest, client: FlaskClient) -> None:
    first, second = invite(rating, "D-1"), invite(rating, "D-2")
    rating.hand.pass_(timedelta(days=30, seconds=-1))
    assert client.post(URL, json={"token": first, "score": 5}).status_code == 201
    rating.hand.pass_(1)
    answer = client.post(URL, json={"token": second, "score": 5})
    assert (answer.status_code, body(answer)["type"]) == (410, "urn:motcua:problem:invitation-expired")


def test_one_of_several_concurrent_ratings_succeeds(both: ServiceUnderTest) -> None:
    token = invite(both)
    app = both.app(create_app)
    start = threading.Barrier(4)
    answers: list[int] = []

    def rate(score: int) -> None:
        start.wait()
        answers.append(app.test_client().post(URL, json={"token": token, "score": score}).status_code)

    threads = [threading.Thread(target=rate, args=(score,)) for score in (1, 2, 3, 4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [201, 409, 409, 409]
    assert len(both.rows(ratings)) == 1
    assert len(both.emitted("rating.given")) == 1


def test_a_repeated_request_gets_the_same_answer(rating: ServiceUnderTest, client: FlaskClient, token: str) -> None:
    for _ in range(2):
        answer = client.post(URL, json={"token": token, "score": 5}, headers={"Idempotency-Key": "k-1"})
        assert (answer.status_code, body(answer)) == (201, {"accepted": True, "score": 5})
    assert len(rating.emitted("rating.given")) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"token": None}, "token"),
        ({"token": ""}, "token"),
        ({"score": None}, "score"),
        ({"score": 0}, "score"),
        ({"score": 6}, "score"),
        ({"score": 4.5}, "score"),
        ({"score": "5"}, "score"),
        ({"score": True}, "score"),
        ({"criteria": {"time": 6}}, "criteria.time"),
        ({"criteria": {"beauty": 3}}, "criteria.beauty"),
        ({"criteria": [1]}, "criteria"),
        ({"comment": "a" * 1001}, "comment"),
        ({"comment": "a\x00b"}, "comment"),
        ({"name": "Nguyễn Thị Bưởi"}, "name"),
    ],
)
def test_an_invalid_field_is_named_and_the_token_stays_valid(
    rating: ServiceUnderTest, client: FlaskClient, token: str, change: dict[str, Any], field: str
) -> None:
    answer = client.post(URL, json={"token": token, "score": 5} | change)
    assert answer.status_code == 422
    assert [error["field"] for error in body(answer)["errors"]] == [field]
    assert client.post(URL, json={"token": token, "score": 5}).status_code == 201


def test_a_large_body_is_refused(client: FlaskClient, token: str) -> None:
    large = {"token": token, "score": 5, "comment": "a" * 20_000}
    assert client.post(URL, json=large).status_code == 413
    assert client.post(URL, data=b"{", content_type="application/json").status_code == 400


def test_a_rating_is_counted_once(rating: ServiceUnderTest, client: FlaskClient, token: str) -> None:
    before = counted_ratings(3)
    for _ in range(2):
        client.post(URL, json={"token": token, "score": 3}, headers={"Idempotency-Key": "k-1"})
    client.post(URL, json={"token": token, "score": 3})
    assert counted_ratings(3) == before + 1


def test_a_rating_that_is_rolled_back_is_not_counted(rating: ServiceUnderTest, token: str) -> None:
    before = counted_ratings(3)

    def fail(work: UnitOfWork) -> None:
        submit_rating(work, token, Rating(3))
        raise LookupError

    with pytest.raises(LookupError):
        rating.store.run(fail)
    assert counted_ratings(3) == before
    rating.store.run(lambda work: submit_rating(work, token, Rating(3)))
    assert counted_ratings(3) == before + 1
