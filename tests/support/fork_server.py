"""Starts Python programs without waiting for their imports: a parent that has imported the platform forks a child for each.

A start of the platform takes nearly two seconds of processor time, nearly all of it for imports, and tests that kill processes start
hundreds of them. The child runs the same module as ``python -m MODULE`` would, in a session of its own, with its own environment,
folder and output; it can be killed by its process id, and its end is told as by `subprocess.Popen`.

This file is both the client (`fork`) and the parent (``python -m tests.support.fork_server``). The parent has one thread, no
connection and no setting. What is chosen during imports is chosen there: metrics are kept in files, so each program needs a
folder for them.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import IO, Any, NoReturn

from shared.plugin_sdk.devtools.process_group import process_reaper, register_group

METRICS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
MOST_BYTES = 100_000
"""Of a request, and of an answer."""
PACKAGES = ("shared.cli", "shared.runtime", "shared.web", "shared.messaging", "services")
"""Imported by the parent, with all their modules, except migrations and what is run as a program."""


class ForkedProcess:
    """A child of the parent, with the methods of `subprocess.Popen` that tests need. Safe in several threads.

    Args:
        channel: the connection to the parent about this child.
    """

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._lock = threading.Lock()
        self.returncode: int | None = None
        self.pid = int(_receive(channel)["pid"])

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._status(0)

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its end; returns the exit status.

        Raises:
            subprocess.TimeoutExpired: it still runs after `timeout` seconds.
        """
        status = self._status(timeout)
        if status is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        """Sends a signal to the process itself, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def _status(self, seconds: float | None) -> int | None:
        if self.returncode is None and self._told(seconds):
            with self._lock:
                if self.returncode is None:
                    self.returncode = int(_receive(self._channel)["status"])
                    self._channel.shutdown(socket.SHUT_RDWR)  # it may be reaped: only now can others get its id
        return self.returncode

    def _told(self, seconds: float | None) -> bool:
        waiting = select.poll()
        waiting.register(self._channel, select.POLLIN)
        return bool(waiting.poll(None if seconds is None else seconds * 1000))


class ForkServer:
    """The parent, as its client sees it; it ends with this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control, far_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far_end:
            self._parent = subprocess.Popen(
                [sys.executable, "-m", __name__],
                stdin=far_end.fileno(),
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
                cwd=Path(__file__).parents[2],
                start_new_session=True,
                preexec_fn=process_reaper().register(signal.SIGKILL),  # noqa: PLW1509 (a single write, safe after fork)
            )

    def fork(
        self, args: Sequence[str], env: Mapping[str, str], cwd: Path, stdout: IO[bytes], stderr: IO[bytes]
    ) -> ForkedProcess:
        """See `fork`."""
        request = json.dumps({"args": list(args), "env": dict(env), "cwd": str(cwd)}).encode()
        assert len(request) < MOST_BYTES, "too large an environment"
        channel, far_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with far_end:
            reaper = process_reaper().write_end
            files = [far_end.fileno(), stdout.fileno(), stderr.fileno(), reaper]
            with self._lock:
                socket.send_fds(self._control, [request], files)
        return ForkedProcess(channel)


@cache
def _server(_pid: int) -> ForkServer:
    return ForkServer()


def fork(
    args: Sequence[str], *, env: Mapping[str, str], cwd: Path, stdout: IO[bytes], stderr: IO[bytes]
) -> ForkedProcess:
    """Starts a program in its own session, which ends with this process at the latest.

    Args:
        args: a module and the program's arguments, as after ``python -m``.
        env: the complete environment; it names a folder for metrics.
        cwd: its working directory.
        stdout: a file for its output.
        stderr: a file for its errors.
    """
    assert env.get(METRICS_FOLDER), "a forked program keeps its metrics in files"
    return _server(os.getpid()).fork(args, env, cwd, stdout, stderr)


def _receive(channel: socket.socket) -> dict[str, Any]:
    message = channel.recv(MOST_BYTES)
    if not message:
        raise ConnectionError("the fork server has ended")
    found: dict[str, Any] = json.loads(message)
    return found


