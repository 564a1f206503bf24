"""Starts child processes that never outlive this process, not even if it is killed with SIGKILL.

A small reaper process holds the reading end of a pipe. Every child writes its process group to that pipe between fork and exec, so
no group is ever unknown to the reaper. The pipe closes when this process ends, however it ends; then the reaper ends every group
that is still alive.

This file is both the client (`spawn`) and the reaper (``python process_group.py``), which imports only the standard library.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

GRACE_SECONDS = 5.0


class ProcessReaper:
    """The reaper of this process; it starts with the first child.

    `write_end` is the pipe to which a child writes its process group.
    """

    def __init__(self) -> None:
        read_end, self.write_end = os.pipe()
        self._reaper = subprocess.Popen(
            [sys.executable, "-E", "-S", __file__], stdin=read_end, start_new_session=True, cwd="/"
        )
        os.close(read_end)
        atexit.register(self.close)

    def register(self, stop_signal: signal.Signals) -> Callable[[], None]:
        """Returns the function that a child runs between fork and exec to register its process group."""
        write_end = self.write_end
        return lambda: register_group(write_end, stop_signal)

    def unregister(self, group: int) -> None:
        """Removes a group that has ended, because the system may use its number again."""
        _write(self.write_end, f"-{group}\n")

    def close(self) -> None:
        """Ends all registered groups and the reaper."""
        os.close(self.write_end)
        self._reaper.wait(timeout=4 * GRACE_SECONDS)


def register_group(write_end: int, stop_signal: signal.Signals) -> None:
    """Registers the process group that this process leads.

    Args:
        write_end: of the reaper's pipe.
        stop_signal: what the reaper sends to the group first.
    """
    _write(write_end, f"+{os.getpid()} {int(stop_signal)}\n")


_reapers: dict[int, ProcessReaper] = {}


def process_reaper() -> ProcessReaper:
    """The reaper of this process; a forked child gets its own."""
    if os.getpid() not in _reapers:
        _reapers[os.getpid()] = ProcessReaper()
    return _reapers[os.getpid()]


def server_account(name: str) -> str | None:
    """The account for a server that refuses to run as root.

    Args:
        name: the account that the server's package creates.

    Returns:
        the account's name, `nobody` if the package created none, or None if this process does not run as root.
    """
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(name).pw_name
    return "nobody"


def spawn(
    args: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    account: str | None = None,
    stop_signal: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Starts a process in its own session and registers it with the reaper.

    Args:
        log: file to which standard output and error are appended.
        env: the complete environment.
        account: run as this user, with that user's primary group only; requires root.
        stop_signal: the signal that the reaper sends first when this process has ended.
    """
    group = pwd.getpwnam(account).pw_gid if account else None
    with log.open("ab") as output:
        return subprocess.Popen(
            list(args),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            user=account,
            group=group,
            extra_groups=[] if account else None,
            preexec_fn=process_reaper().register(stop_signal),  # noqa: PLW1509 (a single write, safe after fork)
        )


def signal_group(group: int, number: int) -> bool:
    """Sends a signal to a process group; returns False if it has no process left."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


class Process(NamedTuple):
    """An entry of the kernel's process table."""

    pid: int
    state: str
    parent: int
    group: int


def processes() -> Iterator[Process]:
    """All processes of the machine except zombies: nothing can end those, and an orphaned one stays until init reaps it."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # the process ended in the meantime
            state, parent, group = stat.read_text().rpartition(")")[2].split()[:3]
            if state not in "ZX":
                yield Process(int(stat.parent.name), state, int(parent), int(group))


def descendants(pid: int) -> list[int]:
    """The ids of all processes below `pid`, parents before children."""
    children: dict[int, list[int]] = {}
    for process in processes():
        children.setdefault(process.parent, []).append(process.pid)
    found = list(children.get(pid, ()))
    for child in found:
        found.extend(children.get(child, ()))
    return found


def alive(pid: int) -> bool:
    """Whether a process runs; False for a zombie."""
    return any(process.pid == pid for process in processes())


def group_alive(group: int) -> bool:
    """Whether any process of the group runs."""
    return any(process.group == group for process in processes())


def kill_and_wait(pids: Sequence[int]) -> None:
    """Sends SIGKILL to the processes that still exist and waits until they have ended."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + GRACE_SECONDS
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)


def _write(descriptor: int, text: str) -> None:
    os.write(descriptor, text.encode())


def _run_reaper() -> None:
    registered: dict[int, int] = {}
    for line in sys.stdin:
        sign, rest = line[0], line[1:].split()
        if sign == "+":
            registered[int(rest[0])] = int(rest[1])
        else:
            registered.pop(int(rest[0]), None)
    for group, stop_signal in registered.items():
        signal_group(group, stop_signal)
    deadline = time.monotonic() + GRACE_SECONDS
    while any(group_alive(group) for group in registered) and time.monotonic() < deadline:
        time.sleep(0.02)
    for group in registered:
        signal_group(group, signal.SIGKILL)


if __name__ == "__main__":
    _run_reaper()
