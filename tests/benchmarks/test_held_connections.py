"""How long others wait while 200 connections of each kind are held: silent, slow, or not reading."""

from __future__ import annotations

import http.client
import time
from pathlib import Path

import pytest
from rich.console import Console

from services.registry import SERVICE_NAMES
from tests.support.backends import fresh_backends
from tests.support.held_connections import KINDS, HeldConnections
from tests.support.platform import Running

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

HELD, ROUNDS = 200, 20


def asked(port: int, service: str) -> float:
    """Seconds until a new connection is answered."""
    started = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/{service}/health/ready")
    assert connection.getresponse().status == 200
    connection.close()
    return time.perf_counter() - started


@pytest.mark.parametrize("workers", ["1", "2"])
def test_latency_beside_held_connections(tmp_path: Path, workers: str) -> None:
    layout, settings = {"web": ("web", "all")}, {"MOTCUA_WEB_WORKERS": workers}
    slowest: dict[str, float] = {}
    with (
        fresh_backends(tmp_path) as files,
        Running(tmp_path, files, layout, settings=settings, forked=False) as platform,
    ):
        free = max(asked(platform.port, service) for service in SERVICE_NAMES for _ in range(ROUNDS))
        for kind in KINDS:
            with HeldConnections(platform.port, kind, HELD):
                slowest[kind] = max(asked(platform.port, service) for service in SERVICE_NAMES for _ in range(ROUNDS))
    each = ", ".join(f"{kind} {seconds * 1000:,.0f} ms" for kind, seconds in slowest.items())
    Console().print(
        f"slowest of {ROUNDS * len(SERVICE_NAMES)} answers beside {HELD} held connections, {workers} web process(es): "
        f"{each} (goal < 1,000 ms; without them {free * 1000:,.0f} ms)"
    )
