"""Locks of files beside an SQLite database, for leases.

The system gives a file's lock up when its process ends. A process that hangs keeps it, so each holder writes into its file now and then.
A contender that has seen no change for as long as a lease may be silent takes the next file: files have numbers, and only the lock of the
file with the highest number counts. Nobody deletes that one, so numbers never begin again while somebody holds an old file.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BEAT_DIGITS = 20
LONGEST_FILE = 1000


def folder_of(database: Path) -> Path:
    """The folder with the locks of an SQLite database."""
    return database.with_name(f"{database.name}.locks")


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file that this process has locked."""

    number: int
    descriptor: int


class FileLocks:
    """The locks that one process may have beside one SQLite file.

    Args:
        database: the SQLite file.
        holder: the name of this process, for people who look into the files.
        seconds: for how long a file may stay unchanged before its lock no longer counts.
        monotonic: the local clock.
    """

    def __init__(
        self, database: Path, holder: str, seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.seconds = seconds
        self.monotonic = monotonic
        self._folder = folder_of(database)
        self._holder = holder
        self._held: dict[str, HeldFile] = {}
        self._seen: dict[str, tuple[tuple[int, bytes], float]] = {}

    def take(self, name: str) -> bool:
        """Takes a lock that is free or whose holder hangs.

        Raises:
            OSError: the files cannot be read or written.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = max(self._numbers(name), default=0)
        if self._lock(name, number):
            return True
        if not self._hangs(name, number) or not self._lock(name, number + 1):
            return False
        if not self._hangs(name, number):  # its holder has just ended, and another process has taken this file
            self.release(name)
            return False
        for older in self._numbers(name) - {number + 1}:
            self._path(name, older).unlink(missing_ok=True)
        return True

    def confirm(self, name: str) -> bool:
        """Writes into the file; false if another process has taken the next one.

        Raises:
            OSError: the file cannot be written; the lock is given up.
        """
        held = self._held.get(name)
        if held is None:
            return False
        try:
            os.pwrite(held.descriptor, _beat(), 0)
            counts = self._counts(name, held)
        except BaseException:
            self.release(name)
            raise
        if not counts:
            self.release(name)
        return counts

    def release(self, name: str) -> None:
        """Gives a lock up; its file stays."""
        held = self._held.pop(name, None)
        if held is not None:
            os.close(held.descriptor)

    def _lock(self, name: str, number: int) -> bool:
        descriptor = os.open(self._path(name, number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        held = HeldFile(number, descriptor)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, _beat() + f" {self._holder}\n".encode(), 0)
            counts = self._counts(name, held)  # after the beat, which keeps others from taking the next file
        except BaseException as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                return False
            raise
        if counts:
            self._held[name] = held
        else:
            os.close(descriptor)
        return counts

    def _counts(self, name: str, held: HeldFile) -> bool:
        """Whether a file that this process has locked is the one whose lock counts, and was not deleted by somebody."""
        return os.fstat(held.descriptor).st_nlink > 0 and max(self._numbers(name), default=0) == held.number

    def _hangs(self, name: str, number: int) -> bool:
        """Whether this process has seen the same contents of a file for too long."""
        try:
            state = (number, self._path(name, number).read_bytes()[:LONGEST_FILE])
        except FileNotFoundError:  # another process has just taken the next one
            return False
        seen, since = self._seen.get(name, (None, 0.0))
        if state != seen:
            self._seen[name] = (state, self.monotonic())
            return False
        return self.monotonic() - since >= self.seconds

    def _numbers(self, name: str) -> set[int]:
        try:
            parts = [entry.rpartition(".") for entry in os.listdir(self._folder)]
        except FileNotFoundError:
            return set()
        return {int(number) for kind, _, number in parts if kind == name}

    def _path(self, name: str, number: int) -> Path:
        return self._folder / f"{name}.{number}"


def _beat() -> bytes:
    """Another one at each call, whichever process writes it."""
    return b"%0*d" % (BEAT_DIGITS, time.time_ns())
