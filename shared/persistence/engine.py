"""The database engine: its settings for SQLite and PostgreSQL, and what a database error means.

SQLite files (WAL, synchronous=FULL) by default, PostgreSQL by URL; both run the same statements and the same tests.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection

from shared.runtime.private_files import private_database, private_folder

READ_ONLY = "motcua_read_only"
"""Execution option of a connection: on SQLite its transaction takes no write lock."""
WAIT_SECONDS = 5.0
"""How long to wait for a connection of the pool, and for a lock, where nothing else is set."""
FILE_WAIT_SECONDS = 10.0
"""The same for SQLite, where one writes at a time and all others wait for the file."""
POSTGRES_OPTIONS = (
    "-c statement_timeout=20000 -c lock_timeout={wait_ms} -c idle_in_transaction_session_timeout=60000 -c timezone=UTC "
    "-c jit=off"  # compiling a statement takes longer than any of ours runs
)
POSTGRES_ARGS = {
    "connect_timeout": 5,
    "application_name": "motcua",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
RERUN_SQLSTATES = frozenset({"40001", "40P01", "55P03"})  # serialization failure, deadlock, lock timeout


def wants_rerun(error: BaseException) -> bool:
    """Whether the database refused a transaction only because of concurrent ones (deadlock, lock timeout, busy), so it may be run again."""
    if not isinstance(error, OperationalError):
        return False
    cause = error.orig
    return getattr(cause, "sqlstate", None) in RERUN_SQLSTATES or "database is locked" in str(cause)


def is_lost(error: BaseException) -> bool:
    """Whether the connection to the database was lost: neither the event nor the caller is at fault."""
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    return (
        error.connection_invalidated
        or state.startswith(("08", "57P"))
        or (not state and "connection" in str(error.orig).lower())
    )


def may_succeed_later(error: BaseException) -> bool:
    """Whether the database is lost, busy or full, so that the same work may succeed later: neither the event nor the caller is at fault."""
    if isinstance(error, NoFreeConnection) or is_lost(error) or wants_rerun(error):
        return True
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    return state.startswith("53") or "disk is full" in str(error.orig)  # class 53: insufficient resources


def default_wait(url: str) -> float:
    """How many seconds to wait for a database, where nothing else is set."""
    return FILE_WAIT_SECONDS if url.startswith("sqlite:") else WAIT_SECONDS


def make_engine(url: str, pool: int = 8, wait: float | None = None) -> Engine:
    """Creates an engine with settings that make either database durable and let it fail in bounded time.

    Args:
        url: an SQLAlchemy URL.
        pool: connections at most.
        wait: seconds to wait at most for one of them, and for a lock; None for the default of the database.
    """
    wait = default_wait(url) if wait is None else wait
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        if parsed.database:
            private_folder(Path(parsed.database).parent)
        engine = create_engine(parsed, pool_size=pool, max_overflow=0, pool_timeout=wait, hide_parameters=True)
        _prepare_sqlite(engine, round(wait * 1000))
        return engine
    arguments = POSTGRES_ARGS | {"options": POSTGRES_OPTIONS.format(wait_ms=round(wait * 1000))}
    engine = create_engine(
        parsed, pool_size=pool, max_overflow=0, pool_timeout=wait, hide_parameters=True, connect_args=arguments
    )
    _leave_idle_connections(engine)
    return engine


def _leave_idle_connections(engine: Engine) -> None:
    """Asks the driver to commit or roll back only where a transaction has begun; otherwise it finds that out itself, but slowly."""
    dialect: Any = engine.dialect
    idle = dialect.dbapi.pq.TransactionStatus.IDLE

    def unless_idle(end: Callable[[Any], None]) -> Callable[[Any], None]:
        def end_transaction(raw: Any) -> None:
            if raw.pgconn.transaction_status != idle:
                end(raw)

        return end_transaction

    dialect.do_commit = unless_idle(dialect.do_commit)
    dialect.do_rollback = unless_idle(dialect.do_rollback)


def _prepare_sqlite(engine: Engine, wait_ms: int) -> None:
    @event.listens_for(engine, "connect")
    def configure(raw: Any, _record: Any) -> None:
        if engine.url.database:
            private_database(Path(engine.url.database))
        raw.isolation_level = None  # the driver must not begin transactions: `begin` below does
        for pragma in (
            f"busy_timeout={wait_ms}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-1000",
            "secure_delete=ON",
        ):
            raw.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # IMMEDIATE: a writer that upgrades a read lock later may be refused without waiting
        read_only = connection.get_execution_options().get(READ_ONLY)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")
