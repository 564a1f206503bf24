"""Commands and queries: bodies, arguments, answers."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest

from shared.runtime.clock import VIETNAM
from shared.web.json_encoding import dumps
from tests.shared.web.conftest import ANOTHER_STATUS
from tests.shared.web.example_app import ExampleApp


def test_a_command_answers_with_its_status_and_location(client: Any, example: ExampleApp) -> None:
    answer = client.post("/intake/api/things", json={"name": "Hồ sơ"}, headers=example.token("clerk"))
    assert (answer.status_code, answer.content_type) == (201, "application/json")
    assert answer.headers["Location"] == "/intake/api/things/1"
    assert answer.json == {"id": 1, "name": "Hồ sơ"}


def test_a_view_may_answer_with_another_status(
    client: Any, example: ExampleApp, answers_as_documented: list[str]
) -> None:
    client.post("/intake/api/things", json={"name": "x"}, headers=example.token("clerk"))
    assert client.post("/intake/api/things/1/close", headers=example.token("officer")).status_code == 202
    assert answers_as_documented == [ANOTHER_STATUS]


def test_a_query_checks_its_arguments(client: Any, example: ExampleApp) -> None:
    url = "/intake/api/agencies/A1/things"
    client.post("/intake/api/things", json={"name": "x"}, headers=example.token("clerk"))
    client.post("/intake/api/things", json={"name": "y"}, headers=example.token("clerk"))
    assert client.get(url, headers=example.token("clerk")).json == ["x", "y"]
    assert client.get(f"{url}?limit=1&state=open&state=closed", headers=example.token("clerk")).json == ["x"]
    wrong = client.get(f"{url}?limit=100&lmit=1", headers=example.token("clerk"))
    assert wrong.status_code == 422
    assert {error["field"] for error in wrong.json["errors"]} == {"limit", "lmit"}


def test_boards_poll_with_an_etag(client: Any, example: ExampleApp) -> None:
    url = "/intake/api/agencies/A1/things"
    first = client.get(url, headers=example.token("clerk"))
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = example.token("clerk") | {"If-None-Match": first.headers["ETag"]}
    unchanged = client.get(url, headers=again)
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    client.post("/intake/api/things", json={"name": "x"}, headers=example.token("clerk"))
    assert client.get(url, headers=again).json == ["x"]


def test_a_query_may_answer_with_a_file(client: Any, example: ExampleApp) -> None:
    answer = client.get("/intake/api/paper", headers=example.token("clerk"))
    assert (answer.content_type, answer.data) == ("application/pdf", b"%PDF-")


def test_queries_take_no_write_lock(example: ExampleApp) -> None:
    with example.context.store.uow():
        assert example.client().get("/intake/api/hello").status_code == 200


def test_every_time_in_json_has_an_offset() -> None:
    moment = datetime(2026, 1, 5, 15, 30, tzinfo=VIETNAM)
    written = json.loads(
        dumps({"at": moment, "utc": moment.astimezone(UTC), "on": date(2026, 1, 5), "sum": Decimal("1.50")})
    )
    assert written == {
        "at": "2026-01-05T15:30:00+07:00",
        "utc": "2026-01-05T08:30:00+00:00",
        "on": "2026-01-05",
        "sum": "1.50",
    }


def test_flasks_own_json_is_the_same(example: ExampleApp) -> None:
    moment = datetime(2026, 1, 5, 15, 30, tzinfo=VIETNAM)
    assert example.app.json.dumps({"at": moment}) == '{"at":"2026-01-05T15:30:00+07:00"}'
    with example.app.app_context():
        answer: Any = example.app.json.response(name="ộ")
        assert answer.data == '{"name":"ộ"}'.encode()


@pytest.mark.parametrize("value", [datetime(2026, 1, 5), time(7, 30), object(), float])
def test_what_has_no_json_form_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        dumps({"value": value})
