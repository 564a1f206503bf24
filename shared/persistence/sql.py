"""What SQLite and PostgreSQL need to look alike: column types and the INSERT that knows conflicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import orjson
from sqlalchemy import BigInteger, Connection, DateTime, Dialect, Executable, Insert, Integer, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator

from shared.runtime.clock import VIETNAM

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A growing primary key: SQLite numbers rows only for a plain INTEGER."""


class Moment(TypeDecorator[datetime]):
    """A point in time: aware in Python (Vietnam's zone), UTC in the database. Refuses naive times."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value if dialect.name == "postgresql" else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(VIETNAM)


def insert(table: Table, connection: Connection) -> Any:
    """An INSERT of the connection's dialect, so that ``on_conflict_do_…`` may follow."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def json_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Many rows as one parameter, for PostgreSQL's ``json_to_recordset``: far cheaper than a parameter for each value."""
    return orjson.dumps(rows).decode()


@dataclass(frozen=True, slots=True)
class CompiledStatement:
    """A statement as the driver takes it.

    Attributes:
        text: with ``%(name)s`` where a value goes.
        values: by name.
    """

    text: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A constant statement's text, and for each parameter the name it has there and what turns its value into the driver's."""

    text: str
    parameters: tuple[tuple[str, str, Callable[[Any], Any] | None], ...]


_COMPILED: dict[tuple[Executable, str, tuple[str, ...]], _Compiled | None] = {}
"""Statements that are constants of their modules; None: not to be had plainly."""


def compile_statement(
    dialect: Dialect, statement: Executable, parameters: Mapping[str, Any], prefix: str = ""
) -> CompiledStatement | None:
    """A statement past SQLAlchemy's work for each use, which takes three times as long as the driver's own.

    Args:
        dialect: PostgreSQL's; others get None.
        statement: a constant of its module.
        parameters: the same names at every use.
        prefix: put before the names of the values, so that several statements can become one.

    Returns:
        None where only SQLAlchemy can run it: it has values or defaults of its own.
    """
    if dialect.name != "postgresql":
        return None
    key = (statement, prefix, tuple(parameters))
    if key not in _COMPILED:
        _COMPILED[key] = _compile(dialect, statement, prefix, key[2])
    known = _COMPILED[key]
    if known is None:
        return None
    values = {
        placed: change(parameters[name]) if change is not None else parameters[name]
        for name, placed, change in known.parameters
    }
    return CompiledStatement(known.text, values)


def _compile(dialect: Dialect, statement: Executable, prefix: str, names: tuple[str, ...]) -> _Compiled | None:
    compiled: Any = cast(Any, statement).compile(dialect=dialect, column_keys=list(names))
    if set(compiled.params) != set(names):
        return None
    text = str(compiled).replace("%(", f"%({prefix}")
    return _Compiled(text, tuple((name, f"{prefix}{name}", compiled._bind_processors.get(name)) for name in names))


def compile_insert(
    dialect: Dialect, statement: Executable, parameters: Mapping[str, Any], prefix: str = ""
) -> CompiledStatement | None:
    """A plain INSERT, without ON CONFLICT or RETURNING: whatever else is written beside it in one statement cannot hide it."""
    if not isinstance(statement, Insert) or statement._post_values_clause is not None or statement._returning:
        return None
    return compile_statement(dialect, statement, parameters, prefix)


def execute_compiled(
    connection: Connection, statement: Executable, parameters: Mapping[str, Any]
) -> Sequence[Sequence[Any]]:
    """Runs a constant statement as :func:`plain` has it; returns its rows, if it has any, as the driver has them."""
    found = compile_statement(connection.dialect, statement, parameters)
    if found is None:
        result = connection.execute(statement, parameters)
        return result.all() if result.returns_rows else ()
    return execute_text(connection, found.text, found.values)


def execute_text(connection: Connection, text: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    """Runs SQL of PostgreSQL's by the driver alone, inside SQLAlchemy's transaction: half the cost, for the few hottest statements.

    Raises:
        sqlalchemy.exc.DBAPIError: of the same kinds as SQLAlchemy raises itself.
    """
    raw: Any = connection.connection.driver_connection
    base: Any = connection.dialect.dbapi.Error  # type: ignore[union-attr]
    try:
        cursor = raw.execute(text, values)
        return cursor.fetchall() if cursor.description else ()
    except base as error:
        if raw.closed:
            connection.invalidate(error)
        raise DBAPIError.instance(
            text, None, error, base, hide_parameters=True, connection_invalidated=raw.closed, dialect=connection.dialect
        ) from error


def execute_autocommit(connection: Connection, text: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
    """Runs SQL of PostgreSQL's as :func:`run_text` does, as the last of a transaction.

    If nothing was asked of the database before, the one statement is the whole transaction, and goes without BEGIN and COMMIT: one
    round trip instead of three, and whoever waits for its locks waits for the shorter time.
    """
    raw: Any = connection.connection.driver_connection
    driver: Any = connection.dialect.dbapi  # not imported: without PostgreSQL nobody shall carry it
    idle = driver.pq.TransactionStatus.IDLE
    if raw.pgconn.transaction_status != idle:
        return execute_text(connection, text, values)
    raw.autocommit = True
    try:
        return execute_text(connection, text, values)
    finally:
        if raw.pgconn.transaction_status == idle:
            raw.autocommit = False
        elif not raw.closed:  # interrupted half-way: nobody shall get a connection that commits by itself
            connection.invalidate()