class _Parent:
    """Forks children and tells their ends. `serve` returns in each child, which then runs its program.

    Args:
        control: the connection over which requests come.
    """

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._watched = selectors.DefaultSelector()
        self._watched.register(control, selectors.EVENT_READ)

    def serve(self) -> list[str]:
        """Serves requests until the client has gone; returns a program's arguments in the child that is to run it."""
        while True:
            for key, _ in self._watched.select():
                if key.fileobj is self._control:
                    args = self._fork()
                    if args:
                        return args
                elif isinstance(key.fileobj, int):
                    self._tell(key.fileobj, *key.data)
                else:
                    self._forget(key.fileobj, *key.data)  # type: ignore[arg-type]

    def _fork(self) -> list[str]:
        message, files, _, _ = socket.recv_fds(self._control, MOST_BYTES, 4)
        if not message:
            raise SystemExit
        channel, stdout, stderr, reaper = files
        assert len(os.listdir("/proc/self/task")) == 1, "a fork copies one thread only"
        pid = os.fork()
        if not pid:
            self._close()
            return _become(json.loads(message), channel, stdout, stderr, reaper)
        for file in (stdout, stderr, reaper):
            os.close(file)
        self._watched.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, socket.socket(fileno=channel)))
        return []

    def _tell(self, pidfd: int, pid: int, channel: socket.socket) -> None:
        """Tells the client of a child's end, and leaves the child a zombie for now, so that its id is not used again."""
        self._watched.unregister(pidfd)
        os.close(pidfd)
        end = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert end
        status = end.si_status if end.si_code == os.CLD_EXITED else -end.si_status
        with contextlib.suppress(BrokenPipeError):  # the client no longer cares
            channel.send(json.dumps({"status": status}).encode())
        self._watched.register(channel, selectors.EVENT_READ, (pid,))

    def _forget(self, channel: socket.socket, pid: int) -> None:
        """Reaps a child whose end the client knows."""
        self._watched.unregister(channel)
        channel.close()
        os.waitpid(pid, 0)

    def _close(self) -> None:
        """Closes in a child what belongs to the parent."""
        for key in list(self._watched.get_map().values()):
            for owned in (key.fileobj, *(key.data or ())[1:]):
                if isinstance(owned, socket.socket):
                    owned.close()
            if isinstance(key.fileobj, int):
                os.close(key.fileobj)
        self._watched.close()


def _become(request: dict[str, Any], channel: int, stdout: int, stderr: int, reaper: int) -> list[str]:
    """Turns a fork into the process that was asked for; returns its arguments."""
    os.setsid()
    register_group(reaper, signal.SIGKILL)
    with socket.socket(fileno=channel) as told:
        told.send(json.dumps({"pid": os.getpid()}).encode())
    nothing = os.open(os.devnull, os.O_RDWR)
    for number, file in enumerate((nothing, stdout, stderr)):
        os.dup2(file, number)
    for file in {nothing, stdout, stderr, reaper}:
        os.close(file)
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    os.chdir(request["cwd"])
    args: list[str] = request["args"]
    return args


def _import_platform() -> None:
    # Whether metrics are kept in files is decided when they are made. Each child changes to its own folder.
    with tempfile.TemporaryDirectory(prefix="motcua-metrics-") as folder:
        os.environ[METRICS_FOLDER] = folder
        for name in PACKAGES:
            _import_all(importlib.import_module(name))


def _import_all(package: ModuleType) -> None:
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if found.name.rpartition(".")[2] not in ("__main__", "migrations"):
            module = importlib.import_module(found.name)
            if found.ispkg:
                _import_all(module)


def main() -> NoReturn:
    """Runs the parent, and each child's program."""
    gc.disable()
    _import_platform()
    gc.collect()
    gc.freeze()
    control = socket.socket(fileno=os.dup(0))
    args = _Parent(control).serve()
    gc.enable()
    from shared.observability.metrics import registry  # not before the parent has chosen how metrics are kept

    list(registry.collect())  # opens the child's own files for metrics
    sys.argv = args
    runpy.run_module(args[0], run_name="__main__", alter_sys=True)
    raise SystemExit


if __name__ == "__main__":
    main()
