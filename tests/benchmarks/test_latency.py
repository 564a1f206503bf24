"""From the clerk's POST to the SMS in the spool, on RabbitMQ and PostgreSQL, at half of the platform's throughput.

Filing alone is faster than the processing that follows, so its rate is not the platform's throughput. That is measured by a burst of
filings, from the first POST to the last SMS.
"""

from __future__ import annotations

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import quantiles

import pytest
from rich.console import Console

from shared.client.people import own_tokens
from tests.benchmarks.load import post
from tests.benchmarks.test_intake_speed import desks
from tests.support.backends import fresh_backends
from tests.support.platform import Running
from tests.support.postgres import PostgresServer
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitServer

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

BURST_SECONDS, QUIET_SECONDS, RUN_SECONDS, SENDERS = 8, 5, 20, 8
LAYOUT = {"web": ("web", "all"), "worker": ("worker", "all")}


class SteadyLoad:
    """Files at a constant rate, however long the answers take, and records when each POST began.

    Args:
        platform: the running platform.
        rate: filings each second.
    """

    def __init__(self, platform: Running, rate: float) -> None:
        self.platform = platform
        self.rate = rate
        self.began: dict[str, float] = {}
        self._bodies, _ = desks(platform.environ)
        self._local = threading.local()

    def run(self, seconds: float) -> None:
        """Files for some seconds."""
        started = time.monotonic()
        with ThreadPoolExecutor(SENDERS) as pool:
            for number in range(int(self.rate * seconds)):
                pause = started + number / self.rate - time.monotonic()
                if pause > 0:
                    time.sleep(pause)
                pool.submit(self._file, self._bodies[number % len(self._bodies)], time.time())

    def _file(self, body: dict[str, object], began: float) -> None:
        if not hasattr(self._local, "people"):
            self._local.people = self.platform.people()
        answer = self._local.people.file(str(body["receiving_agency"]), body)
        self.began[answer["code"]] = began


def arrivals(spool: Path) -> dict[str, float]:
    """Dossier → when its first SMS was written to the spool."""
    found = {}
    for path in spool.glob("[!.]*.json"):
        message = json.loads(path.read_bytes())
        if message["kind"] == "received":
            found[message["dossier"]] = path.stat().st_mtime
    return found


def throughput(platform: Running, directory: Path) -> float:
    """Dossiers per second, from the first POST of a burst to its last SMS."""
    bodies, _ = desks(platform.environ)
    tokens = [own_tokens(platform.settings)("clerk", str(body["receiving_agency"])) for body in bodies]
    began = time.time()
    post(platform.address, "/intake/api/dossiers", bodies, tokens, directory, "burst", BURST_SECONDS)
    arrived: dict[str, float] = {}

    def quiet() -> bool:
        known = len(arrived)
        arrived.update(arrivals(platform.spool))
        return 0 < known == len(arrived) and time.time() - max(arrived.values()) > QUIET_SECONDS

    wait_until(quiet, timeout=180, what="the SMS of the burst")
    return len(arrived) / (max(arrived.values()) - began)


def test_latency(postgres: PostgresServer, rabbit: RabbitServer, tmp_path: Path) -> None:
    with (
        fresh_backends(tmp_path, postgres, rabbit) as servers,
        Running(tmp_path, servers, LAYOUT, forked=False) as platform,
    ):
        full = throughput(platform, tmp_path)
        steady = SteadyLoad(platform, full / 2)
        steady.run(RUN_SECONDS)
        wait_until(lambda: steady.began.keys() <= arrivals(platform.spool).keys(), timeout=120, what="every SMS")
        arrived = arrivals(platform.spool)
        delays = sorted(arrived[code] - began for code, began in steady.began.items())
    cuts = quantiles(delays, n=100)
    Console().print(
        f"POST to SMS at {steady.rate:,.0f} filings/s (half of {full:,.0f}/s, everything on one machine): "
        f"p50 {cuts[49] * 1000:,.0f} ms, p99 {cuts[98] * 1000:,.0f} ms, {len(delays):,} dossiers"
    )
