"""Private directories and ports for servers, safe beside others of the kind on the same machine.

Both are held by a file lock that the kernel releases when the process ends, in whatever way; the next run sweeps
what a killed run left behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import random
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

# Below the range from which the kernel takes ports for outgoing connections, so that none of those is ever in the way.
PORTS = range(20_000, 32_000)

_directories: dict[Path, int] = {}
_ports: set[int] = set()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody uses; no other process will be given it here while this one lives.

    Raises:
        RuntimeError: all ports of the range are taken.
    """
    start = random.randrange(len(PORTS))
    for step in range(len(PORTS)):
        port = PORTS[(start + step) % len(PORTS)]
        if port not in _ports and _reserve(port) and _can_listen(port):
            return port
    raise RuntimeError(f"no free port between {PORTS.start} and {PORTS.stop}")


@contextlib.contextmanager
def scratch_directory(kind: str, account: str | None = None) -> Iterator[Path]:
    """A new directory, removed at the end.

    Args:
        kind: a word for its name, such as `postgres`.
        account: the user to whom it belongs; ourselves by default.
    """
    with _exclusively():
        _sweep()
        directory = Path(tempfile.mkdtemp(prefix=f"motcua-{kind}-"))
        _hold(_root() / f"directory-{directory.name}")
    if account:
        shutil.chown(directory, account)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        with _exclusively():
            _release(_root() / f"directory-{directory.name}")


def _root() -> Path:
    root = Path(tempfile.gettempdir()) / f"motcua-locks-{os.getuid()}"
    root.mkdir(mode=0o700, exist_ok=True)
    return root


@functools.cache
def _port_book(pid: int) -> int:
    # One byte for each port. Opened once and never closed: closing any descriptor of it would drop all locks.
    return os.open(_root() / "ports", os.O_CREAT | os.O_RDWR, 0o600)


def _reserve(port: int) -> bool:
    try:
        fcntl.lockf(_port_book(os.getpid()), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    _ports.add(port)
    return True


def _hold(path: Path) -> bool:
    if path in _directories:
        return False
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    _directories[path] = descriptor
    return True


def _release(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.close(_directories.pop(path))


@contextlib.contextmanager
def _exclusively() -> Iterator[None]:
    with (_root() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sweep() -> None:
    for marker in _root().glob("directory-motcua-*"):
        if _hold(marker):
            shutil.rmtree(Path(tempfile.gettempdir()) / marker.name.removeprefix("directory-"), ignore_errors=True)
            _release(marker)


def _can_listen(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
