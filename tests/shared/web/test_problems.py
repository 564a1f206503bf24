"""Every error is problem details, names the fields, and reveals nothing internal."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import psycopg
import pytest
import sqlalchemy.exc
from flask import Response
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from werkzeug.exceptions import Gone, ImATeapot, TooManyRequests

from shared.observability.logs import JsonLines
from shared.web.error_handlers import to_problem
from shared.web.field_errors import field_errors, vietnamese
from shared.web.problem import Problem
from tests.shared.web.example_app import ExampleApp

URL = "/intake/api/things"
SECRET = "Nguyễn Văn A 0912345678"


def database_error(kind: type[sqlalchemy.exc.DBAPIError], cause: Exception) -> Exception:
    return kind("SELECT :name", {"name": SECRET}, cause)


def checked(answer: Any, status: int, slug: str) -> dict:
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    body = answer.json
    assert body["type"] == f"urn:motcua:problem:{slug}"
    assert body["status"] == status
    assert body["title"]
    assert body["title_en"]
    return dict(body)


def test_validation_names_every_field_by_its_path(client: Any, example: ExampleApp) -> None:
    body = {"person": {"phone": "12"}, "papers": [{"phone": "0912345678"}, {"phone": 5}], "colour": "red"}
    answer = client.post(URL, json=body, headers=example.token("clerk"))
    errors = {error["field"]: error for error in checked(answer, 422, "invalid")["errors"]}
    assert set(errors) == {"name", "person.phone", "papers.1.phone", "colour"}
    assert errors["name"]["message"] == "Bắt buộc phải có thông tin này."
    assert errors["name"]["message_en"] == "Missing data for required field."
    assert errors["person.phone"]["message"] == "Ngắn hơn độ dài tối thiểu 9."


@pytest.mark.parametrize("body", ["[]", '"x"', "5", "null"])
def test_a_body_that_is_no_object(client: Any, example: ExampleApp, body: str) -> None:
    answer = client.post(URL, data=body, content_type="application/json", headers=example.token("clerk"))
    assert checked(answer, 422, "invalid")["errors"][0]["field"] == ""


@pytest.mark.parametrize("body", ["", "{", "{'a': 1}", '{"name": NaN}', b"\xff\xfe", "[" * 5000, '{"name": "\\ud800"}'])
def test_a_body_that_is_no_json(client: Any, example: ExampleApp, body: str | bytes) -> None:
    answer = client.post(URL, data=body, content_type="application/json", headers=example.token("clerk"))
    assert {"line", "column"} <= set(checked(answer, 400, "malformed-json"))


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(TREES)
def test_messages_of_any_shape_are_flattened(messages: Any) -> None:
    for error in field_errors(messages):
        assert isinstance(error["field"], str)
        assert isinstance(error["message"], str)


def test_messages_of_our_own_stay_as_they_are() -> None:
    assert field_errors({"name": ["Tên đã có người dùng."]}) == [{"field": "name", "message": "Tên đã có người dùng."}]
    assert vietnamese("Must be one of: a, b.") == "Phải là một trong các giá trị: a, b."
    assert vietnamese("Must be greater than or equal to 1 and less than or equal to 50.") == "Phải từ 1 đến 50."


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_media_type(client: Any, example: ExampleApp, content_type: str) -> None:
    answer = client.post(URL, data="{}", content_type=content_type, headers=example.token("clerk"))
    checked(answer, 415, "unsupported-media-type")


def test_media_types_based_on_json_are_accepted(client: Any, example: ExampleApp) -> None:
    dialect = "application/vnd.motcua+json; charset=utf-8"
    answer = client.post(URL, data='{"name": "x"}', content_type=dialect, headers=example.token("clerk"))
    assert answer.status_code == 201


def post_bytes(example: ExampleApp, body: bytes, declared: bool, url: str = URL, **headers: str) -> Any:
    """Posts a body with its length, or chunked, which has none."""
    environ: dict[str, Any] = {"REQUEST_METHOD": "POST", "PATH_INFO": url, "wsgi.input": io.BytesIO(body)}
    environ |= {
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input_terminated": True,
    }
    environ |= {"SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "localhost", "CONTENT_TYPE": "application/json"}
    environ |= {
        "HTTP_" + name.upper().replace("-", "_"): value for name, value in {**example.token("clerk"), **headers}.items()
    }
    environ |= {"CONTENT_LENGTH": str(len(body))} if declared else {"HTTP_TRANSFER_ENCODING": "chunked"}
    return Response.from_app(example.app, environ)


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_bodies_at_the_limit_and_beyond(example: ExampleApp, declared: bool) -> None:
    fits = b'{"name": "x"}'.ljust(example.context.settings.max_body_bytes)
    assert post_bytes(example, fits, declared).status_code == 201
    for body in (fits + b" ", fits * 3):
        checked(post_bytes(example, body, declared), 413, "too-large")
        checked(post_bytes(example, body, declared, **{"Idempotency-Key": "k"}), 413, "too-large")
    assert example.names() == ["x"]


def test_oversize_forms(example: ExampleApp) -> None:
    too_long = "x" * (example.context.settings.max_body_bytes + 1)
    assert example.client().post("/intake/form", data={"name": too_long}).status_code == 413
    assert example.client().post("/intake/form", data={"name": "Tý"}).text == "Tý"


def test_unknown_routes_and_methods(client: Any) -> None:
    checked(client.get("/intake/api/nothing"), 404, "not-found")
    answer = client.put("/intake/api/anonymous")
    checked(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize(
    "failure",
    [
        sqlalchemy.exc.TimeoutError("QueuePool limit reached"),
        database_error(sqlalchemy.exc.OperationalError, psycopg.OperationalError("connection refused")),
        database_error(sqlalchemy.exc.OperationalError, psycopg.errors.AdminShutdown("terminating connection")),
        database_error(sqlalchemy.exc.OperationalError, psycopg.errors.DeadlockDetected("deadlock")),
        database_error(sqlalchemy.exc.OperationalError, psycopg.errors.TooManyConnections("too many clients")),
        database_error(sqlalchemy.exc.OperationalError, psycopg.errors.QueryCanceled("statement timeout")),
        database_error(sqlalchemy.exc.OperationalError, Exception("database is locked")),
        database_error(sqlalchemy.exc.OperationalError, Exception("database or disk is full")),
    ],
    ids=lambda failure: str(getattr(failure, "orig", failure)),
)
def test_an_unavailable_or_busy_database_is_told_in_one_line(
    client: Any, example: ExampleApp, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    example.during.failure = failure
    with caplog.at_level(logging.INFO):
        answer = client.get("/intake/api/fails")
    checked(answer, 503, "unavailable")
    assert answer.json["retry_after"] == int(answer.headers["Retry-After"]) >= 1
    (line,) = caplog.records
    assert line.levelno == logging.WARNING
    cause = f"cannot be used: {type(failure).__name__}"
    assert line.getMessage() == f"GET /intake/api/fails 503: the database {cause}"


@pytest.mark.parametrize(
    "failure",
    [
        LookupError(SECRET),
        database_error(sqlalchemy.exc.OperationalError, Exception(f"no such table: {SECRET}")),
        database_error(sqlalchemy.exc.ProgrammingError, psycopg.errors.UndefinedTable(SECRET)),
        database_error(sqlalchemy.exc.IntegrityError, psycopg.errors.NotNullViolation(SECRET)),
    ],
)
def test_an_unexpected_error_gets_an_id_and_reveals_nothing(
    client: Any, example: ExampleApp, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    example.during.failure = failure
    with caplog.at_level(logging.INFO):
        answer = client.get("/intake/api/fails?phone=0912345678")
    body = checked(answer, 500, "unexpected")
    number = body["instance"].rpartition(":")[2]
    lines = [JsonLines().format(record) for record in caplog.records]
    assert [line for line in lines if number in line and type(failure).__name__ in line and "example_app.py" in line]
    for text in [answer.text, *lines]:
        assert SECRET not in text
        assert "0912345678" not in text


def test_a_violated_uniqueness_constraint_on_either_database(example_on_both: ExampleApp) -> None:
    client = example_on_both.client()
    answers = [
        client.post("/intake/api/names", json={"name": "x"}, headers=example_on_both.token("clerk")) for _ in "ab"
    ]
    assert answers[0].status_code == 201
    checked(answers[1], 409, "conflict")


def test_a_value_that_cannot_be_stored(pg_url: str, tmp_path: Any) -> None:
    example = ExampleApp(pg_url, tmp_path)
    for name in ("a\0b", "x" * 51):
        answer = example.client().post(URL, json={"name": name}, headers=example.token("clerk"))
        checked(answer, 422, "invalid")
    example.context.store.close()


def test_a_lost_database(pg_url: str, tmp_path: Any) -> None:
    example = ExampleApp(pg_url, tmp_path)
    example.context.store.close()
    url = pg_url.rpartition("/")[0] + "/no_such_database"
    lost = ExampleApp.__new__(ExampleApp)
    lost.__dict__.update(example.__dict__)
    example.app.extensions["motcua"] = type(example.context)(
        "intake", example.context.settings, type(example.context.store)(url, "intake"), example.context.reference
    )
    checked(lost.client().get("/intake/api/hello"), 503, "unavailable")


@pytest.mark.parametrize(("error", "status"), [(Gone(), 410), (ImATeapot(), 418), (TooManyRequests(), 429)])
def test_any_http_error_is_a_problem(error: Exception, status: int) -> None:
    problem = to_problem(error)
    assert problem.status == status
    assert json.loads(problem.response().data)["title_en"]


def test_errors_of_webargs_name_their_fields() -> None:
    error = ImATeapot()
    error.code = 422
    error.data = {"messages": {"json": {"person": {"phone": ["Field may not be null."]}}}}  # type: ignore[attr-defined]
    assert [found["field"] for found in to_problem(error).errors] == ["person.phone"]
    assert to_problem(ValidationError("Sai.", "name")).errors == [{"field": "name", "message": "Sai."}]


def test_a_services_own_problem_needs_both_titles() -> None:
    with pytest.raises(ValueError, match="title"):
        Problem(409, "strange", "Lạ")
    own = Problem(409, "strange", "Lạ", "Strange", detail="Rất lạ.", balance=30, headers={"X-A": "b"})
    response = own.response()
    assert response.headers["X-A"] == "b"
    assert response.json == {
        "type": "urn:motcua:problem:strange",
        "title": "Lạ",
        "title_en": "Strange",
        "status": 409,
        "detail": "Rất lạ.",
        "balance": 30,
    }


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_people_get_a_page_and_programs_get_json(client: Any, example: ExampleApp) -> None:
    page = client.get("/intake/nothing", headers=BROWSER)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "Không tìm thấy" in page.text
    assert "Not found" in client.get("/intake/nothing?lang=en", headers=BROWSER).text
    staff = client.get("/intake/staff", headers=BROWSER)
    assert (staff.status_code, staff.headers["Location"]) == (303, "/intake/sign-in?next=%2Fintake%2Fstaff")
    other = client.get("/intake/staff", headers=BROWSER | example.token("device"))
    assert (other.status_code, other.mimetype) == (403, "text/html")
    wrong = client.get("/intake/staff", headers=BROWSER | {"Authorization": "Bearer a.b.c"})
    assert (wrong.status_code, wrong.mimetype) == (401, "text/html")
    assert "WWW-Authenticate" in wrong.headers
    checked(client.get("/intake/nothing"), 404, "not-found")
    checked(client.get("/intake/nothing", headers={"Accept": "*/*"}), 404, "not-found")
    checked(client.get("/intake/api/nothing", headers=BROWSER), 404, "not-found")
