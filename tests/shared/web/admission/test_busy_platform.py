"""No free connection of the database, a lock that is held, a disk that is nearly full: 503 with Retry-After, and then all goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from shared.client.http import ApiError, Client
from shared.persistence.store import Store
from shared.web.admission.disk_space import DiskSpace
from shared.web.admission.measures import requests_shed
from shared.web.admission.overload import OVERLOAD
from shared.web.answer_in_pieces import REFUSED_FOR
from tests.shared.web.example_app import ExampleApp, example_tables, things
from tests.support.prepared import Maker
from tests.support.serving import served

WAIT = 0.1
"""Seconds; a request may wait for connection and lock, and once more, before it is told."""
PAGE = {"Accept": "text/html"}


@pytest.fixture
def small(ready_store: Callable[[Maker], str], tmp_path: Path) -> Iterator[ExampleApp]:
    """The example service with two connections, on either database."""
    made = ExampleApp(ready_store(example_tables), tmp_path, pool=2, wait=WAIT)
    yield made
    made.context.store.close()


def told_later(answer: Any) -> None:
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json"), answer.text
    assert answer.json["retry_after"] == int(answer.headers["Retry-After"]) >= 1


def test_without_a_free_connection_reads_changes_and_pages_are_told_later(small: ExampleApp) -> None:
    client, clerk = small.client(), small.token("clerk")
    before = requests_shed.labels("intake", "database", "", "")._value.get()
    with small.context.store.read(), small.context.store.read():
        told_later(client.get("/intake/api/agencies/A1/things", headers=clerk))
        told_later(client.post("/intake/api/things", json={"name": "a"}, headers=clerk | {"Idempotency-Key": "k"}))
        page = client.get("/intake/things/a?tab=2", headers=clerk | PAGE)
        assert (page.status_code, page.mimetype) == (503, "text/html")
        assert 'href="/intake/things/a?tab=2">Thử lại' in page.text
        assert int(page.headers["Retry-After"]) >= 1
    assert requests_shed.labels("intake", "database", "", "")._value.get() == before + 3
    assert small.names() == []
    again = client.post("/intake/api/things", json={"name": "a"}, headers=clerk | {"Idempotency-Key": "k"})
    assert again.status_code == 201
    assert client.get("/intake/things/a", headers=clerk | PAGE).status_code == 200


def test_who_waits_for_a_lock_is_told_later_in_bounded_time(small: ExampleApp) -> None:
    client, clerk = small.client(), small.token("clerk") | {"Idempotency-Key": "k"}
    url = small.context.store.engine.url.render_as_string(hide_password=False)
    other = Store(url, "intake")
    with other.uow() as work:
        if work.connection.dialect.name == "postgresql":
            work.connection.exec_driver_sql(f"LOCK TABLE {things.name} IN EXCLUSIVE MODE")
        runs: list[int] = []
        small.during.command = lambda: runs.append(1)
        told_later(client.post("/intake/api/things", json={"name": "a"}, headers=clerk))
        assert runs == [], "it never got as far"
    other.close()
    assert client.post("/intake/api/things", json={"name": "a"}, headers=clerk).status_code == 201
    assert small.names() == ["a"]


def test_a_transaction_is_not_run_again_when_its_time_is_over(small: ExampleApp) -> None:
    other = Store(small.context.store.engine.url.render_as_string(hide_password=False), "intake")
    runs: list[float] = []

    def work(unit: Any) -> None:
        runs.append(time.monotonic())
        if unit.connection.dialect.name == "postgresql":
            unit.connection.exec_driver_sql(f"LOCK TABLE {things.name} IN EXCLUSIVE MODE")
        with other.uow() as second:
            second.execute(things.insert(), {"name": "b", "agency": "A1", "owner": "u", "state": "open"})

    other.close()
    other = Store(small.context.store.engine.url.render_as_string(hide_password=False), "intake", wait=2 * WAIT)
    with pytest.raises(Exception, match="lock"):
        small.context.store.run(work)
    other.close()
    assert len(runs) == 1


def test_on_a_disk_that_is_nearly_full_nothing_new_is_accepted(example: ExampleApp, tmp_path: Path) -> None:
    client, clerk = example.client(), example.token("clerk")
    try:
        DiskSpace(tmp_path, 1 << 60).look([])
        told_later(client.post("/intake/api/things", json={"name": "a"}, headers=clerk))
        form = client.post("/intake/form", data={"name": "Bưởi"}, headers=PAGE | {"Sec-Fetch-Site": "same-origin"})
        assert form.status_code == 503
        assert "Máy chủ sắp hết chỗ lưu trữ" in form.text
        assert 'name="name" value="Bưởi"' in form.text
        assert client.get("/intake/api/agencies/A1/things", headers=clerk).status_code == 200, "reading goes on"
        DiskSpace(tmp_path / "none", 1 << 60).look([])
        assert OVERLOAD.disk_full, "without a folder nothing is found out"
    finally:
        DiskSpace(tmp_path, 1).look([])
    assert client.post("/intake/api/things", json={"name": "a"}, headers=clerk).status_code == 201


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("/intake/things/a%3Fb?x=%26", "/intake/things/a%3Fb?x=%26"),
        ("/intake/%22%3E%3Cb%3E", "/intake/%22%3E%3Cb%3E"),
        ("//evil.example/", "/evil.example/"),
        ("/%5Cevil.example/", "/%5Cevil.example/"),
    ],
)
def test_the_page_of_a_busy_platform_leads_back_to_the_same_address(example: ExampleApp, path: str, link: str) -> None:
    place, _, query = path.partition("?")
    page = example.app.test_client().get(
        "/", headers=PAGE, environ_overrides={REFUSED_FOR: 5, "PATH_INFO": unquote(place), "QUERY_STRING": query}
    )
    assert page.status_code == 503
    assert f'<a class="button" href="{link}">' in page.text


def test_clients_come_again_when_they_are_told_to(example: ExampleApp) -> None:
    slept: list[float] = []
    answers = [("503 Busy", "7"), ("429 Slow down", "3"), ("503 Busy", ""), ("200 OK", "")]

    def busy(environ: Any, start_response: Any) -> Any:
        status, later = answers.pop(0)
        start_response(status, [("Content-Type", "application/json"), *([("Retry-After", later)] if later else [])])
        return [b"{}"]

    with served(busy) as address:
        client = Client(address, retry_seconds=60, sleep=slept.append)
        assert client.post("/x", {}) == {}
        assert [int(seconds) for seconds in slept[:2]] in ([7, 3], [8, 3])
        assert slept[2] < 1
        answers.append(("503 Busy", "600"))
        with pytest.raises(ApiError):
            client.get("/x")
        assert len(slept) == 3, "what would be later than it waits at all is told at once"
        client.close()
