"""A second set of the tables of facts beside the running ones: a schema of its own on PostgreSQL, a file of its own on SQLite.

In its transactions the plain names of these tables are the second ones, so that the handlers of events write there unchanged, and all other
names are those of the running database: the archive is read, and the two sets are compared, in one transaction that sees one moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, event, inspect, text

from services.stats.archive.domain import GENESIS
from services.stats.archive.rebuild.tables import in_schema, progress, rebuilt_tables, shape
from shared.persistence.engine import READ_ONLY, make_engine
from shared.persistence.store import Store

SCHEMA = "motcua_rebuild"
RUNNING = "running"
SUFFIX = "-rebuild"


class Side:
    """The second set of tables of one store.

    Args:
        store: stats'.
    """

    def __init__(self, store: Store) -> None:
        self._sqlite = store.engine.dialect.name == "sqlite"
        self._file = Path(f"{store.engine.url.database}{SUFFIX}")
        self.engine = store.engine
        if self._sqlite:
            self.engine = make_engine(f"sqlite:///{self._file}", pool=1)
            running = store.engine.url.database

            @event.listens_for(self.engine, "connect")
            def attach(raw: Any, _record: Any) -> None:
                raw.execute(f"ATTACH DATABASE ? AS {RUNNING}", (running,))

        else:
            with store.engine.connect() as connection:
                self._running_schema = str(connection.execute(text("SELECT current_schema()")).scalar_one())

    @property
    def running_schema(self) -> str:
        """The schema of the running tables, in the transactions of this side."""
        return RUNNING if self._sqlite else self._running_schema

    def running(self, table: Table) -> Table:
        """A running table, as it is named in the transactions of this side."""
        return in_schema(table, self.running_schema)

    @property
    def rebuilt_schema(self) -> str:
        """The schema of the tables of this side, in its transactions."""
        return "main" if self._sqlite else SCHEMA

    def rebuilt(self, table: Table) -> Table:
        """A table of this side."""
        return in_schema(table, self.rebuilt_schema)

    @contextmanager
    def transaction(self, *, lock: bool = False) -> Iterator[Connection]:
        """A transaction that sees one moment of the running database, and its own writes.

        Args:
            lock: whether nobody may write the running tables until it ends.
        """
        options = {READ_ONLY: not lock}  # on SQLite it locks the running file only if it is to be written
        with self.engine.connect().execution_options(**options) as connection, connection.begin():
            if not self._sqlite:
                self._begin_postgresql(connection, lock)
            yield connection

    def _begin_postgresql(self, connection: Connection, lock: bool) -> None:
        if lock:
            names = ", ".join(f'"{self._running_schema}"."{table.name}"' for table in rebuilt_tables())
            connection.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
        else:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(f'SET LOCAL search_path TO {SCHEMA}, "{self._running_schema}"'))

    def prepare(self) -> bool:
        """Makes the tables, unless they are there and of this version; returns whether an earlier rebuild goes on."""
        with self.transaction() as connection:
            if self._is_there(connection) and self.progress(connection).shape == shape():
                return True
        self.remove()
        with self.transaction() as connection:
            if not self._sqlite:
                connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
            for table in (progress, *rebuilt_tables()):
                table.create(connection, checkfirst=False)
            start = {"id": 1, "batch": 0, "events": 0, "link": GENESIS, "shape": shape()}
            connection.execute(progress.insert(), start)
        return False

    def _is_there(self, connection: Connection) -> bool:
        schema = "main" if self._sqlite else SCHEMA
        return inspect(connection).has_table(progress.name, schema=schema)

    def progress(self, connection: Connection) -> Any:
        """How far the rebuild has come."""
        return connection.execute(progress.select()).one()

    def remove(self) -> None:
        """Removes the second set of tables."""
        if self._sqlite:
            self.engine.dispose()
            for suffix in ("", "-wal", "-shm"):
                Path(f"{self._file}{suffix}").unlink(missing_ok=True)
            return
        with self.engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))

    def close(self) -> None:
        """Closes the connections of its own."""
        if self._sqlite:
            self.engine.dispose()
