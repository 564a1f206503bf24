"""Processes that are forks of a prepared parent act as processes that were started."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.plugin_sdk.devtools.process_group import alive, group_alive
from tests.support.processes import REPOSITORY, Proc, python, run_forked, wait_until

PROGRAM = "tests.support_tests.forked_program"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The program's environment."""
    metrics = tmp_path / "metrics"
    metrics.mkdir()
    return {"PROMETHEUS_MULTIPROC_DIR": str(metrics), "WORD": "đúng", "HOME": "/nowhere"}


def test_a_fork_has_its_own_environment_output_metrics_and_exit_status(environ: dict[str, str]) -> None:
    first, second = (run_forked([PROGRAM, "tell"], environ, timeout=60) for _ in range(2))
    assert first.returncode == second.returncode == 1
    assert first.stderr.endswith("RuntimeError: told\n")
    circumstances, process, *exposed = first.stdout.splitlines()
    assert circumstances == f"đúng /nowhere {REPOSITORY} True"
    threads, collects, files, number = process.split()
    assert (threads, collects) == ("1", "True")
    assert int(files) <= 6, "input, output, errors, metrics, the folder itself: nothing of the parent"
    assert number not in second.stdout
    counted = 'messaging_client_sent_messages_total{outcome="confirmed",service="intake"}'
    assert f"{counted} 1.0" in exposed
    assert f"{counted} 2.0" in second.stdout, "the other process's metrics are in the same folder"
    assert Path(environ["PROMETHEUS_MULTIPROC_DIR"]).is_dir()


def test_a_fork_is_killed_with_its_children_and_its_end_is_told(environ: dict[str, str], tmp_path: Path) -> None:
    process = Proc([PROGRAM, "wait"], log=tmp_path / "log", env=environ, forked=True)
    child = int(wait_until(process.output))
    assert process.running
    process.signal(signal.SIGTERM)
    assert process.wait() == -signal.SIGTERM
    assert alive(child)
    process.kill9()
    assert not alive(child)
    assert process.returncode == -signal.SIGTERM


def test_no_fork_outlives_the_tests(
    environ: dict[str, str], tmp_path: Path, spawn_process: Callable[..., Proc]
) -> None:
    """A process in place of pytest has a fork, and is killed."""
    script = f"""
import time
from pathlib import Path
from tests.support.processes import Proc, wait_until
process = Proc([{PROGRAM!r}, "wait"], log=Path({str(tmp_path / "fork.log")!r}), env={environ!r}, forked=True)
print(process.pid, wait_until(process.output).strip(), flush=True)
time.sleep(600)
"""
    run = spawn_process(python("-c", script))
    wait_until(lambda: run.output().endswith("\n"), what="the fork")
    pids = [int(pid) for pid in run.output().split()]
    assert all(alive(pid) for pid in pids)
    run.signal(signal.SIGKILL)
    wait_until(lambda: not any(alive(pid) or group_alive(pid) for pid in pids), what="the end of the fork")
