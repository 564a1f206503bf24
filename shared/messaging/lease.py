"""A lease: one of several processes does some work, and another takes over when it ends, hangs, or loses the database.

A lease is a lock that costs nothing while it is held, and that a process which dies gives up at once: a lock of a session in PostgreSQL
(`postgres_locks`), a lock of a file beside an SQLite database (`file_locks`). A process that hangs would keep such a lock, so each holder
also says now and then that it is alive, or the lock is taken from it.

Clocks of different machines are never compared. A holder trusts its lock for a time that begins before its last sign of life, and others
take the lock only when the same time has passed since that sign arrived. Who is paused for longer looks again before it does anything.
It may continue for a moment what it was doing, so work under a lease must be safe to do twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine

from shared.messaging.file_locks import FileLocks


class Locks(Protocol):
    """The locks that one process may have in one service's database.

    Attributes:
        seconds: after how long without a sign of life a lock is taken from its holder.
        monotonic: the local clock.
    """

    seconds: float
    monotonic: Callable[[], float]

    def take(self, name: str) -> bool:
        """Takes a lock that this process does not hold, if it is free or its holder hangs; returns whether it is taken.

        Raises:
            Exception: the database cannot be reached.
        """
        ...

    def confirm(self, name: str) -> bool:
        """Gives a sign of life; returns whether this process still holds the lock.

        Raises:
            Exception: the database cannot be reached; the lock is lost.
        """
        ...

    def release(self, name: str) -> None:
        """Gives a lock up, so that another process need not wait. Never fails."""
        ...


def open_locks(engine: Engine, holder: str, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> Locks:
    """The locks that one process may have in one service's database.

    Args:
        engine: of the database.
        holder: the name of the process, for people who look for it.
        seconds: after how long without a sign of life a lock is taken from its holder.
        monotonic: the local clock.
    """
    if engine.dialect.name == "postgresql":
        # Imported here, because an SQLite-only install need not load psycopg.
        from shared.messaging.postgres_locks import PostgresLocks

        return PostgresLocks(engine, holder, seconds, monotonic)
    return FileLocks(Path(engine.url.database or ""), holder, seconds, monotonic)


class Lease:
    """One process's view of one lease; threads may share it. Somebody calls `renew` every third of `locks.seconds`.

    Args:
        locks: where the lock is.
        name: what is leased, such as ``relay``.
    """

    def __init__(self, locks: Locks, name: str) -> None:
        self.name = name
        self._locks = locks
        self._confirmed_at: float | None = None
        self._released = False
        self._callbacks: list[Callable[[], None]] = []
        self._lock = threading.Lock()

    def subscribe(self, callback: Callable[[], None]) -> None:
        """Calls a function whenever the lease was got or lost; it must return at once and not fail."""
        self._callbacks.append(callback)

    def hold(self) -> bool:
        """Whether this process holds the lease; takes it if it can. Cheap to call often while somebody renews it in time.

        Raises:
            Exception: the database cannot be reached.
        """
        return self._was_confirmed_within(self._locks.seconds / 2) or self.renew()

    def renew(self) -> bool:
        """Takes the lease, or confirms that it is still held; returns whether it is.

        Raises:
            Exception: the database cannot be reached; the lease is lost.
        """
        with self._lock:
            before, now = self._confirmed_at, None
            started = self._locks.monotonic()
            try:
                if not self._released and (self._confirm() or self._locks.take(self.name)):
                    now = started
            finally:
                self._confirmed_at = now
                if (before is None) != (now is None):
                    self._tell()
            return self._was_confirmed_within(self._locks.seconds)  # not so if this process was paused just now

    def release(self) -> None:
        """Gives the lease up for good: this process does not take it again."""
        with self._lock:
            self._released, self._confirmed_at = True, None
            self._locks.release(self.name)

    def _was_confirmed_within(self, seconds: float) -> bool:
        confirmed_at = self._confirmed_at
        return confirmed_at is not None and self._locks.monotonic() - confirmed_at <= seconds

    def _confirm(self) -> bool:
        return self._confirmed_at is not None and self._locks.confirm(self.name)

    def _tell(self) -> None:
        for callback in self._callbacks:
            callback()
