"""The file of the embedded transport: made by one process at a time, and opened anew when somebody deletes or replaces it."""

from __future__ import annotations

import fcntl
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

from shared.messaging.port import BusUnavailable
from shared.runtime.private_files import private_database, private_folder

SCHEMA = """
CREATE TABLE IF NOT EXISTS subscription (topic TEXT NOT NULL, queue TEXT NOT NULL, PRIMARY KEY (topic, queue)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, event_id TEXT NOT NULL, body BLOB NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, sender TEXT NOT NULL, UNIQUE (queue, sender, event_id));
CREATE INDEX IF NOT EXISTS ix_message_queue ON message (queue, id);
"""
_COMPLETE = "SELECT 1 FROM sqlite_master WHERE name = 'ix_message_queue'"
"""Finds what is made last."""
WAIT_SECONDS = 15.0
LOCK_PAUSE = 0.02

OpenFile = tuple[sqlite3.Connection, tuple[int, int]]
"""A connection, and device and inode of the file."""


class BusFile:
    """A connection to the bus file, and whether the file at its path is still the one that was opened.

    Attributes:
        path: where it is.
        connection: to the file that was opened.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.connection, self._identity = _open(path)

    @property
    def replaced(self) -> bool:
        """Whether the file was deleted, or another one is in its place."""
        return _identity(self.path) != self._identity

    def reopen_if_replaced(self) -> None:
        """Opens the file that is there now, a new one if there is none."""
        if self.replaced:
            self.connection.close()
            self.connection, self._identity = _open(self.path)

    def close(self) -> None:
        """Closes the connection."""
        self.connection.close()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _open(path: Path) -> OpenFile:
    private_folder(path.parent)
    with unavailable():
        if (there := _connect(path)) is not None:
            return there
        with path.with_name(f"{path.name}.lock").open("a") as lock:
            _lock(lock)  # one process at a time creates the file
            if not path.exists():
                # what is left of a file that was deleted must not be taken for a part of the new one
                for suffix in ("-wal", "-shm"):
                    path.with_name(path.name + suffix).unlink(missing_ok=True)
            private_database(path)
            with closing(sqlite3.connect(path, timeout=WAIT_SECONDS)) as connection:
                connection.execute("PRAGMA journal_mode=WAL")
                connection.executescript(SCHEMA)
            if (made := _connect(path)) is None:
                raise BusUnavailable("the bus file: it was deleted as soon as it was made")
            return made


def _connect(path: Path) -> OpenFile | None:
    """Connects to the file if it is there with all its tables: that needs no lock, so a process that hangs meanwhile stops no other."""
    identity = _identity(path)  # first: if the file is replaced meanwhile, that is noticed later
    if identity is None:
        return None
    uri = f"{path.absolute().as_uri()}?mode=rw"
    connection = sqlite3.connect(uri, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False, uri=True)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-1000", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        if connection.execute(_COMPLETE).fetchone():
            return connection, identity
    except BaseException:
        connection.close()
        raise
    connection.close()
    return None


def _lock(file: IO[str]) -> None:
    """Waits for a lock as long as for the file's own, so that a process that hangs meanwhile does not stop the others for ever.

    Raises:
        BusUnavailable: another process holds it.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise BusUnavailable(
                    f"the bus file: another process opens it for more than {WAIT_SECONDS:.0f} s"
                ) from None
            time.sleep(LOCK_PAUSE)
        else:
            return


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A short-lived connection to the bus file.

    Raises:
        BusUnavailable: the file cannot be used.
    """
    connection, _ = _open(path)
    try:
        with unavailable():
            yield connection
    finally:
        connection.close()


@contextmanager
def transaction(connection: sqlite3.Connection, write: bool = True) -> Iterator[sqlite3.Connection]:
    """A transaction, of a writer by default; undone if anything raises."""
    connection.execute("BEGIN IMMEDIATE" if write else "BEGIN")
    try:
        yield connection
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


@contextmanager
def unavailable() -> Iterator[None]:
    """Turns faults of the file into `BusUnavailable`."""
    try:
        yield
    except BusUnavailable:
        raise
    except (sqlite3.Error, OSError) as error:
        raise BusUnavailable(f"the bus file: {error}") from error
