"""What hides the differences between SQLite and PostgreSQL: column types, INSERT with ON CONFLICT, many rows as one JSON parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Connection, DateTime, Dialect, Integer, Table
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


def json_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Many rows as one parameter for PostgreSQL's ``json_to_recordset``: far cheaper than a parameter for each value."""
    return orjson.dumps(rows).decode()
