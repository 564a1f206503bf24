"""A dossier is rated by the form of the regulation under which it was received."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from services.rating.app import create_app
from services.rating.ratings.form import form_of_version
from services.rating.ratings.store import ratings
from tests.rating.support import invite
from tests.support.events import event
from tests.support.service import ServiceUnderTest, body

URL = "/rating/api/ratings"


@pytest.fixture
def client(rating: ServiceUnderTest) -> FlaskClient:
    return rating.client(create_app)


@pytest.mark.parametrize(
    ("regulation", "version"),
    [("nd118-2025", "nd118-2025"), ("nd61-2018", "nd61-2018"), ("qd09-2015", "nd61-2018"), ("", "nd118-2025")],
)
def test_the_form_asks_what_the_regulation_asks(
    rating: ServiceUnderTest, client: FlaskClient, regulation: str, version: str
) -> None:
    page = client.get(f"/rating/r/{invite(rating, regulation=regulation)}").text
    other = form_of_version("nd61-2018" if version == "nd118-2025" else "nd118-2025")
    form = form_of_version(version)
    for name, label in form.criteria.items():
        assert f'name="criteria.{name}"' in page
        assert label.vi in page
    for name in other.criteria.keys() - form.criteria.keys():
        assert name not in page


def test_a_rating_by_an_older_form_keeps_its_version_and_its_points(both: ServiceUnderTest) -> None:
    token = invite(both, regulation="nd61-2018")
    typed = {"score": "4", "criteria.time": "0", "criteria.one_stop": "2", "criteria.online": ""}
    assert both.client(create_app).post(f"/rating/r/{token}", data=typed).status_code == 303
    (row,) = both.rows(ratings)
    assert (row["form"], row["score"], row["criteria"]) == ("nd61-2018", 4, {"time": 0, "one_stop": 2})
    both.apply(event("personal_data.requested", 2, dossier="D-1"))
    (given,) = both.emitted("personal_data.rating_provided")
    assert [one["label"] for one in given.data["rating"]["criteria"]] == [
        "Thời gian giải quyết hồ sơ",
        "Thực hiện đúng cơ chế một cửa",
    ]


@pytest.mark.parametrize(
    ("regulation", "criteria", "field"),
    [
        ("nd118-2025", {"time": 0}, "criteria.time"),
        ("nd118-2025", {"one_stop": 1}, "criteria.one_stop"),
        ("nd61-2018", {"time": 3}, "criteria.time"),
        ("nd61-2018", {"legality": 1}, "criteria.legality"),
    ],
)
def test_what_the_form_does_not_know_is_refused_and_the_code_stays_good(
    rating: ServiceUnderTest, client: FlaskClient, regulation: str, criteria: dict[str, int], field: str
) -> None:
    token = invite(rating, regulation=regulation)
    answer = client.post(URL, json={"token": token, "score": 5, "criteria": criteria})
    assert answer.status_code == 422
    assert [error["field"] for error in body(answer)["errors"]] == [field]
    assert client.post(URL, json={"token": token, "score": 5}).status_code == 201


def test_courtesy_is_kept_as_answered(rating: ServiceUnderTest, client: FlaskClient, token: str) -> None:
    typed = {"score": "5", "courtesy.greeting": "yes", "courtesy.apology": "no", "courtesy.thanks": ""}
    assert client.post(f"/rating/r/{token}", data=typed).status_code == 303
    (row,) = rating.rows(ratings)
    assert row["courtesy"] == {"greeting": True, "apology": False}


@pytest.mark.parametrize("typed", [{"courtesy.greeting": "maybe"}, {"criteria.time": "x"}])
def test_a_wrong_answer_is_shown_beside_its_field_in_the_open_part(
    client: FlaskClient, token: str, typed: dict[str, str]
) -> None:
    answer = client.post(f"/rating/r/{token}", data={"score": "5", **typed})
    assert answer.status_code == 422
    assert "<details open>" in answer.text
    (name,) = typed
    assert f'id="f-{name.replace(".", "-")}-error"' in answer.text
