"""Idempotency-Key: one effect, whatever is sent again, at the same time or later."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from shared.messaging.tables import idempotency_keys
from shared.web.idempotency import forget_keys
from tests.shared.web.example_app import Toy

URL = "/intake/api/things"


def headers(toy: Toy, key: str, role: str = "clerk", subject: str = "u-1") -> dict[str, str]:
    return toy.token(role, subject) | {"Idempotency-Key": key}


def test_the_same_request_again_has_no_second_effect(toy_on_both: Toy) -> None:
    client = toy_on_both.client()
    first, second = (client.post(URL, json={"name": "x"}, headers=headers(toy_on_both, "k")) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.data == second.data
    assert first.headers["Location"] == second.headers["Location"] == "/intake/api/things/1"
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert toy_on_both.names() == ["x"]


def test_the_same_key_with_another_request_is_refused(toy_on_both: Toy) -> None:
    client = toy_on_both.client()
    client.post(URL, json={"name": "x"}, headers=headers(toy_on_both, "k"))
    other = client.post(URL, json={"name": "y"}, headers=headers(toy_on_both, "k"))
    assert (other.status_code, other.json["type"]) == (422, "urn:motcua:problem:key-reused")
    assert toy_on_both.names() == ["x"]


def test_keys_of_different_people_and_routes_are_different(toy: Toy) -> None:
    client = toy.client()
    answers = [
        client.post(URL, json={"name": "x"}, headers=headers(toy, "k")),
        client.post(URL, json={"name": "x"}, headers=headers(toy, "k", subject="u-2")),
        client.post("/intake/api/names", json={"name": "x"}, headers=headers(toy, "k")),
        client.post("/intake/api/things/1/close", headers=headers(toy, "k", "officer")),
        client.post("/intake/api/things/2/close", headers=headers(toy, "k", "officer")),
    ]
    assert [answer.status_code for answer in answers] == [201, 201, 201, 202, 202]
    assert not any("Idempotency-Replayed" in answer.headers for answer in answers)


def test_what_the_first_run_changed_does_not_stop_the_replay(toy_on_both: Toy) -> None:
    """The second run fails before it comes to its key: a used name, a state that does not allow it any more."""
    client = toy_on_both.client()
    client.post(URL, json={"name": "x"}, headers=toy_on_both.token("clerk"))
    for url, body, role, status in (
        ("/intake/api/names", {"name": "n"}, "clerk", 201),
        ("/intake/api/things/1/close", None, "officer", 202),
    ):
        first, second = (client.post(url, json=body, headers=headers(toy_on_both, "k", role)) for _ in range(2))
        assert (first.status_code, second.status_code) == (status, status)
        assert second.headers["Idempotency-Replayed"] == "true"
        assert client.post(url, json=body, headers=headers(toy_on_both, "k2", role)).status_code == 409
        assert client.post(url, json=body, headers=toy_on_both.token(role)).status_code == 409


def test_a_refused_request_does_not_use_its_key_up(toy: Toy) -> None:
    client = toy.client()
    assert client.post("/intake/api/things/1/close", headers=headers(toy, "k", "officer")).status_code == 404
    client.post(URL, json={"name": "x"}, headers=toy.token("clerk"))
    assert client.post("/intake/api/things/1/close", headers=headers(toy, "k", "officer")).status_code == 202


def test_a_failure_after_the_effect_leaves_neither_effect_nor_key(toy: Toy) -> None:
    def fail() -> None:
        raise LookupError

    toy.during.command = fail
    client = toy.client()
    assert client.post(URL, json={"name": "x"}, headers=headers(toy, "k")).status_code == 500
    toy.during.command = lambda: None
    answer = client.post(URL, json={"name": "x"}, headers=headers(toy, "k"))
    assert (answer.status_code, answer.headers.get("Idempotency-Replayed")) == (201, None)
    assert toy.names() == ["x"]


def test_requests_at_the_same_time_have_one_effect(toy_on_both: Toy) -> None:
    start = threading.Barrier(6)

    def post(_: int) -> Any:
        client = toy_on_both.client()
        start.wait()
        return client.post(URL, json={"name": "x"}, headers=headers(toy_on_both, "k"))

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(post, range(6)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.data for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert toy_on_both.names() == ["x"]


def test_transactions_that_overlap_have_one_effect(pg_url: str, tmp_path: Any) -> None:
    """Both have their effect done and not committed when they come to the key; the primary key lets one of them through."""
    toy = Toy(pg_url, tmp_path)
    both_inside = threading.Barrier(2)
    toy.during.command = both_inside.wait
    with ThreadPoolExecutor(2) as pool:
        posts = [
            pool.submit(lambda: toy.client().post(URL, json={"name": "x"}, headers=headers(toy, "k"))) for _ in range(2)
        ]
        answers = [post.result() for post in posts]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    assert sorted(answer.headers.get("Idempotency-Replayed", "") for answer in answers) == ["", "true"]
    assert toy.names() == ["x"]
    toy.context.store.close()


def test_the_database_asks_for_another_run(toy: Toy) -> None:
    runs = []

    def busy_once() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise OperationalError("", {}, Exception("database is locked"))

    toy.during.command = busy_once
    answer = toy.client().post(URL, json={"name": "x"}, headers=headers(toy, "k"))
    assert (answer.status_code, len(runs), toy.names()) == (201, 2, ["x"])


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 201, "khóa", "a\tb"])
def test_malformed_keys(toy: Toy, key: str) -> None:
    answer = toy.client().post(URL, json={"name": "x"}, headers=headers(toy, key))
    assert (answer.status_code, answer.json["type"]) == (400, "urn:motcua:problem:invalid-key")
    assert toy.names() == []


@pytest.mark.parametrize("key", ["k", "k" * 200, "!~", "8e03978e-40d5-43dd-bc93-6894a57f9324"])
def test_wellformed_keys_of_any_subject_fit(toy_on_both: Toy, key: str) -> None:
    answer = toy_on_both.client().post(URL, json={"name": "x"}, headers=headers(toy_on_both, key, subject="ộ" * 200))
    assert answer.status_code == 201


def test_a_public_command_keeps_its_promise_too(toy: Toy) -> None:
    client = toy.client()
    for replayed in (None, "true"):
        answer = client.post("/intake/api/anonymous", json={"name": "x"}, headers={"Idempotency-Key": "k"})
        assert (answer.status_code, answer.headers.get("Idempotency-Replayed")) == (201, replayed)


def test_the_table_knows_nobody(toy: Toy) -> None:
    toy.client().post(URL, json={"name": "x"}, headers=headers(toy, "k", subject="079085001234"))
    with toy.context.store.read() as connection:
        row = connection.execute(select(idempotency_keys)).one()
    assert not any("079085001234" in str(value) for value in row)


def test_old_keys_are_forgotten(toy: Toy) -> None:
    toy.client().post(URL, json={"name": "x"}, headers=headers(toy, "k"))
    now = toy.context.clock.wall()
    with toy.context.store.uow() as work:
        assert forget_keys(work.connection, now - timedelta(hours=1)) == 0
        assert forget_keys(work.connection, now + timedelta(hours=1)) == 1
        assert work.execute(select(func.count()).select_from(idempotency_keys)).scalar_one() == 0
