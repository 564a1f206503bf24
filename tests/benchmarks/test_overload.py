"""How long a few filings of one field take, alone and beside a rush of another field that is several times what the process can do."""

from __future__ import annotations

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from tests.benchmarks.load import post
from tests.benchmarks.test_intake_speed import desks, intake
from tests.support.postgres import PostgresServer

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

FILINGS, CONNECTIONS, SECONDS = 200, 600, 15
PAUSE_SECONDS = 0.04


def trickle(address: str, body: dict[str, Any], token: str) -> list[float]:
    """Files one after the other; returns how many seconds each took."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    taken = []
    for number in range(FILINGS):
        started = time.perf_counter()
        connection.request(
            "POST", "/intake/api/dossiers", json.dumps(body), headers | {"Idempotency-Key": f"{started}-{number}"}
        )
        answer = connection.getresponse()
        answer.read()
        taken.append(time.perf_counter() - started)
        assert answer.status == 201, "none is refused"
        time.sleep(PAUSE_SECONDS)
    connection.close()
    return sorted(taken)


def written(seconds: list[float]) -> str:
    return f"p50 {seconds[len(seconds) // 2] * 1000:,.0f} ms, p99 {seconds[len(seconds) * 99 // 100] * 1000:,.0f} ms"


def test_a_trickle_beside_a_rush(postgres: PostgresServer, tmp_path: Path) -> None:
    with intake(postgres.create_database(), tmp_path) as (address, environ), ThreadPoolExecutor(1) as beside:
        bodies, tokens = desks(environ)
        justice = {**bodies[-1], "procedure": "2.000815", "case": None, "papers": ["original"]}
        alone = trickle(address, justice, tokens[-1])
        few = post(address, "/intake/api/dossiers", bodies[:-1], tokens[:-1], tmp_path, "few", 5)
        rush = beside.submit(
            post, address, "/intake/api/dossiers", bodies[:-1], tokens[:-1], tmp_path, "rush", SECONDS, CONNECTIONS
        )
        time.sleep(1)
        busy = trickle(address, justice, tokens[-1])
        flood = rush.result()
    assert flood.refused > 0, "it was more than the process could do"
    accepted = flood.per_second - flood.refused / SECONDS
    Console().print(
        f"{FILINGS} filings of justice, none refused: alone {written(alone)}; beside a rush of land {written(busy)}. Land: "
        f"{accepted:,.0f}/s accepted, {flood.refused / SECONDS:,.0f}/s refused ({few.per_second:,.0f}/s when all fit in)"
    )
