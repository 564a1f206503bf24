from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.plugin_sdk.devtools.process_group import alive, group_alive, processes
from shared.plugin_sdk.devtools.temp_resources import free_port, temp_directory
from tests.conftest import FORGOTTEN_BUS_URL
from tests.support.processes import REPOSITORY, Proc, ProcessEnded, listening, python, wait_port, wait_until

PARENT_AND_CHILD = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def test_output_status_and_environment(spawn_process: Callable[..., Proc]) -> None:
    code = "import os, sys; print(os.environ['MOTCUA_MODE'], os.getcwd()); sys.exit(3)"
    process = spawn_process(python("-c", code), env={"MOTCUA_MODE": "test"})
    assert process.wait() == 3
    assert process.output().split() == ["test", str(REPOSITORY)]


def test_the_error_about_an_ended_process_has_its_output(spawn_process: Callable[..., Proc]) -> None:
    process = spawn_process(python("-c", "raise SystemExit('no broker')"))
    with pytest.raises(ProcessEnded, match="no broker"):
        wait_port(free_port(), process=process)


def test_waiting_for_a_port(spawn_process: Callable[..., Proc]) -> None:
    port = free_port()
    process = spawn_process(python("-m", "http.server", "--bind", "127.0.0.1", str(port)))
    wait_port(port, process=process)
    assert process.terminate() == -signal.SIGTERM
    assert not listening(port)


def test_waiting_returns_the_value_or_names_what_was_missing() -> None:
    answers = iter([0, None, 7])
    assert wait_until(lambda: next(answers)) == 7
    with pytest.raises(TimeoutError, match="the moon"):
        wait_until(lambda: False, timeout=0.01, what="the moon")


def test_kill_ends_the_whole_group(spawn_process: Callable[..., Proc]) -> None:
    process = spawn_process(python("-c", PARENT_AND_CHILD))
    child = int(wait_until(process.output))
    assert alive(child)
    process.kill9()
    assert not alive(child)
    assert process.returncode == -signal.SIGKILL


def test_pause_and_resume(spawn_process: Callable[..., Proc]) -> None:
    process = spawn_process(python("-c", "import time\nwhile True: print('.', flush=True); time.sleep(0.01)"))
    wait_until(process.output)
    process.pause()
    wait_until(lambda: [entry.state for entry in processes() if entry.pid == process.pid] == ["T"])
    process.resume()
    before = len(process.output())
    wait_until(lambda: len(process.output()) > before)


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_a_killed_test_run_leaves_nothing_behind(
    ending: signal.Signals, tmp_path: Path, spawn_process: Callable[..., Proc]
) -> None:
    """A process in place of pytest starts PostgreSQL and a process with a child, and is killed."""
    script = f"""
import sys, time
from pathlib import Path
from tests.support.postgres import PostgresServer
from tests.support.processes import Proc, python, wait_until
with PostgresServer() as server:
    process = Proc(python("-c", {PARENT_AND_CHILD!r}), log=Path({str(tmp_path / "child.log")!r}))
    child = wait_until(process.output).strip()
    print(server.pid, process.pid, child, server.directory, flush=True)
    time.sleep(600)
"""
    run = spawn_process(python("-c", script))
    wait_until(lambda: run.output().endswith("\n"), what="the stand-in's servers")
    *pids, directory = run.output().split()
    assert all(alive(int(pid)) for pid in pids)
    run.signal(ending)
    run.wait()
    wait_until(lambda: not any(alive(int(pid)) or group_alive(int(pid)) for pid in pids), what="the end of all servers")
    with temp_directory("sweeper"):
        assert not Path(directory).exists(), "the next run sweeps what a killed one left"


def test_ports_are_not_given_twice(spawn_process: Callable[..., Proc]) -> None:
    mine = [free_port() for _ in range(50)]
    code = "from shared.plugin_sdk.devtools.temp_resources import *\nfor _ in range(50): print(free_port())"
    other = spawn_process(python("-c", code))
    assert other.wait() == 0
    theirs = [int(line) for line in other.output().split()]
    assert len({*mine, *theirs}) == 100


def test_temporary_directories_of_running_processes_are_kept(spawn_process: Callable[..., Proc]) -> None:
    code = "from shared.plugin_sdk.devtools.temp_resources import temp_directory\nwith temp_directory('other'): pass"
    with temp_directory("mine") as directory:
        assert spawn_process(python("-c", code)).wait() == 0
        assert directory.is_dir()
    assert not directory.exists()


def test_tests_do_not_see_the_developers_settings(spawn_process: Callable[..., Proc], tmp_path: Path) -> None:
    (tmp_path / "test_inner.py").write_text(
        "import os\n"
        "def test_inner():\n"
        "    settings = {name: value for name, value in os.environ.items() if name.startswith('MOTCUA_')}\n"
        f"    assert settings == {{'MOTCUA_BUS_URL': {FORGOTTEN_BUS_URL!r}}}\n"
    )
    inner = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.conftest"]
    process = spawn_process(
        [*inner, "-c", os.devnull, "--rootdir", str(tmp_path), str(tmp_path / "test_inner.py")],
        env={"MOTCUA_MODE": "production", "MOTCUA_BUS_URL": "amqp://production/"},
    )
    assert process.wait() == 0, process.output()
