from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from services.rating.app import create_app
from services.rating.ratings.form import rating_form
from services.rating.ratings.store import ratings
from tests.rating.support import counted_ratings
from tests.support.service import ServiceUnderTest


@pytest.fixture
def client(rating: ServiceUnderTest) -> FlaskClient:
    return rating.client(create_app)


def test_the_form_asks_for_everything_and_names_the_dossier(client: FlaskClient, token: str) -> None:
    page = client.get(f"/rating/r/{token}")
    assert page.status_code == 200
    assert "D-1" in page.text
    assert page.text.count('type="radio"') == 5
    for name, label in rating_form().criteria.items():
        assert f'name="criteria.{name}"' in page.text
        assert label.vi in page.text


def test_submitting_the_form_stores_a_rating(rating: ServiceUnderTest, client: FlaskClient, token: str) -> None:
    before = counted_ratings(2)
    form = {"score": "2", "criteria.time": "1", "criteria.other": "", "comment": "Chờ lâu.\r\nĐi lại nhiều."}
    answer = client.post(f"/rating/r/{token}", data=form)
    assert (answer.status_code, answer.location) == (303, "/rating/thanks")
    assert "Cảm ơn" in client.get(answer.location).text
    (row,) = rating.rows(ratings)
    assert (row["score"], row["criteria"], row["comment"]) == (2, {"time": 1}, "Chờ lâu.\nĐi lại nhiều.")
    assert counted_ratings(2) == before + 1


@pytest.mark.parametrize(
    ("form", "marker"),
    [
        ({}, "Xin chọn một mức độ"),
        ({"score": "9"}, "Xin chọn một mức độ"),
        ({"score": "nine"}, "Xin chọn một mức độ"),
        ({"score": "5", "criteria.time": "7"}, "f-criteria-time-error"),
        ({"score": "5", "comment": "a" * 1001}, "f-comment-error"),
    ],
)
def test_an_invalid_form_is_shown_again_with_its_values(
    rating: ServiceUnderTest, client: FlaskClient, token: str, form: dict[str, str], marker: str
) -> None:
    answer = client.post(f"/rating/r/{token}", data={"comment": "Giữ lại nhé"} | form)
    assert answer.status_code == 422
    assert marker in answer.text
    assert "<title>Lỗi" in answer.text
    if "comment" not in form:
        assert "Giữ lại nhé" in answer.text
    if form.get("score") == "5":
        assert 'value="5" required checked' in answer.text
    assert rating.rows(ratings) == []


def test_an_unknown_or_used_code_is_explained(rating: ServiceUnderTest, client: FlaskClient, token: str) -> None:
    unknown = client.get("/rating/r/" + "x" * 20)
    assert (unknown.status_code, "Mã đánh giá không đúng" in unknown.text) == (404, True)
    client.post(f"/rating/r/{token}", data={"score": "5"})
    for used in (client.get(f"/rating/r/{token}"), client.post(f"/rating/r/{token}", data={"score": "1"})):
        assert (used.status_code, "đã được dùng" in used.text) == (409, True)


def test_an_expired_invitation_is_explained(rating: ServiceUnderTest, client: FlaskClient, token: str) -> None:
    rating.hand.pass_(timedelta(days=31))
    for over in (client.get(f"/rating/r/{token}"), client.post(f"/rating/r/{token}", data={"score": "1"})):
        assert (over.status_code, "hết thời hạn" in over.text) == (410, True)


def test_a_typed_code_leads_to_the_form(client: FlaskClient, token: str) -> None:
    assert "Mã đánh giá" in client.get("/rating/").text
    typed = f" {token[:10].upper()}-{token[10:]} "
    answer = client.post("/rating/", data={"code": typed})
    assert (answer.status_code, answer.location) == (303, f"/rating/r/{token}")


@pytest.mark.parametrize("code", ["", "abc", "u" * 20, "0" * 21, "<script>"])
def test_an_impossible_code_is_asked_for_again(client: FlaskClient, code: str) -> None:
    answer = client.post("/rating/", data={"code": code})
    assert answer.status_code == 422
    assert "20 chữ và số" in answer.text
    assert "<script>" not in answer.text


def test_the_token_is_in_no_log_and_no_metric(
    rating: ServiceUnderTest, client: FlaskClient, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    page = client.get(f"/rating/r/{token}")
    client.post(f"/rating/r/{token}", data={"score": "5"})
    client.get(f"/rating/r/{token}")
    assert any(getattr(record, "fields", {}).get("route") == "/rating/r/<token>" for record in caplog.records)
    assert not any(token in str(vars(record)) for record in caplog.records)
    assert token not in client.get("/rating/metrics").text
    assert '<meta name="referrer" content="no-referrer">' in page.text
    assert page.headers["Cache-Control"] == "no-store"
