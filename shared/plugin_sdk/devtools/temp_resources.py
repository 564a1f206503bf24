"""Temporary directories and reserved ports that do not collide with other runs on the same machine.

Each is held by a file lock, which the kernel releases when the process ends, however it ends. The next run removes the directories
that a killed run left behind.
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

# Below the range that the kernel uses for outgoing connections, so that none of them takes one of these ports.
PORTS = range(20_000, 32_000)

_directory_locks: dict[Path, int] = {}
_reserved_ports: set[int] = set()


def free_port() -> int:
    """A free port of 127.0.0.1, reserved for this process: no other process gets it from this function while this one runs.

    Raises:
        RuntimeError: all ports of the range are in use.
    """
    start = random.randrange(len(PORTS))
    for step in range(len(PORTS)):
        port = PORTS[(start + step) % len(PORTS)]
        if port not in _reserved_ports and _reserve(port) and _can_listen(port):
            return port
    raise RuntimeError(f"no free port between {PORTS.start} and {PORTS.stop}")


@contextlib.contextmanager
def temp_directory(kind: str, account: str | None = None) -> Iterator[Path]:
    """Creates a directory and removes it at the end of the block.

    Args:
        kind: part of its name, such as `postgres`.
        account: the user who owns it; by default this process's user.
    """
    with _global_lock():
        _remove_abandoned()
        directory = Path(tempfile.mkdtemp(prefix=f"motcua-{kind}-"))
        _lock(_lock_folder() / f"directory-{directory.name}")
    if account:
        shutil.chown(directory, account)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        with _global_lock():
            _unlock(_lock_folder() / f"directory-{directory.name}")


def _lock_folder() -> Path:
    folder = Path(tempfile.gettempdir()) / f"motcua-locks-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@functools.cache
def _port_lock_file(pid: int) -> int:
    # One byte per port. Opened once and never closed: closing any descriptor of the file would release all its locks.
    return os.open(_lock_folder() / "ports", os.O_CREAT | os.O_RDWR, 0o600)


def _reserve(port: int) -> bool:
    try:
        fcntl.lockf(_port_lock_file(os.getpid()), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    _reserved_ports.add(port)
    return True


def _lock(path: Path) -> bool:
    if path in _directory_locks:
        return False
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return False
    _directory_locks[path] = descriptor
    return True


def _unlock(path: Path) -> None:
    path.unlink(missing_ok=True)
    os.close(_directory_locks.pop(path))


@contextlib.contextmanager
def _global_lock() -> Iterator[None]:
    with (_lock_folder() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _remove_abandoned() -> None:
    for marker in _lock_folder().glob("directory-motcua-*"):
        if _lock(marker):
            shutil.rmtree(Path(tempfile.gettempdir()) / marker.name.removeprefix("directory-"), ignore_errors=True)
            _unlock(marker)


def _can_listen(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
