"""What a platform at rest costs, and how long one dossier takes that wakes it: from the clerk's POST to the SMS in the spool."""

from __future__ import annotations

import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from tests.benchmarks.test_intake_speed import desks
from tests.benchmarks.test_latency import arrivals
from tests.support.backends import fresh_backends
from tests.support.platform import COMPACT, EACH, Layout, Running
from tests.support.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.postgres import PostgresServer
    from tests.support.rabbitmq import RabbitServer

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

SETTLE_SECONDS, REST_SECONDS, PAUSE_SECONDS, FILINGS = 5, 30, 1.0, 20
GOAL_PERCENT = 0.5
AS_OPERATED = {"MOTCUA_LEASE_SECONDS": "6"}
"""The default, which tests shorten."""
LAYOUTS: dict[str, Layout] = {"one worker for each service": EACH, "one worker for all": COMPACT}


def processor_seconds(pid: int) -> float:
    """The processor time of all threads of a process so far."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def rest_percent(platform: Running) -> dict[str, float]:
    """Worker process → per cent of a core that it takes at rest."""
    names = [name for name in platform.layout if name.startswith("worker")]
    time.sleep(SETTLE_SECONDS)
    started = time.monotonic()
    before = {name: processor_seconds(platform.proc(name).pid) for name in names}
    time.sleep(REST_SECONDS)
    seconds = time.monotonic() - started
    return {name: (processor_seconds(platform.proc(name).pid) - before[name]) / seconds * 100 for name in names}


def delays_at_rest(platform: Running) -> list[float]:
    """Seconds from POST to SMS, each dossier filed alone."""
    bodies, _ = desks(platform.environ)
    people = platform.people()
    delays = []
    for number in range(FILINGS):
        body = bodies[number % len(bodies)]
        began = time.time()
        code = people.file(str(body["receiving_agency"]), body)["code"]
        wait_until(lambda code=code: code in arrivals(platform.spool), timeout=30, what="the SMS")  # type: ignore[misc]
        delays.append(arrivals(platform.spool)[code] - began)
        time.sleep(PAUSE_SECONDS)
    people.close()
    return sorted(delays)


@contextmanager
def platform_on(kind: str, layout: Layout, directory: Path, request: pytest.FixtureRequest) -> Iterator[Running]:
    """A platform on files, or on RabbitMQ and PostgreSQL."""
    postgres: PostgresServer | None = request.getfixturevalue("postgres") if kind == "servers" else None
    rabbit: RabbitServer | None = request.getfixturevalue("rabbit") if kind == "servers" else None
    with (
        fresh_backends(directory, postgres, rabbit) as backends,
        Running(directory, backends, layout, settings=AS_OPERATED, forked=False) as platform,
    ):
        yield platform


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", ["files", "servers"])
def test_rest(kind: str, layout: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    with platform_on(kind, LAYOUTS[layout], tmp_path, request) as platform:
        found = rest_percent(platform)
        delays = delays_at_rest(platform)
    shown = ", ".join(f"{name.removeprefix('worker-')} {value:.2f} %" for name, value in found.items())
    Console().print(
        f"at rest on {kind}, {layout} (goal ≤ {GOAL_PERCENT} % of a core each): {shown}\n"
        f"POST to SMS at rest: p50 {median(delays) * 1000:,.0f} ms, longest {delays[-1] * 1000:,.0f} ms"
    )
