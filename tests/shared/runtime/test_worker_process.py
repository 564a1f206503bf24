"""The worker process: health and metrics while it runs, a clean stop on SIGTERM, an exit at once when it is stuck."""

from __future__ import annotations

import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.plugin_sdk.devtools.temp_resources import free_port
from tests.support.prepared import PreparedFiles, migrated
from tests.support.processes import Proc, python, wait_port, wait_until

STUCK = """
import time
from shared.runtime.workers import process
from shared.runtime.workers.loop import Loop
process.MAX_STEP_SECONDS = 1.0
class Stuck:
    class context:
        service = "stats"
    def loops(self):
        return [Loop("stats/consume", lambda: time.sleep(60) or 0, 0.0)]
raise SystemExit(process.run([Stuck()], 0, "127.0.0.1"))
"""


def ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_health_metrics_and_a_clean_stop(
    spawn_process: Callable[..., Proc], tmp_path: Path, prepared_files: PreparedFiles
) -> None:
    port = free_port()
    environ = {
        **os.environ,
        "MOTCUA_DATA": str(tmp_path),
        "MOTCUA_BUS_URL": "embedded:",
        "MOTCUA_WORKER_PORT": str(port),
    }
    prepared_files.copy(migrated("stats"), tmp_path / "stats.db")
    worker = spawn_process(python("-m", "shared.cli", "worker", "stats"), env=environ)
    wait_port(port, process=worker)
    assert json.loads(ask(port, "/health/live")[1]) == {"status": "ok", "loops": []}
    wait_until(lambda: ask(port, "/health/ready")[0] == 200, what="the first step of each loop")
    wait_until(
        lambda: 'motcua_outbox_pending{service="stats"} 0' in ask(port, "/stats/metrics")[1], what="the backlog gauge"
    )
    assert "motcua_outbox_pending" in ask(port, "/metrics")[1]
    assert ask(port, "/intake/metrics")[0] == 404
    worker.signal(signal.SIGTERM)
    assert worker.wait(30) == 0, worker.output()


def test_a_worker_that_has_lost_its_lease_shows_no_gauge_that_the_holder_measures(
    spawn_process: Callable[..., Proc], tmp_path: Path, prepared_files: PreparedFiles
) -> None:
    environ = {
        **os.environ,
        "MOTCUA_DATA": str(tmp_path),
        "MOTCUA_BUS_URL": "embedded:",
        "MOTCUA_LEASE_SECONDS": "0.6",
        "MOTCUA_LOG": "ERROR",
    }
    prepared_files.copy(migrated("routing"), tmp_path / "routing.db")
    measured = ("motcua_outbox_pending", "motcua_missing_events", "motcua_retry_queue_events", "motcua_store_epoch")

    def shown(port: int) -> list[str]:
        text = ask(port, "/metrics")[1]
        return [name for name in measured if any(line.startswith(name) for line in text.splitlines())]

    ports = free_port(), free_port()
    workers = []
    for port in ports:
        command = python("-m", "shared.cli", "worker", "routing")
        worker = spawn_process(command, env={**environ, "MOTCUA_WORKER_PORT": str(port)})
        wait_port(port, process=worker)
        workers.append(worker)
        if port == ports[0]:
            wait_until(lambda: shown(ports[0]) == list(measured), what="the gauges of the holder")
    assert shown(ports[1]) == []
    workers[0].pause()
    wait_until(lambda: shown(ports[1]) == list(measured), what="the gauges of the new holder")
    workers[0].resume()
    wait_until(lambda: shown(ports[0]) == [], what="the end of the old gauges")
    assert shown(ports[1]) == list(measured)


def test_a_worker_without_progress_exits_to_be_restarted(spawn_process: Callable[..., Proc]) -> None:
    worker = spawn_process(python("-c", STUCK), env=dict(os.environ))
    assert worker.wait(30) == 70
    assert "no progress" in worker.output()


@pytest.mark.parametrize("down", ["broker", "database"])
def test_a_worker_that_cannot_work_is_live_and_never_ready(
    down: str, spawn_process: Callable[..., Proc], tmp_path: Path, prepared_files: PreparedFiles
) -> None:
    port, nobody = free_port(), free_port()
    environ = {
        **os.environ,
        "MOTCUA_DATA": str(tmp_path),
        "MOTCUA_BUS_URL": f"amqp://motcua:wrong@127.0.0.1:{nobody}/" if down == "broker" else "embedded:",
        "MOTCUA_WORKER_PORT": str(port),
    }
    prepared_files.copy(migrated("stats"), tmp_path / "stats.db")
    if down == "database":
        environ["MOTCUA_STATS_DB_URL"] = f"postgresql://motcua:wrong@127.0.0.1:{nobody}/stats"
    worker = spawn_process(python("-m", "shared.cli", "worker", "stats"), env=environ)
    wait_port(port, process=worker)
    wait_until(lambda: "failed (2 in a row)" in worker.output(), what="the second attempt")
    status, body = ask(port, "/health/ready")
    assert (status, json.loads(body)["status"]) == (503, "failing"), body
    assert "stats/relay" in json.loads(body)["loops"]
    assert ask(port, "/health/live")[0] == 200, "a restart would mend nothing"
