"""What hides the differences between SQLite and PostgreSQL: column types, INSERT with ON CONFLICT, lists and many rows as one parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    DateTime,
    Dialect,
    Integer,
    String,
    Table,
    any_,
    bindparam,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator

from shared.runtime.clock import VIETNAM

BigId = BigInteger().with_variant(Integer, "sqlite")
"""A growing primary key. SQLite numbers rows by itself only if the column is a plain INTEGER."""


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
    """An INSERT of the connection's dialect, so that ``on_conflict_do_…`` may follow. The two dialects share no type that has it."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


class Upsert:
    """An INSERT with ON CONFLICT as a constant of its module, built once for each dialect: to build one takes longer than to run it.

    Args:
        table: into which it inserts; the values are given at each execution, by column.
        build: adds ``on_conflict_do_…`` to an INSERT of the table, and whatever else belongs to it.
    """

    def __init__(self, table: Table, build: Callable[[Any], Any]) -> None:
        self._built = {"postgresql": build(postgresql.insert(table)), "sqlite": build(sqlite.insert(table))}

    def on(self, connection: Connection) -> Any:
        """The statement in the connection's dialect."""
        return self._built[connection.dialect.name]


Among = Callable[[Any, str], ColumnElement[bool]]
"""A condition: a column has one of the values in a list, which is the parameter of the given name."""


class WithList:
    """A statement with a list of values among its parameters, as a constant of its module, built once for each dialect.

    On PostgreSQL the list is one parameter: one for each value takes ten times as long.

    Args:
        build: makes it, with the condition that it gets.
    """

    def __init__(self, build: Callable[[Among], Any]) -> None:
        self._built = {"postgresql": build(_in_array), "sqlite": build(_in_values)}

    def on(self, connection: Connection) -> Any:
        """The statement in the connection's dialect."""
        return self._built[connection.dialect.name]


def _in_array(column: Any, name: str) -> ColumnElement[bool]:
    type_ = String() if isinstance(column.type, String) else column.type  # a text's length would cut what is asked for
    return cast(ColumnElement[bool], column == any_(bindparam(name, type_=ARRAY(type_))))


def _in_values(column: Any, name: str) -> ColumnElement[bool]:
    return cast(ColumnElement[bool], column.in_(bindparam(name, expanding=True)))


def json_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Many rows as one parameter for PostgreSQL's ``json_to_recordset``: far cheaper than a parameter for each value."""
    return orjson.dumps(rows).decode()
