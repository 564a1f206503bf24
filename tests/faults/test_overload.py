"""A rush of land filings on a database that answers nothing for a while: other fields file as ever, nothing is lost and nothing double."""

from __future__ import annotations

import http.client
import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shared.client.people import own_tokens
from shared.client.tracked_dossier import LAND_TRANSFER
from tests.journeys.actors import DESK
from tests.support.backends import fresh_backends
from tests.support.platform import Running
from tests.support.processes import wait_until

THREADS, PLACES, FLOOD = 2, 6, 20
CERTIFIED_COPY = {
    **LAND_TRANSFER,
    "procedure": "2.000815",
    "case": None,
    "papers": ["original"],
}


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Running]:
    """The web process of a platform on files, with few threads and places."""
    settings = {
        "MOTCUA_WEB_THREADS": str(THREADS),
        "MOTCUA_WAITING_REQUESTS": str(PLACES),
        "MOTCUA_WAIT_SECONDS": "60",
        "MOTCUA_DB_WAIT_SECONDS": "60",
    }
    with (
        fresh_backends(tmp_path) as files,
        Running(tmp_path, files, {"web": ("web", "all")}, settings=settings) as running,
    ):
        yield running


class Filings:
    """Filings in threads of their own, each with its key.

    Args:
        platform: runs.
    """

    def __init__(self, platform: Running) -> None:
        self.port = platform.port
        self.token = own_tokens(platform.settings)("clerk", DESK)
        self.answers: dict[str, tuple[int, str, Any]] = {}
        self._threads: list[threading.Thread] = []

    def begin(self, body: dict[str, Any], *keys: str) -> None:
        """Begins to file the same once with each key."""
        for key in keys:
            thread = threading.Thread(target=self.file, args=(body, key))
            thread.start()
            self._threads.append(thread)

    def file(self, body: dict[str, Any], key: str) -> tuple[int, str, Any]:
        """Files; returns status, Retry-After and the answer."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json", "Idempotency-Key": key}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        sent = json.dumps({"channel": "counter", "receiving_agency": DESK, **body})
        connection.request("POST", "/intake/api/dossiers", sent, headers)
        answer = connection.getresponse()
        self.answers[key] = answer.status, answer.headers.get("Retry-After", ""), json.loads(answer.read())
        connection.close()
        return self.answers[key]

    def join(self) -> None:
        """Waits until all are answered."""
        for thread in self._threads:
            thread.join()

    def states(self, name: str) -> Counter[int]:
        """How many of those whose key begins so have which status."""
        return Counter(status for key, (status, _, _) in self.answers.items() if key.startswith(name))


def test_a_rush_of_one_field_costs_no_other_field_a_filing(platform: Running) -> None:
    filings = Filings(platform)
    assert filings.file(LAND_TRANSFER, "first")[0] == 201, filings.answers
    file = platform.backends.db_urls["intake"].removeprefix("sqlite:///")
    gate = sqlite3.connect(file, isolation_level=None, timeout=60)
    gate.execute("BEGIN IMMEDIATE")  # nobody can write
    flood = [f"land-{number}" for number in range(FLOOD)]
    filings.begin(LAND_TRANSFER, *flood)
    over = FLOOD - THREADS - PLACES
    wait_until(lambda: filings.states("land")[503] == over, what="the rush beyond threads and places is refused")
    filings.begin(CERTIFIED_COPY, "justice-0", "justice-1", "justice-2")
    wait_until(lambda: filings.states("land")[503] == over + 2, what="one gets the reserved thread, two get places")
    assert filings.states("justice") == {}, "none of the other field is refused"
    assert platform.people().public().get("/intake/health/live") == {"status": "ok"}
    gate.execute("ROLLBACK")
    gate.close()
    filings.join()
    assert filings.states("justice") == {201: 3}
    assert filings.states("land") == {201: FLOOD - over - 2, 503: over + 2}
    for status, later, body in filings.answers.values():
        assert status == 201 or (int(later) >= 1 and body["type"] == "urn:motcua:problem:unavailable")
    again = [filings.file(LAND_TRANSFER, key) for key in flood]  # as clients do, with the same keys
    assert {status for status, _, _ in again} == {201}
    codes = {body["code"] for _, _, body in filings.answers.values()}
    with platform.stores["intake"].read() as connection:
        stored, numbers = connection.execute(text("SELECT count(*), count(DISTINCT code) FROM dossier")).one()
    assert stored == numbers == len(codes) == FLOOD + 4, "each has one number, none is double"
    wait_until(lambda: refused_land(platform) == over + 2, what="the metrics tell how many, of which field")


def refused_land(platform: Running) -> float:
    """What the metrics say."""
    lines = platform.people().public().get("/intake/metrics").splitlines()
    labels = 'motcua_requests_shed_total{field="land",kind="filing",reason="full"'
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(labels))
