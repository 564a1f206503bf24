"""Comparing the rebuilt tables with the running ones, row by row, and putting the one in the place of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, delete, exists, func, insert, select

from services.stats.archive.rebuild.side import Side
from services.stats.archive.rebuild.tables import counts, only_grows, rebuilt_tables


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not the same on both sides.

    Attributes:
        table: its name.
        key: the values of its primary key.
        changes: column → its value now, and as it was rebuilt; empty if the row is on one side only.
        side: ``both``, ``running`` or ``rebuilt``: where there is such a row.
    """

    table: str
    key: tuple[Any, ...]
    changes: dict[str, tuple[Any, Any]]
    side: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The result for one table.

    Attributes:
        table: its name.
        running, rebuilt: how many rows each side has.
        different: how many rows differ.
        differences: the first of them.
    """

    table: str
    running: int
    rebuilt: int
    different: int
    differences: tuple[Difference, ...]


def compare(connection: Connection, side: Side, most: int) -> list[Comparison]:
    """Compares all tables.

    Args:
        connection: a transaction of the side.
        side: the second set of tables.
        most: how many differences of each table are named.
    """
    tables = [table for table in rebuilt_tables() if not only_grows(table)]
    return [_compare(connection, side.running(table), side.rebuilt(table), most) for table in tables]


def _compare(connection: Connection, running: Table, rebuilt: Table, most: int) -> Comparison:
    gone, new = _changed(running, rebuilt), _only(rebuilt, running)
    different = sum(
        connection.execute(select(func.count()).select_from(one.subquery())).scalar_one() for one in (gone, new)
    )
    found: list[Difference] = []
    if different:
        keys = [column.name for column in running.primary_key]
        names = [column.name for column in running.columns]
        found += [
            _named(running.name, names, keys, row) for row in connection.execute(_in_order(gone, len(keys), most))
        ]
        for row in connection.execute(_in_order(new, len(keys), most - len(found))):
            values = dict(zip(names, row, strict=True))
            found.append(Difference(running.name, tuple(values[key] for key in keys), {}, "rebuilt"))
    rows = [
        connection.execute(select(func.count()).select_from(table).where(counts(table))).scalar_one()
        for table in (running, rebuilt)
    ]
    return Comparison(running.name, rows[0], rows[1], different, tuple(found))


def _changed(running: Table, rebuilt: Table) -> Select[Any]:
    """The running rows that were not rebuilt as they are, each with the rebuilt row of its key."""
    same_key = and_(*(column == rebuilt.c[column.name] for column in running.primary_key))
    first = next(iter(rebuilt.primary_key))
    different = counts(running) & (first.is_(None) | ~_alike(running, rebuilt))
    others = [column.label(f"rebuilt_{column.name}") for column in rebuilt.columns]
    return select(*running.columns, *others).select_from(running.outerjoin(rebuilt, same_key)).where(different)


def _only(table: Table, other: Table) -> Select[Any]:
    """The rows that say something and of whose key the other side has none that does."""
    return select(*table.columns).where(counts(table), ~_has(other, table))


def _has(table: Table, other: Table) -> ColumnElement[bool]:
    """Whether a table has a row that says something with the key of a row of the other one."""
    same_key = and_(*(column == other.c[column.name] for column in table.primary_key))
    return exists(select(1).select_from(table).where(same_key, counts(table)).correlate(other))


def _alike(one: Table, other: Table) -> Any:
    return and_(*(column.is_not_distinct_from(other.c[column.name]) for column in one.columns))


def _in_order(statement: Select[Any], keys: int, most: int) -> Select[Any]:
    return statement.order_by(*list(statement.selected_columns)[:keys]).limit(most)


def _named(table: str, names: Sequence[str], keys: Sequence[str], row: Sequence[Any]) -> Difference:
    running = dict(zip(names, row, strict=False))
    rebuilt = dict(zip(names, row[len(names) :], strict=True))
    key = tuple(running[name] for name in keys)
    if rebuilt[keys[0]] is None:
        return Difference(table, key, {}, "running")
    changes = {name: (running[name], rebuilt[name]) for name in names if running[name] != rebuilt[name]}
    return Difference(table, key, changes, "both")


def replace(connection: Connection, side: Side) -> int:
    """Makes the running tables the same as the rebuilt ones; returns how many rows were deleted or written.

    Args:
        connection: a transaction of the side that has locked the running tables.
        side: the second set of tables.
    """
    changed = 0
    for table in rebuilt_tables():
        running, rebuilt = side.running(table), side.rebuilt(table)
        if not only_grows(table):
            changed += _delete_others(connection, running, rebuilt)
        added = insert(running).from_select([column.name for column in rebuilt.columns], _only(rebuilt, running))
        written = connection.execute(added.execution_options(preserve_rowcount=True)).rowcount
        changed += 0 if only_grows(table) else written
    return changed


def _delete_others(connection: Connection, running: Table, rebuilt: Table) -> int:
    """Deletes the running rows that were not rebuilt as they are, but for those that say nothing and are in nobody's way."""
    same_key = and_(*(column == rebuilt.c[column.name] for column in running.primary_key))
    same = exists(select(1).select_from(rebuilt).where(same_key, _alike(running, rebuilt)).correlate(running))
    wrong = ~same & (counts(running) | _has(rebuilt, running))
    return int(connection.execute(delete(running).where(wrong)).rowcount)
