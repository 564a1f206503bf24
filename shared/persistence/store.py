"""One service's own database: engine, column types, and the unit of work in which every change of state happens.

SQLite files (WAL, synchronous=FULL) by default, PostgreSQL by URL; both run the same statements and the same tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, CursorResult, Engine, Table, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.sql import Executable

from shared.contracts import make_event
from shared.messaging.event import Event
from shared.persistence.flush import flush_transaction, run_deferred
from shared.persistence.sequence import DeferredNumber
from shared.persistence.sql import insert
from shared.runtime.clock import Clock

if TYPE_CHECKING:
    from shared.runtime.reference_data import Reference

T = TypeVar("T")

READ_ONLY = "motcua_read_only"
SQLITE_WAIT_MS = 15_000
POSTGRES_ARGS = {
    "connect_timeout": 5,
    "application_name": "motcua",
    "options": "-c statement_timeout=20000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=60000 -c timezone=UTC",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
RERUN_SQLSTATES = frozenset({"40001", "40P01", "55P03"})  # serialization failure, deadlock, lock timeout


class UnitOfWork:
    """One transaction: its statements, and the events that leave with it.

    Attributes:
        connection: the SQLAlchemy connection, inside the transaction.
        now: the business time of the whole transaction, so that all that happens in it happens at one moment.
    """

    def __init__(self, connection: Connection, store: Store) -> None:
        self.connection = connection
        self.store = store
        self.now = store.clock.now()
        self.events: list[Event] = []
        self._after_commit: list[Callable[[], None]] = []
        self._deferred: dict[Executable, list[Mapping[str, Any]]] = {}
        self._number: DeferredNumber | None = None

    def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> CursorResult[Any]:
        """Runs a statement inside the transaction, after whatever was put off."""
        self.flush()
        return self.connection.execute(statement, parameters)

    def defer(self, statement: Executable, parameters: Mapping[str, Any]) -> None:
        """Puts a write off until the next `execute` or the commit, so that many writes make one round trip.

        Writes put off are run statement by statement, each statement's rows in their order. So put off only what commutes
        with other statements that are put off, and needs no look at what it changed.

        Args:
            statement: one object for all its uses (a module's constant), with bound parameters.
            parameters: their values.
        """
        self._deferred.setdefault(statement, []).append(parameters)

    def defer_number(self, statement: Executable, parameters: Mapping[str, Any], digits: int) -> str:
        """Draws a number as late as can be, since all others who want one wait from then on until this transaction's commit.

        Args:
            statement: raises a counter and returns it, in one row and one column; a module's constant.
            parameters: its values.
            digits: how many the number is written with at least, zeros in front.

        Returns:
            a mark that stands for the number in texts that are put off by `defer`, in events, and in what goes through
            `resolve_placeholder` when the transaction is over. Nothing else knows it: a statement run at once would write the mark.

        Raises:
            RuntimeError: the transaction has drawn one before.
        """
        if self._number is not None:
            raise RuntimeError("a transaction draws one number")
        self._number = DeferredNumber(statement, parameters, digits)
        return self._number.placeholder

    def resolve_placeholder(self, text: str) -> str:
        """A text with the number in the place of its mark; for after the transaction.

        Raises:
            RuntimeError: the text has the mark, and the number is not drawn yet.
        """
        return self._number.substitute(text) if self._number is not None else text

    def flush(self) -> None:
        """Runs what was put off."""
        put_off, self._deferred = self._deferred, {}
        run_deferred(self.connection, put_off, self._number)

    def flush_on_commit(self) -> None:
        """Writes what was put off and the events, as the last thing of the transaction."""
        put_off, self._deferred = self._deferred, {}
        flush_transaction(self.connection, put_off, self.events, self.store.clock.wall(), self._number)

    def insert(self, table: Table) -> Any:
        """An INSERT that knows ``on_conflict_do_nothing`` and ``on_conflict_do_update`` on either database."""
        return insert(table, self.connection)

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Runs a callback once the transaction has committed, for what must not be undone, such as counting in a metric.

        It never runs when the transaction is rolled back, and not for a repeated request that gets its first answer again.

        Args:
            callback: must not fail and must not touch the database.
        """
        self._after_commit.append(callback)

    def run_after_commit(self) -> None:
        """Runs the callbacks; called by the store once the transaction has committed."""
        for callback in self._after_commit:
            callback()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """A part of the transaction that may fail by itself: what it wrote and said is taken back when the block raises, the rest stays."""
        self.flush()
        said, drawn, callbacks = len(self.events), self._number, len(self._after_commit)
        try:
            with self.connection.begin_nested():
                yield
                self.flush()
        except BaseException:
            self._deferred.clear()
            self._number = drawn
            del self.events[said:]
            del self._after_commit[callbacks:]
            raise

    def emit(self, name: str, data: Mapping[str, Any]) -> Event:
        """Announces what happened; the event is written to the outbox when the transaction commits, or not at all.

        Args:
            name: the event's name in the published language, such as ``dossier.received``.
            data: its fields, as the contract says; times as aware datetimes.

        Raises:
            shared.contracts.ContractViolation: the data does not keep the contract.
        """
        made = make_event(name, data, source=self.store.source, time=self.now)
        self.events.append(made)
        return made


class Store:
    """One service's database.

    Args:
        url: an SQLAlchemy URL, ``sqlite:///PATH`` or ``postgresql+psycopg://…``.
        service: the service's name; events emitted here have it as their source.
        clock: where business time comes from.
        pool: connections kept at the most; not less than the threads that use them.
        reference: agencies, regulations and calendars, for handlers that need them.
    """

    def __init__(
        self, url: str, service: str, clock: Clock | None = None, pool: int = 8, reference: Reference | None = None
    ) -> None:
        self.service = service
        self._reference = reference
        self.source = f"/motcua/{service}"
        self.clock = clock or Clock()
        self.engine = make_engine(url, pool)

    @property
    def reference(self) -> Reference:
        """Agencies, regulations and calendars.

        Raises:
            LookupError: this store was opened without them.
        """
        if self._reference is None:
            raise LookupError(f"the store of {self.service} was opened without reference data")
        return self._reference

    @contextmanager
    def uow(self) -> Iterator[UnitOfWork]:
        """A transaction for writing: commits when the block ends well, rolls back (events and all) when it raises."""
        with self.engine.connect() as connection, connection.begin():
            work = UnitOfWork(connection, self)
            yield work
            work.flush_on_commit()
        work.run_after_commit()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction for reading; on SQLite it takes no write lock."""
        with self.engine.connect().execution_options(**{READ_ONLY: True}) as connection, connection.begin():
            yield connection

    def run(self, work: Callable[[UnitOfWork], T], attempts: int = 5) -> T:
        """Runs a function in a transaction, again from the start when the database asks for that (deadlock, busy).

        Args:
            work: what to do; must have no effect outside the transaction.
            attempts: runs at the most.
        """
        for left in range(attempts - 1, -1, -1):
            try:
                with self.uow() as unit:
                    return work(unit)
            except OperationalError as error:
                if left == 0 or not wants_rerun(error):
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Closes every connection that is not in use."""
        self.engine.dispose()


def wants_rerun(error: BaseException) -> bool:
    """Whether the database refused a transaction only because of others at the same time."""
    if not isinstance(error, OperationalError):
        return False
    cause = error.orig
    return getattr(cause, "sqlstate", None) in RERUN_SQLSTATES or "database is locked" in str(cause)


def is_lost(error: BaseException) -> bool:
    """Whether the database itself went away, which is no event's and no caller's fault."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    return (
        error.connection_invalidated
        or state.startswith(("08", "57P"))
        or (not state and "connection" in str(error.orig).lower())
    )


def make_engine(url: str, pool: int = 8) -> Engine:
    """An engine with the settings that both databases need to be durable and to fail in bounded time."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(parsed, pool_size=pool, max_overflow=0, pool_timeout=15, hide_parameters=True)
        _prepare_sqlite(engine)
        return engine
    return create_engine(
        parsed, pool_size=pool, max_overflow=0, pool_timeout=15, hide_parameters=True, connect_args=POSTGRES_ARGS
    )


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions are begun below, never by the driver's guess
        for pragma in (
            f"busy_timeout={SQLITE_WAIT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-1000",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # IMMEDIATE: a writer that upgrades a read lock later may be refused without waiting
        read_only = connection.get_execution_options().get(READ_ONLY)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
