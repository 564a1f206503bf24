"""Health probes: live, ready, and a database that hangs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import create_engine

from shared.persistence.store import Store
from shared.web import health
from shared.web.admission.overload import AWAY_SECONDS, SHED_SECONDS, Overload
from shared.web.health import Readiness
from tests.shared.web.example_app import ExampleApp


def test_live_and_ready(example_on_both: ExampleApp) -> None:
    for kind in ("live", "ready"):
        answer = example_on_both.client().get(f"/intake/health/{kind}")
        assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_without_its_database_a_service_is_live_and_not_ready(
    example: ExampleApp, caplog: pytest.LogCaptureFixture
) -> None:
    example.context.store.engine.dispose()
    example.context.store.engine = create_engine("sqlite:////nonexistent/folder/x.db")
    with caplog.at_level(logging.INFO):
        answers = [example.client().get(f"/intake/health/{kind}") for kind in ("live", "ready")]
    (line,) = caplog.records
    assert "/intake/health/ready 503: the database of intake is not ready: OperationalError" in line.getMessage()
    assert [answer.status_code for answer in answers] == [200, 503]
    assert answers[1].content_type == "application/problem+json"


def test_a_process_that_refuses_requests_is_live_and_not_ready(
    example: ExampleApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    overload = Overload(lambda: now[0])
    monkeypatch.setattr(health, "OVERLOAD", overload)
    for second in range(100, 100 + SHED_SECONDS):
        now[0] = second
        overload.refuse()
    states = [example.client().get(f"/intake/health/{kind}").status_code for kind in ("live", "ready")]
    now[0] += AWAY_SECONDS[1]
    assert (states, example.client().get("/intake/health/ready").status_code) == ([200, 503], 200)


class HangingStore(Store):
    """A store whose database accepts connections and does not answer until it is released."""

    def __init__(self) -> None:
        self.service = "intake"
        self.let_go = threading.Event()
        self.asked = 0

    @contextmanager
    def read(self) -> Iterator[Any]:
        self.asked += 1
        self.let_go.wait(60)
        yield self

    def execute(self, *_: object) -> None:
        """Lets the database answer."""


@pytest.fixture
def hanging() -> Iterator[HangingStore]:
    store = HangingStore()
    yield store
    store.let_go.set()


def test_a_hanging_database_does_not_hang_the_probe_nor_pile_probes_up(hanging: HangingStore) -> None:
    readiness = Readiness(hanging, seconds=0.01)
    assert [readiness.ready() for _ in range(3)] == [False, False, False]
    assert hanging.asked == 1
    hanging.let_go.set()
    assert Readiness(hanging, seconds=60).ready()
