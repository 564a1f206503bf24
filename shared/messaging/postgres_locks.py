"""Locks of a session in PostgreSQL 14 or later, for leases.

The server gives a session's locks up when its connection is closed, as by the end of the process. A process or machine that hangs closes
nothing, so the session also ends when it has sent nothing for as long as a lease may be silent. The server counts this time from when it
got the last statement, and the holder from before it sent it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from psycopg import Connection, Error
from sqlalchemy import Engine

log = logging.getLogger(__name__)

CLASS = 7_206_813
"""The first key of all locks; the other one is a hash of the lock's name."""
TAKE = f"SELECT pg_try_advisory_lock({CLASS}, hashtext(%s))"
RELEASE = f"SELECT pg_advisory_unlock({CLASS}, hashtext(%s))"
CONFIRM = "SELECT true"


class PostgresLocks:
    """The locks of one session. Works behind no connection pooler that shares sessions between clients.

    Args:
        engine: of the database.
        holder: the name of this process, for people who look at the server's sessions.
        seconds: after how long without a statement the server gives the locks up.
        monotonic: the local clock.
    """

    def __init__(
        self, engine: Engine, holder: str, seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.seconds = seconds
        self.monotonic = monotonic
        self._engine = engine
        self._holder = holder
        self._session: Connection | None = None  # the driver's: SQLAlchemy would take most of the time
        self._held: set[str] = set()
        self._lock = threading.Lock()

    def take(self, name: str) -> bool:
        """Takes a lock if it is free; opens the session if there is none.

        Raises:
            sqlalchemy.exc.SQLAlchemyError, psycopg.Error: the database cannot be reached.
        """
        with self._lock:
            if self._session is None:
                self._session = self._connect()
            if self._ask(TAKE, name):
                self._held.add(name)
            return name in self._held

    def confirm(self, name: str) -> bool:
        """Lets the server know that this process works; false if the session was lost, and the lock with it."""
        with self._lock:
            try:
                return name in self._held and self._ask(CONFIRM)
            except Error as error:
                log.warning("the session that holds %s was lost: %s", name, str(error).partition("\n")[0])
                return False

    def release(self, name: str) -> None:
        """Gives a lock up; closes the session when it was the last one."""
        with self._lock:
            if name in self._held:
                try:
                    self._ask(RELEASE, name)
                    self._held.discard(name)
                except Error as error:  # the server gives the lock up by itself
                    log.info("%s is not released: %s", name, type(error).__name__)
            if not self._held:
                self._close()

    def _ask(self, statement: str, *values: str) -> bool:
        assert self._session is not None
        try:
            row = self._session.execute(statement, values).fetchone()
        except BaseException:
            self._close()
            raise
        return row is not None and bool(row[0])

    def _connect(self) -> Connection:
        pooled = self._engine.raw_connection()
        session = pooled.driver_connection
        assert isinstance(session, Connection)
        pooled.detach()  # it is kept, so the pool may open another in its place
        try:
            session.autocommit = True
            session.execute("SELECT set_config('application_name', %s, false)", (f"motcua {self._holder}",))
            session.execute(f"SET idle_session_timeout = {round(self.seconds * 1000)}")
        except BaseException:
            session.close()
            raise
        return session

    def _close(self) -> None:
        session, self._session = self._session, None
        self._held.clear()
        if session is not None:
            session.close()
