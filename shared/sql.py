"""What SQLite and PostgreSQL need to look alike: column types and the INSERT that knows conflicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import orjson
from sqlalchemy import BigInteger, Connection, CursorResult, DateTime, Dialect, Executable, Integer, Table
from sqlalchemy.dialects import postgresql, sqlite
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


_PLAIN: dict[tuple[Executable, str, tuple[str, ...]], tuple[str, dict[str, Any]]] = {}
"""Statements that are constants of their modules, as the driver takes them: text, and what turns each parameter into the driver's."""


def run_plainly(connection: Connection, statement: Executable, parameters: Mapping[str, Any]) -> CursorResult[Any]:
    """Runs a write past most of what SQLAlchemy does for each statement, in a third of the time; rows come as the driver has them.

    Args:
        connection: inside a transaction.
        statement: an INSERT or UPDATE that is a module's constant.
        parameters: the same names at every use.
    """
    dialect = connection.dialect
    if dialect.paramstyle != "pyformat":
        return connection.execute(statement, parameters)
    key = (statement, dialect.name, tuple(parameters))
    known = _PLAIN.get(key)
    if known is None:
        compiled: Any = cast(Any, statement).compile(dialect=dialect, column_keys=list(parameters))
        if set(compiled.params) != set(parameters):  # defaults, or values inside the statement: SQLAlchemy's own matter
            return connection.execute(statement, parameters)
        known = _PLAIN[key] = str(compiled), dict(compiled._bind_processors)
    text, processors = known
    if processors:
        parameters = {
            name: processors[name](value) if name in processors else value for name, value in parameters.items()
        }
    return connection.exec_driver_sql(text, dict(parameters))
