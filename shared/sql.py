"""What SQLite and PostgreSQL need to look alike: column types and the INSERT that knows conflicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import orjson
from sqlalchemy import BigInteger, Connection, DateTime, Dialect, Executable, Insert, Integer, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeDecorator

from shared.clock import VIETNAM

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
class Plain:
    """A statement as the driver takes it.

    Attributes:
        text: with ``%(name)s`` where a value goes.
        values: by name.
    """

    text: str
    values: dict[str, Any]

    def renamed(self, prefix: str) -> Plain:
        """The same with other names for the values, so that several statements can become one."""
        values = {f"{prefix}{name}": value for name, value in self.values.items()}
        return Plain(self.text.replace("%(", f"%({prefix}"), values)


_KNOWN: dict[tuple[Executable, tuple[str, ...]], tuple[str, dict[str, Any]] | None] = {}
"""Statements that are constants of their modules, with what turns each parameter into the driver's; None: not to be had plainly."""


def plain(dialect: Dialect, statement: Executable, parameters: Mapping[str, Any]) -> Plain | None:
    """A statement past SQLAlchemy's work for each use, which takes three times as long as the driver's own.

    Args:
        dialect: PostgreSQL's; others get None.
        statement: a constant of its module.
        parameters: the same names at every use.

    Returns:
        None where only SQLAlchemy can run it: it has values or defaults of its own.
    """
    if dialect.name != "postgresql":
        return None
    key = (statement, tuple(parameters))
    if key not in _KNOWN:
        compiled: Any = cast(Any, statement).compile(dialect=dialect, column_keys=list(parameters))
        whole = set(compiled.params) == set(parameters)
        _KNOWN[key] = (str(compiled), dict(compiled._bind_processors)) if whole else None
    known = _KNOWN[key]
    if known is None:
        return None
    text, processors = known
    return Plain(
        text, {name: processors[name](value) if name in processors else value for name, value in parameters.items()}
    )


def plain_insert(dialect: Dialect, statement: Executable, parameters: Mapping[str, Any]) -> Plain | None:
    """A plain INSERT, without ON CONFLICT or RETURNING: whatever else is written beside it in one statement cannot hide it."""
    if not isinstance(statement, Insert) or statement._post_values_clause is not None or statement._returning:
        return None
    return plain(dialect, statement, parameters)


def run_plainly(
    connection: Connection, statement: Executable, parameters: Mapping[str, Any]
) -> Sequence[Sequence[Any]]:
    """Runs a constant statement as :func:`plain` has it; returns its rows, if it has any, as the driver has them."""
    found = plain(connection.dialect, statement, parameters)
    if found is None:
        result = connection.execute(statement, parameters)
        return result.all() if result.returns_rows else ()
    return run_text(connection, found.text, found.values)


def run_text(connection: Connection, text: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
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
