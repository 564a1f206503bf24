"""Named pipes that wake the processes which wait for a file to change: a folder of pipes beside the file, one for each waiter.

A waiter that died leaves its pipe; whoever writes to it next finds no reader and deletes it.
"""

from __future__ import annotations

import errno
import itertools
import logging
import os
import select
import threading
from collections.abc import Iterable
from pathlib import Path

from shared.messaging.hints import new_sender_id

log = logging.getLogger(__name__)

SEPARATOR = "@"
CAPACITY = 65536
_numbers = itertools.count()
_failing: set[Path] = set()


def folder_of(path: Path) -> Path:
    """The folder with the pipes of those who wait for changes of a file."""
    return path.with_name(f"{path.name}.waiters")


class Pipe:
    """The pipe of one waiter. Used by one thread, except `interrupt`.

    Args:
        path: the file that is waited for.
        name: what is waited for, such as a queue of the file.
        owner: tells this waiter from all others of the file.

    Raises:
        OSError: the file system has no pipes.
    """

    def __init__(self, path: Path, name: str, owner: str) -> None:
        folder = folder_of(path)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / f"{name}{SEPARATOR}{owner}"
        draft = folder / f".{self._path.name}"
        os.mkfifo(draft, 0o600)
        # also open for writing, so that it never seems closed
        self._file = os.open(draft, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._lock = threading.Lock()  # so that `interrupt` never writes to a file number that was closed
        self._open = True
        draft.rename(self._path)  # not visible before it has a reader: a writer would delete it

    def wait(self, seconds: float) -> set[str]:
        """Waits until somebody writes, and returns what; empty if nobody did."""
        if not select.select([self._file], [], [], max(seconds, 0.0))[0]:
            return set()
        return {line for line in os.read(self._file, CAPACITY).decode().split("\n") if line}

    def interrupt(self) -> None:
        """Ends a `wait` of another thread."""
        with self._lock:
            if self._open:
                _write(self._file, b"\n")

    def close(self) -> None:
        """Deletes the pipe."""
        with self._lock:
            self._open = False
            self._path.unlink(missing_ok=True)
            os.close(self._file)


def open_pipe(path: Path, name: str, owner: str) -> Pipe | None:
    """The pipe of a waiter; ``None`` on a file system that has no pipes, where everybody must look by himself."""
    try:
        return Pipe(path, name, owner)
    except OSError as error:
        log.warning("nobody is woken when %s changes, work is found later: %s", path.name, error)
        return None


def new_owner() -> str:
    """A name for a waiter that no other one has."""
    return f"{new_sender_id()}-{next(_numbers)}"


def wake(path: Path, names: Iterable[str], text: str = "", but: str = "") -> None:
    """Wakes those who wait for some names of a file. Never fails: who is not woken looks by itself after a while.

    Args:
        path: the file that has changed.
        names: what has changed in it.
        text: what to write.
        but: the owner of a pipe that gets nothing.
    """
    folder = folder_of(path)
    wanted = frozenset(names)
    failed: OSError | None = None
    try:
        found = os.listdir(folder)
    except FileNotFoundError:
        return  # nobody has ever waited
    except OSError as error:
        found, failed = [], error
    for pipe in found:
        name, _, owner = pipe.rpartition(SEPARATOR)
        if name in wanted and owner != but:
            try:
                _write_to(folder / pipe, f"{text}\n".encode())
            except OSError as error:
                failed = error
    _report(folder, failed)


def _report(folder: Path, failed: OSError | None) -> None:
    """Logs a failure when it begins, not at each transaction."""
    if failed is None:
        _failing.discard(folder)
    elif folder not in _failing:
        _failing.add(folder)
        log.warning("waiters are not woken and look later by themselves: %s", failed)


def _write_to(path: Path, data: bytes) -> None:
    try:
        file = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return  # its waiter has just closed it
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        path.unlink(missing_ok=True)  # its waiter died
        return
    try:
        _write(file, data)
    finally:
        os.close(file)


def _write(file: int, data: bytes) -> None:
    try:
        os.write(file, data)
    except BlockingIOError:
        return  # full: its waiter is woken anyway
    except BrokenPipeError:
        return  # its waiter has just closed it


class PipeHints:
    """Hints between the processes that use one SQLite file.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self.works = True
        self._database = path
        self._owner = new_owner()
        self._pipe: Pipe | None = None
        self._interrupted = threading.Event()

    def send(self, names: Iterable[str]) -> None:
        """Writes to the pipes of all other processes."""
        wake(self._database, [""], "\n".join(names), but=self._owner)

    def receive(self, seconds: float) -> set[str] | None:
        """Waits for hints; the first call makes the pipe.

        On a file system without pipes there are no hints.
        """
        if self._pipe is not None:
            return self._pipe.wait(seconds)
        self._pipe = open_pipe(self._database, "", self._owner)
        self.works = self._pipe is not None
        if not self.works:
            self._interrupted.wait(seconds)
        return None

    def interrupt(self) -> None:
        """Ends a `receive` that waits in another thread."""
        self._interrupted.set()
        if (pipe := self._pipe) is not None:
            pipe.interrupt()

    def close(self) -> None:
        """Deletes the pipe."""
        if self._pipe is not None:
            pipe, self._pipe = self._pipe, None
            pipe.close()
