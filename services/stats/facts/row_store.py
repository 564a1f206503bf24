"""Reads and writes rows of facts, many at once: on PostgreSQL with one parameter for all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, select, tuple_
from sqlalchemy.dialects import sqlite

from shared.persistence.sql import json_text

Row = Mapping[str, Any]
"""Column → value, of all columns."""
Key = tuple[Any, ...]
"""The values of the primary key, in its order."""


@cache
def names_of(table: Table) -> tuple[str, ...]:
    """The columns of a table."""
    return tuple(str(column.name) for column in table.columns)


@cache
def key_names(table: Table) -> tuple[str, ...]:
    """The columns of its primary key."""
    return tuple(str(column.name) for column in table.primary_key)


def key_of(table: Table, row: Row) -> Key:
    """The key of a row."""
    return tuple(row[name] for name in key_names(table))


def read_rows(connection: Connection, table: Table, condition: ColumnElement[bool]) -> list[dict[str, Any]]:
    """The rows that meet a condition."""
    names = names_of(table)
    return [dict(zip(names, row, strict=True)) for row in connection.execute(select(table).where(condition))]


def read_keys(connection: Connection, table: Table, keys: Sequence[Key]) -> list[dict[str, Any]]:
    """The rows with some keys."""
    names = key_names(table)
    if len(names) == 1:
        return read_with(connection, table, names[0], [key[0] for key in keys])
    if connection.dialect.name != "postgresql":
        return read_rows(connection, table, tuple_(*table.primary_key).in_(keys))
    given = json_text([dict(zip(names, key, strict=True)) for key in keys])
    return _read_raw(connection, table, _select_keys(table), given)


def read_with(connection: Connection, table: Table, column: str, values: Sequence[str]) -> list[dict[str, Any]]:
    """The rows with some values. On PostgreSQL with one parameter for all: one for each takes ten times as long."""
    if connection.dialect.name != "postgresql":
        return read_rows(connection, table, table.c[column].in_(values))
    return _read_raw(connection, table, _select_with(table, column), values)


def _read_raw(connection: Connection, table: Table, statement: str, given: Any) -> list[dict[str, Any]]:
    names = names_of(table)
    return [dict(zip(names, row, strict=True)) for row in connection.exec_driver_sql(statement, (given,))]


@cache
def _select_with(table: Table, column: str) -> str:
    shown = ", ".join(f't."{name}"' for name in names_of(table))
    return f'SELECT {shown} FROM unnest(%s::text[]) AS k (key) JOIN "{table.name}" AS t ON t."{column}" = k.key'


@cache
def _select_keys(table: Table) -> str:
    shown = ", ".join(f't."{name}"' for name in names_of(table))
    same = " AND ".join(f't."{name}" = k."{name}"' for name in key_names(table))
    keys = f'json_populate_recordset(null::"{table.name}", %s) AS k'
    return f'SELECT {shown} FROM {keys} JOIN "{table.name}" AS t ON {same}'


def write(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Writes rows, whether they are new or not."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        given = [{name: value for name, value in row.items() if value is not None} for row in rows]
        connection.exec_driver_sql(_write_postgresql(table), (json_text(given),))
    else:
        connection.execute(_write_sqlite(table), list(rows))


@cache
def _write_postgresql(table: Table) -> str:
    names = [f'"{column.name}"' for column in table.columns]
    keys = [f'"{column.name}"' for column in table.primary_key]
    changes = ", ".join(f"{name} = excluded.{name}" for name in names if name not in keys)
    return (
        f'INSERT INTO "{table.name}" ({", ".join(names)}) '
        f'SELECT {", ".join(names)} FROM json_populate_recordset(null::"{table.name}", %s) '
        f"ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {changes}"
    )


@cache
def _write_sqlite(table: Table) -> Any:
    row = sqlite.insert(table)
    changes = {column.name: row.excluded[column.name] for column in table.columns if not column.primary_key}
    return row.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes)
