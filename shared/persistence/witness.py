"""The witness: a small file beside an SQLite database, which shows whether an older copy of the database was put in its place.

It holds a random token, the database file's inode and a counter that only grows. A copy that was put back has another inode, or a lower
counter. The counter is written after each transaction, through a memory map: a write call would change the file's times, and so make the
next transaction that waits for the disk wait for them too. SQLite needs such maps itself for its write-ahead log.
"""

from __future__ import annotations

import logging
import mmap
import os
import threading
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)

LAST_EPOCH = "SELECT number, witness, reason, announced FROM epoch ORDER BY number DESC LIMIT 1"
_COUNTER_DIGITS = 20
_COUNTER = """SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'outbox'), 0)
    + (SELECT coalesce(max(rowid), 0) FROM inbox)"""


class Witness:
    """The file beside an SQLite database that shows whether an older copy of the database was put in its place.

    Args:
        database: the path of the database.
    """

    def __init__(self, database: Path) -> None:
        self.database = database
        self.path = database.with_name(f"{database.name}.witness")
        self.known = False  # whether the file was found to agree, or written
        self._recorded = 0
        self._failing = False
        self._map: mmap.mmap | None = None
        self._descriptor = -1
        self._lock = threading.Lock()

    def agrees(self, raw: Any) -> bool:
        """Whether the database is the one that the file knows, at the same point or later.

        Args:
            raw: a connection of the driver, with the tables.
        """
        last = raw.execute(LAST_EPOCH).fetchone()
        if last is None or not last[1]:
            return False
        try:
            token, inode, counter = self.path.read_text("ascii").split()
        except (OSError, ValueError):
            return False
        return (token, inode) == (last[1], self._inode()) and self.counter(raw) >= int(counter)

    def counter(self, raw: Any) -> int:
        """A number that grows with all that the service publishes and with all that it has taken from others."""
        return int(raw.execute(_COUNTER).fetchone()[0])

    def begin(self, raw: Any, token: str) -> None:
        """Writes the file anew."""
        draft = self.path.with_name(f"{self.path.name}.{os.getpid()}.{threading.get_ident()}")
        draft.touch(mode=0o600)
        draft.write_text(f"{token} {self._inode()} {self.counter(raw):0{_COUNTER_DIGITS}d}", "ascii")
        draft.replace(self.path)
        self._recorded = 0  # the restored database counts from a lower number

    def record(self, counter: int) -> None:
        """Writes the counter of a committed transaction. Never fails; not waiting for the disk, it costs a few microseconds."""
        try:
            with self._lock:
                if counter > self._recorded:
                    self._write_counter(counter)
                    self._recorded = counter
                    self._failing = False
        except (OSError, ValueError) as error:  # the command itself has succeeded
            if not self._failing:
                log.warning("the witness %s is not written: %s", self.path.name, error)
            self._failing = True

    def _write_counter(self, counter: int) -> None:
        """In place: two processes may write at once, so the lower number may stay until the next transaction."""
        if self._map is not None:
            found = os.fstat(self._descriptor)
            # another process has begun an epoch, or somebody has emptied the file, of which nothing may be touched then
            if found.st_nlink == 0 or found.st_size < len(self._map):
                self._close()
        if self._map is None:
            self._open()
        assert self._map is not None
        self._map[-_COUNTER_DIGITS:] = b"%0*d" % (_COUNTER_DIGITS, counter)

    def _open(self) -> None:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        try:
            if os.fstat(descriptor).st_size < _COUNTER_DIGITS:
                raise ValueError("it is too short")
            self._map = mmap.mmap(descriptor, 0)
        except BaseException:
            os.close(descriptor)
            raise
        self._descriptor = descriptor

    def close(self) -> None:
        """Closes the file; it is opened again when it is needed."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None
            os.close(self._descriptor)

    def _inode(self) -> str:
        return str(self.database.stat().st_ino)
