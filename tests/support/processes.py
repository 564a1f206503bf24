"""Starts, awaits, pauses and kills real processes in tests."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from shared.plugin_sdk.devtools.process_group import group_alive, process_reaper, processes, signal_group, spawn
from tests.support.fork_server import METRICS_FOLDER, ForkedProcess, fork

STANDING_STILL = frozenset("TtZX")
"""States of a thread in Linux's process table: stopped, or ended."""

REPOSITORY = Path(__file__).resolve().parents[2]

T = TypeVar("T")


def wait_until(predicate: Callable[[], T], timeout: float = 30.0, *, interval: float = 0.02, what: str = "") -> T:
    """Waits until `predicate` returns something true; returns that.

    Args:
        predicate: asked again and again; its exceptions are not caught.
        timeout: seconds; generous, since it is spent only when the test fails anyway.
        interval: seconds between two questions.
        what: what we wait for, for the error message.

    Raises:
        TimeoutError: it did not come true in time.
    """
    deadline = time.monotonic() + timeout
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise TimeoutError(f"not within {timeout:g} s: {what or getattr(predicate, '__name__', predicate)}")
        time.sleep(interval)


def listening(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a connection to the port is accepted."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_port(port: int, *, host: str = "127.0.0.1", timeout: float = 90.0, process: Proc | None = None) -> None:
    """Waits until something listens on the port.

    Raises:
        ProcessEnded: `process`, which should open the port, has ended instead.
        TimeoutError: nothing listens after `timeout` seconds.
    """

    def ready() -> bool:
        if process is not None:
            process.check()
        return listening(port, host)

    wait_until(ready, timeout, what=f"a listener on {host}:{port}")


class ProcessEnded(RuntimeError):
    """A process ended unexpectedly; the message holds the end of its output."""


class Proc:
    """One process and its children in their own process group, logging to a file.

    Use it as a context manager, or through the fixture ``spawn_process``, which ends what the test leaves running.
    """

    def __init__(
        self,
        args: Sequence[str | os.PathLike[str]],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path = REPOSITORY,
        forked: bool = False,
    ) -> None:
        """Starts the process.

        Args:
            args: the command, not passed through a shell.
            log: file for standard output and error; appended to.
            env: added to this process's environment.
            cwd: working directory; the repository by default, so that `python -m services.…` works.
            forked: fork a parent that has imported the platform, see `fork_server`; `args` are then a module and its arguments.
        """
        self.args = [os.fspath(arg) for arg in args]
        self.log = log
        environ = {**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})}
        self._process: subprocess.Popen[bytes] | ForkedProcess
        if forked:
            with log.open("ab") as output:
                self._process = fork(self.args, env=environ, cwd=cwd, stdout=output, stderr=output)
        else:
            self._process = spawn(self.args, log=log, env=environ, cwd=cwd)
        self.pid = self._process.pid
        self._killed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill9()

    @property
    def returncode(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._process.poll()

    @property
    def running(self) -> bool:
        """Whether the process itself has not ended (a paused one has not)."""
        return self.returncode is None

    def output(self) -> str:
        """What it has written so far."""
        return self.log.read_text(errors="replace")

    def check(self) -> None:
        """Raises ProcessEnded, with the end of the output, if the process no longer runs."""
        if not self.running:
            raise ProcessEnded(f"{' '.join(self.args)} ended with {self.returncode}:\n{self.output()[-4000:]}")

    def wait(self, timeout: float = 60.0) -> int:
        """Waits for the process's own end and returns the exit status.

        Raises:
            TimeoutError: it still runs after `timeout` seconds.
        """
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired as late:
            raise TimeoutError(
                f"{' '.join(self.args)} still runs after {timeout:g} s:\n{self.output()[-4000:]}"
            ) from late

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to the process, not to its children."""
        self._process.send_signal(number)

    def terminate(self, timeout: float = 60.0) -> int:
        """Stops the process with SIGTERM; returns the exit status."""
        self.resume()
        self.signal(signal.SIGTERM)
        return self.wait(timeout)

    def pause(self) -> None:
        """Pauses the whole group (SIGSTOP), like a machine that hangs, and waits until it stands still; connections stay open."""
        signal_group(self.pid, signal.SIGSTOP)
        wait_until(lambda: not _moves(self.pid), interval=0.001, what=f"process group {self.pid} to stand still")

    def resume(self) -> None:
        """Continues a paused group (SIGCONT)."""
        signal_group(self.pid, signal.SIGCONT)

    def kill9(self) -> None:
        """Kills the whole group (SIGKILL); harmless when it is dead."""
        if self._killed:
            return
        signal_group(self.pid, signal.SIGKILL)
        self._process.wait()
        wait_until(lambda: not group_alive(self.pid), what=f"the end of process group {self.pid}")
        process_reaper().unregister(self.pid)
        self._killed = True


def _moves(group: int) -> bool:
    """Whether a thread of a process group still runs: a stop reaches threads on other processors a little later."""
    for process in processes():
        if process.group == group:
            for stat in Path(f"/proc/{process.pid}/task").glob("*/stat"):
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended
                    if stat.read_text().rpartition(")")[2].split()[0] not in STANDING_STILL:
                        return True
    return False


def python(*args: str) -> list[str]:
    """A command of the interpreter that runs the tests, such as ``python("-m", "shared.cli", "demo")``."""
    return [sys.executable, *args]


def run_forked(args: Sequence[str], env: Mapping[str, str], timeout: float) -> subprocess.CompletedProcess[str]:
    """Runs a module to its end in a fork of a parent that has imported the platform, see `fork_server`.

    Args:
        args: the module and its arguments.
        env: added to this process's environment; without a folder for metrics these are lost.
        timeout: seconds.

    Raises:
        subprocess.TimeoutExpired: it still ran after `timeout` seconds, and was killed.
    """
    with (
        tempfile.TemporaryDirectory(prefix="motcua-metrics-") as metrics,
        tempfile.TemporaryFile() as stdout,
        tempfile.TemporaryFile() as stderr,
    ):
        environ = {METRICS_FOLDER: metrics, **os.environ, **env}
        process = fork(args, env=environ, cwd=REPOSITORY, stdout=stdout, stderr=stderr)
        try:
            process.wait(timeout)
        finally:
            signal_group(process.pid, signal.SIGKILL)
            status = process.wait()
            process_reaper().unregister(process.pid)
        texts = []
        for file in (stdout, stderr):
            file.seek(0)
            texts.append(file.read().decode())
    return subprocess.CompletedProcess(args, status, *texts)
