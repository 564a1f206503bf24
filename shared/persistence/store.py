"""One service's own database: each change of state is a unit of work, each read a transaction of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from shared.messaging.hints import Hints
from shared.persistence import epoch
from shared.persistence.engine import READ_ONLY, default_wait, make_engine, wants_rerun
from shared.persistence.personal_data import use_data_keys
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import Clock
from shared.runtime.data_keys import DataKeys
from shared.runtime.reference_data import Reference

T = TypeVar("T")


class Store:
    """One service's database.

    Args:
        url: an SQLAlchemy URL, ``sqlite:///PATH`` or ``postgresql+psycopg://…``.
        service: the service's name; it is the source of the events emitted here.
        clock: gives business time; real time by default.
        pool: connections at most; not fewer than the threads that use the store.
        reference: agencies, regulations and calendars, for handlers that need them.
        hash_key: for services that hash the secrets of citizens.
        data_keys: for services that keep personal data.
        wait: seconds to wait at most for a connection and for a lock; None for the default of the database.

    Attributes:
        hints: told after each commit which work it has left for others; ``None`` in programs that run for a moment only.
    """

    def __init__(
        self,
        url: str,
        service: str,
        clock: Clock | None = None,
        pool: int = 8,
        reference: Reference | None = None,
        hash_key: str = "",
        data_keys: DataKeys | None = None,
        wait: float | None = None,
    ) -> None:
        self.service = service
        self._wait = default_wait(url) if wait is None else wait
        self.clock = clock or Clock()
        self.engine = make_engine(url, pool, self._wait)
        self._witness = epoch.begin_if_restored(self.engine, self.clock.source)
        self.hints: Hints | None = None
        self._reference = reference
        self._hash_key = hash_key
        self.data_keys = data_keys
        if data_keys is not None:
            use_data_keys(self.engine.dialect, data_keys)

    @contextmanager
    def uow(self) -> Iterator[UnitOfWork]:
        """A transaction for writing: commits at the end of the block, rolls back (events too) when the block raises."""
        counter = None
        with self.engine.connect() as connection, connection.begin():
            unit = UnitOfWork(connection, self.service, self.clock, self._reference, self._hash_key, self.data_keys)
            yield unit
            unit.flush_for_commit()
            if self._witness is not None and self._witness.known:
                counter = self._witness.counter(connection.connection.driver_connection)
        if self._witness is not None and counter is not None:
            self._witness.record(counter)
        unit.run_after_commit()
        if self.hints is not None and unit.hints:
            self.hints.send(unit.hints)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction for reading; on SQLite it takes no write lock."""
        with self.engine.connect().execution_options(**{READ_ONLY: True}) as connection, connection.begin():
            yield connection

    @contextmanager
    def snapshot(self, *, long: bool = False) -> Iterator[Connection]:
        """A transaction for reading in which all statements see the database as of one moment, for numbers that must agree.

        Args:
            long: whether its statements may take as long as they need, for checks of everything, which also make temporary tables; the
                others cannot write.
        """
        with self.read() as connection:
            if connection.dialect.name == "postgresql":  # SQLite's transactions always are such
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                connection.exec_driver_sql("SET LOCAL statement_timeout = 0" if long else "SET TRANSACTION READ ONLY")
            yield connection

    def run(self, work: Callable[[UnitOfWork], T], attempts: int = 5) -> T:
        """Runs a function in a transaction, and again from the start when the database asks for it (deadlock, lock timeout, busy).

        Args:
            work: must have no effect outside the transaction, except by :meth:`UnitOfWork.after_commit`.
            attempts: runs at most; none begins when the first began longer ago than a wait for a lock may take.
        """
        until = time.monotonic() + self._wait
        for left in range(attempts - 1, -1, -1):
            try:
                with self.uow() as unit:
                    return work(unit)
            except OperationalError as error:
                if left == 0 or not wants_rerun(error) or time.monotonic() >= until:
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Closes the connections that are not in use."""
        self.engine.dispose()
        if self._witness is not None:
            self._witness.close()
