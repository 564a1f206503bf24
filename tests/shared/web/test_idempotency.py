"""Idempotency-Key: one effect for requests repeated at the same time or later."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from shared.messaging.inbox import forget_answers
from shared.messaging.tables import idempotency_keys
from tests.shared.web.example_app import ExampleApp

URL = "/intake/api/things"


def headers(example: ExampleApp, key: str, role: str = "clerk", subject: str = "u-1") -> dict[str, str]:
    return example.token(role, subject) | {"Idempotency-Key": key}


def test_a_repeated_request_has_no_second_effect(example_on_both: ExampleApp) -> None:
    client = example_on_both.client()
    first, second = (client.post(URL, json={"name": "x"}, headers=headers(example_on_both, "k")) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.data == second.data
    assert first.headers["Location"] == second.headers["Location"] == "/intake/api/things/1"
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert example_on_both.names() == ["x"]


def test_the_same_key_with_another_request_is_refused(example_on_both: ExampleApp) -> None:
    client = example_on_both.client()
    client.post(URL, json={"name": "x"}, headers=headers(example_on_both, "k"))
    other = client.post(URL, json={"name": "y"}, headers=headers(example_on_both, "k"))
    assert (other.status_code, other.json["type"]) == (422, "urn:motcua:problem:key-reused")
    assert example_on_both.names() == ["x"]


def test_keys_are_separate_for_each_caller_and_route(example: ExampleApp) -> None:
    client = example.client()
    answers = [
        client.post(URL, json={"name": "x"}, headers=headers(example, "k")),
        client.post(URL, json={"name": "x"}, headers=headers(example, "k", subject="u-2")),
        client.post("/intake/api/names", json={"name": "x"}, headers=headers(example, "k")),
        client.post("/intake/api/things/1/close", headers=headers(example, "k", "officer")),
        client.post("/intake/api/things/2/close", headers=headers(example, "k", "officer")),
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 202, 202]
    assert not any("Idempotency-Replayed" in answer.headers for answer in answers)


def test_what_the_first_run_changed_does_not_stop_the_replay(example_on_both: ExampleApp) -> None:
    """The second run fails before it writes its key: the name is taken, the state no longer allows it."""
    client = example_on_both.client()
    client.post(URL, json={"name": "x"}, headers=example_on_both.token("clerk"))
    for url, body, role, status in (
        ("/intake/api/names", {"name": "n"}, "clerk", 201),
        ("/intake/api/things/1/close", None, "officer", 202),
    ):
        first, second = (client.post(url, json=body, headers=headers(example_on_both, "k", role)) for _ in range(2))
        assert (first.status_code, second.status_code) == (status, status)
        assert second.headers["Idempotency-Replayed"] == "true"
        assert client.post(url, json=body, headers=headers(example_on_both, "k2", role)).status_code == 409
        assert client.post(url, json=body, headers=example_on_both.token(role)).status_code == 409


def test_a_refused_request_leaves_its_key_free(example: ExampleApp) -> None:
    client = example.client()
    assert client.post("/intake/api/things/1/close", headers=headers(example, "k", "officer")).status_code == 404
    client.post(URL, json={"name": "x"}, headers=example.token("clerk"))
    assert client.post("/intake/api/things/1/close", headers=headers(example, "k", "officer")).status_code == 202


def test_a_failure_after_the_effect_leaves_neither_effect_nor_key(example: ExampleApp) -> None:
    def fail() -> None:
        raise LookupError

    example.during.command = fail
    client = example.client()
    assert client.post(URL, json={"name": "x"}, headers=headers(example, "k")).status_code == 500
    example.during.command = lambda: None
    answer = client.post(URL, json={"name": "x"}, headers=headers(example, "k"))
    assert (answer.status_code, answer.headers.get("Idempotency-Replayed")) == (201, None)
    assert example.names() == ["x"]


def test_simultaneous_requests_have_one_effect(example_on_both: ExampleApp) -> None:
    start = threading.Barrier(6)

    def post(_: int) -> Any:
        client = example_on_both.client()
        start.wait()
        return client.post(URL, json={"name": "x"}, headers=headers(example_on_both, "k"))

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(post, range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert example_on_both.names() == ["x"]


def test_overlapping_transactions_have_one_effect(pg_url: str, tmp_path: Any) -> None:
    """Both have made their effect and not committed when they write the key; the primary key lets one of them pass."""
    example = ExampleApp(pg_url, tmp_path)
    both_inside = threading.Barrier(2)
    example.during.command = both_inside.wait
    with ThreadPoolExecutor(2) as pool:
        posts = [
            pool.submit(lambda: example.client().post(URL, json={"name": "x"}, headers=headers(example, "k")))
            for _ in range(2)
        ]
        answers = [post.result() for post in posts]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    assert sorted(answer.headers.get("Idempotency-Replayed", "") for answer in answers) == ["", "true"]
    assert example.names() == ["x"]
    example.context.store.close()


def test_a_busy_database_makes_the_command_run_again(example: ExampleApp) -> None:
    runs = []

    def busy_once() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise OperationalError("", {}, Exception("database is locked"))

    example.during.command = busy_once
    answer = example.client().post(URL, json={"name": "x"}, headers=headers(example, "k"))
    assert (answer.status_code, len(runs), example.names()) == (201, 2, ["x"])


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 201, "khóa", "a\tb"])
def test_malformed_keys(example: ExampleApp, key: str) -> None:
    answer = example.client().post(URL, json={"name": "x"}, headers=headers(example, key))
    assert (answer.status_code, answer.json["type"]) == (400, "urn:motcua:problem:invalid-key")
    assert example.names() == []


@pytest.mark.parametrize("key", ["k", "k" * 200, "!~", "8e03978e-40d5-43dd-bc93-6894a57f9324"])
def test_wellformed_keys_of_any_subject_fit(example_on_both: ExampleApp, key: str) -> None:
    answer = example_on_both.client().post(
        URL, json={"name": "x"}, headers=headers(example_on_both, key, subject="ộ" * 200)
    )
    assert answer.status_code == 201


def test_a_public_command_takes_effect_once_too(example: ExampleApp) -> None:
    client = example.client()
    for replayed in (None, "true"):
        answer = client.post("/intake/api/anonymous", json={"name": "x"}, headers={"Idempotency-Key": "k"})
        assert (answer.status_code, answer.headers.get("Idempotency-Replayed")) == (201, replayed)


def test_the_table_holds_no_subjects(example: ExampleApp) -> None:
    example.client().post(URL, json={"name": "x"}, headers=headers(example, "k", subject="079085001234"))
    with example.context.store.read() as connection:
        row = connection.execute(select(idempotency_keys)).one()
    assert not any("079085001234" in str(value) for value in row)


@pytest.mark.parametrize("change", [{"agency": "H12.32.01"}, {"agency": ""}, {"role": "leader"}])
def test_an_answer_is_repeated_only_to_the_same_agency_and_roles(
    example_on_both: ExampleApp, change: dict[str, str]
) -> None:
    client = example_on_both.client()
    first = {"role": "clerk", "subject": "u-1", "agency": "H12.31.01"}
    for who, status in ((first, 201), (first | change, 403), (first, 201)):
        head = example_on_both.token(**who) | {"Idempotency-Key": "k"}
        assert client.post(URL, json={"name": "x"}, headers=head).status_code == status
    assert example_on_both.names() == ["x"]


def test_old_keys_are_deleted(example: ExampleApp) -> None:
    example.client().post(URL, json={"name": "x"}, headers=headers(example, "k"))
    now = example.context.clock.wall()
    with example.context.store.uow() as work:
        assert forget_answers(work.connection, now - timedelta(hours=1)) == 0
        assert forget_answers(work.connection, now + timedelta(hours=1)) == 1
        assert work.execute(select(func.count()).select_from(idempotency_keys)).scalar_one() == 0
