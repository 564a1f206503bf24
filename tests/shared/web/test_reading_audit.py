"""The audit of reading: every reading by an official is recorded once, and without a record there is no answer."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from shared.persistence.reading_audit import reading_audit
from shared.web.reading_audit import audited_endpoints
from tests.shared.web.example_app import ExampleApp

FILE = "/intake/api/things/1/file"
CHECK_OUT = "/intake/api/things/1/check-out"


@pytest.fixture
def filled(example_on_both: ExampleApp) -> ExampleApp:
    """The example app with one thing."""
    add(example_on_both, "T-1")
    return example_on_both


def add(example: ExampleApp, name: str) -> None:
    added = example.client().post("/intake/api/things", json={"name": name}, headers=example.token("clerk"))
    assert added.status_code == 201


def drop_audit(example: ExampleApp) -> None:
    with example.context.store.uow() as work:
        reading_audit.drop(work.connection)


def test_a_query_is_recorded_once(filled: ExampleApp) -> None:
    answer = filled.client().get(FILE, headers=filled.token("clerk"))
    assert answer.json == {"name": "T-1"}
    assert filled.readings() == [("u-1", "clerk", "A1", "thing", "T-1")]


def test_a_page_is_recorded(filled: ExampleApp) -> None:
    assert filled.client().get("/intake/things/T-1", headers=filled.token("clerk", "u-2", "")).text == "T-1"
    assert filled.readings() == [("u-2", "clerk", "", "page", "T-1")]


def test_a_command_records_in_its_own_transaction(filled: ExampleApp) -> None:
    seen: list[int] = []
    filled.during.command = lambda: seen.append(len(filled.readings()))
    assert filled.client().post(CHECK_OUT, headers=filled.token("officer")).status_code == 200
    assert seen == [0]
    assert filled.readings() == [("u-1", "officer", "A1", "check-out", "T-1")]


def test_a_command_that_runs_again_records_once(filled: ExampleApp) -> None:
    runs: list[int] = []

    def busy_at_first() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise OperationalError("", {}, Exception("database is locked"))

    filled.during.command = busy_at_first
    assert filled.client().post(CHECK_OUT, headers=filled.token("officer")).status_code == 200
    assert len(runs) == 2
    assert len(filled.readings()) == 1


def test_a_repeated_command_that_shows_its_first_answer_again_is_recorded_again(filled: ExampleApp) -> None:
    headers = filled.token("officer") | {"Idempotency-Key": "k-1"}
    first, again = (filled.client().post(CHECK_OUT, headers=headers) for _ in range(2))
    assert first.data == again.data
    assert again.headers["Idempotency-Replayed"] == "true"
    assert [action for *_, action, _ in filled.readings()] == ["check-out", "check-out"]


@pytest.mark.parametrize(
    ("method", "url", "role"),
    [("GET", FILE, "clerk"), ("POST", CHECK_OUT, "officer"), ("GET", "/intake/things/T-1", "clerk")],
)
def test_what_cannot_be_recorded_is_not_answered(filled: ExampleApp, method: str, url: str, role: str) -> None:
    drop_audit(filled)
    answer = filled.client().open(url, method=method, headers=filled.token(role))
    assert answer.status_code == 500
    assert answer.headers["X-Request-ID"]
    assert "T-1" not in answer.text


def test_a_view_that_fails_shows_nothing_and_is_not_recorded(filled: ExampleApp) -> None:
    def fail() -> None:
        raise LookupError

    filled.during.query = filled.during.command = fail
    assert filled.client().get(FILE, headers=filled.token("clerk")).status_code == 500
    assert filled.client().post(CHECK_OUT, headers=filled.token("officer")).status_code == 500
    assert filled.readings() == []


@pytest.mark.parametrize(("role", "recorded"), [("clerk", 1), ("leader", 1), ("citizen", 0), ("device", 0)])
def test_only_officials_are_recorded(example: ExampleApp, role: str, recorded: int) -> None:
    add(example, "T-1")
    assert example.client().get(FILE, headers=example.token(role)).status_code == 200
    assert len(example.readings()) == recorded


def test_an_audited_view_that_records_nothing_is_not_answered(client: Any, example: ExampleApp) -> None:
    answer = client.get("/intake/api/unrecorded", headers=example.token("clerk"))
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert client.get("/intake/things/elsewhere", headers=example.token("clerk")).status_code == 303


def test_marked_views_are_known(example: ExampleApp) -> None:
    assert audited_endpoints(example.app) == {
        "api.read_file",
        "api.check_out",
        "api.forgets_to_record",
        "pages.thing",
        "reading-audit.list_readings",
    }
