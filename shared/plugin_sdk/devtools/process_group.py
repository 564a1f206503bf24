"""Private servers never outlive the process that started them, not even when that is killed with SIGKILL.

A small watcher process holds the reading end of a pipe. Every child writes its own process group into that pipe before
it executes anything, so there is no moment at which it is unknown. When the pipe closes, because the process ended
in whatever way, the watcher ends every group that is still there.

The file is the client (``spawn``) and the watcher (``python leash.py``) at once; the watcher imports nothing but the
standard library.
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


class Leash:
    """One watcher per process, started when the first child is."""

    def __init__(self) -> None:
        reading, self._writing = os.pipe()
        self._watcher = subprocess.Popen(
            [sys.executable, "-E", "-S", __file__], stdin=reading, start_new_session=True, cwd="/"
        )
        os.close(reading)
        atexit.register(self.close)

    def tie(self, ending: signal.Signals) -> Callable[[], None]:
        """What a child runs between fork and exec to be known to the watcher."""
        writing = self._writing
        return lambda: _write(writing, f"+{os.getpid()} {int(ending)}\n")

    def untie(self, group: int) -> None:
        """Forgets a group that is gone, so that its number may be used again by others."""
        _write(self._writing, f"-{group}\n")

    def close(self) -> None:
        """Ends everything that is still tied, and the watcher."""
        os.close(self._writing)
        self._watcher.wait(timeout=4 * GRACE_SECONDS)


_leashes: dict[int, Leash] = {}


def leash() -> Leash:
    """The leash of this very process (a forked child gets one of its own)."""
    if os.getpid() not in _leashes:
        _leashes[os.getpid()] = Leash()
    return _leashes[os.getpid()]


def unprivileged(name: str) -> str | None:
    """The account under which a server must run that refuses to run as root.

    Args:
        name: the account that the server's package has made.

    Returns:
        the account's name, `nobody` where the package made none, or None when we are not root ourselves.
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
    ending: signal.Signals = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Starts a process in a session of its own, on the leash.

    Args:
        log: where standard output and error are appended.
        env: the whole environment.
        account: run as this user (only root can), with that user's primary group alone.
        ending: the signal that ends it best when we have vanished.
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
            preexec_fn=leash().tie(ending),  # noqa: PLW1509 (a single write, safe after fork)
        )


def signal_group(group: int, number: int) -> bool:
    """Sends a signal to a whole process group; False if no process of it is left."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


class Process(NamedTuple):
    """A line of the kernel's process table."""

    pid: int
    state: str
    parent: int
    group: int


def processes() -> Iterator[Process]:
    """All processes of the machine but zombies, which nothing can end (an orphan's stays until init looks after it)."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it ended while we were reading
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
    """Whether a process runs; a zombie does not."""
    return any(process.pid == pid for process in processes())


def group_alive(group: int) -> bool:
    """Whether any process of the group runs."""
    return any(process.group == group for process in processes())


def kill_quietly(pids: Sequence[int]) -> None:
    """SIGKILLs the processes that still exist and waits until they are gone."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + GRACE_SECONDS
    while any(alive(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.01)


def _write(descriptor: int, text: str) -> None:
    os.write(descriptor, text.encode())


def _watch() -> None:
    tied: dict[int, int] = {}
    for line in sys.stdin:
        sign, rest = line[0], line[1:].split()
        if sign == "+":
            tied[int(rest[0])] = int(rest[1])
        else:
            tied.pop(int(rest[0]), None)
    for group, ending in tied.items():
        signal_group(group, ending)
    deadline = time.monotonic() + GRACE_SECONDS
    while any(group_alive(group) for group in tied) and time.monotonic() < deadline:
        time.sleep(0.02)
    for group in tied:
        signal_group(group, signal.SIGKILL)


if __name__ == "__main__":
    _watch()
