"""Hints as notifications of PostgreSQL.

They are sent by a thread of their own, so that no caller waits for them, and many of them become one. A NOTIFY in its own transaction
holds no other commit up.
"""

from __future__ import annotations

import logging
import os
import select
import threading
import time
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Engine

from shared.messaging.hints import new_sender_id
from shared.persistence.single_statement_commit import execute_as_transaction

log = logging.getLogger(__name__)

CHANNEL = "motcua_work"
MERGE_SECONDS = 0.05
"""After a notification the next one waits this long, for others to be merged into it: at most 20 a second."""
_NOTIFY = "SELECT pg_notify(%(channel)s, %(payload)s)"


class PostgresHints:
    """Hints between the processes that use one database. Works behind no connection pooler that shares sessions between clients.

    Args:
        engine: of the database.
    """

    works = True

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._id = new_sender_id()
        self._lock = threading.Lock()
        self._names: set[str] = set()
        self._something = threading.Event()
        self._sender: threading.Thread | None = None
        self._failing = False
        self._listener: Connection | None = None
        self._interrupted, self._interrupt = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def send(self, names: Iterable[str]) -> None:
        """Lets the thread send; the first call starts it."""
        with self._lock:
            self._names.update(names)
            if self._sender is None:
                sender = threading.Thread(target=self._send_all, name="hints", daemon=True)
                try:
                    sender.start()
                except RuntimeError as error:  # no thread can be started now; the next call tries again
                    self._warn(error)
                    return
                self._sender = sender
        self._something.set()

    def _send_all(self) -> None:
        while True:
            self._something.wait()
            self._something.clear()
            with self._lock:
                names, self._names = self._names, set()
            self._notify(" ".join([self._id, *sorted(names)]))
            time.sleep(MERGE_SECONDS)

    def _notify(self, payload: str) -> None:
        try:
            with self._engine.connect() as connection:
                execute_as_transaction(connection, _NOTIFY, {"channel": CHANNEL, "payload": payload})
        except Exception as error:  # noqa: BLE001 (whatever it is, this thread must send the next hints)
            self._warn(error)
        else:
            self._failing = False

    def _warn(self, error: Exception) -> None:
        if not self._failing:
            log.warning("hints are not sent, workers look by themselves: %s", type(error).__name__)
        self._failing = True

    def receive(self, seconds: float) -> set[str] | None:
        """Waits for notifications; the first call, and the one after a lost connection, connects.

        Raises:
            sqlalchemy.exc.SQLAlchemyError, psycopg.Error: the database cannot be reached or the connection is lost.
        """
        if self._listener is None:
            self._listener = self._connect()
            return None
        try:
            return self._wait(self._listener, seconds)
        except BaseException:
            self.close()
            raise

    def _connect(self) -> Connection:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()  # it is kept, so the pool may open another in its place
        try:
            connection.exec_driver_sql(f"LISTEN {CHANNEL}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _wait(self, listener: Connection, seconds: float) -> set[str]:
        driver: Any = listener.connection.dbapi_connection
        server = driver.pgconn
        ready, _, _ = select.select([server.socket, self._interrupted], [], [], max(seconds, 0.0))
        names: set[str] = set()
        if self._interrupted in ready:
            os.read(self._interrupted, 1024)
        if server.socket in ready:
            server.consume_input()
            while (notification := server.notifies()) is not None:
                sender, *sent = notification.extra.decode().split()
                if sender != self._id:
                    names.update(sent)
        return names

    def interrupt(self) -> None:
        """Ends a `receive` that waits in another thread."""
        os.write(self._interrupt, b"\n")

    def close(self) -> None:
        """Closes the connection that listens."""
        if self._listener is not None:
            listener, self._listener = self._listener, None
            listener.close()
