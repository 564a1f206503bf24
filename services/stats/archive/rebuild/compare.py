"""Comparing the rebuilt tables with the running ones, row by row, and putting the one in the place of the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Select, and_, delete, exists, func, insert, select

from services.stats.archive.rebuild.side import Side
from services.stats.archive.rebuild.tables import (
    compared_tables,
    contents,
    in_schema,
    only_grows,
    rebuilt_tables,
    total_of,
)
from services.stats.totals.folding import fold
from services.stats.totals.tables import TOTALS


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
    found = []
    for table in compared_tables():
        keys = [column.name for column in table.primary_key]
        total = total_of(table)
        if total is None:
            both: tuple[FromClause, FromClause] = (side.running(table), side.rebuilt(table))
        else:
            both = (contents(total, side.running_schema), contents(total, side.rebuilt_schema))
        found.append(_compare(connection, table.name, keys, *both, most))
    return found


def _compare(
    connection: Connection, name: str, keys: Sequence[str], running: FromClause, rebuilt: FromClause, most: int
) -> Comparison:
    gone, new = _changed(running, rebuilt, keys), _only(rebuilt, running, keys)
    different = sum(
        connection.execute(select(func.count()).select_from(one.subquery())).scalar_one() for one in (gone, new)
    )
    found: list[Difference] = []
    if different:
        names = [column.name for column in running.c]
        found += [_named(name, names, keys, row) for row in connection.execute(_in_order(gone, len(keys), most))]
        for row in connection.execute(_in_order(new, len(keys), most - len(found))):
            values = dict(zip(names, row, strict=True))
            found.append(Difference(name, tuple(values[key] for key in keys), {}, "rebuilt"))
    rows = [connection.execute(select(func.count()).select_from(one)).scalar_one() for one in (running, rebuilt)]
    return Comparison(name, rows[0], rows[1], different, tuple(found))


def _changed(running: FromClause, rebuilt: FromClause, keys: Sequence[str]) -> Select[Any]:
    """The running rows that were not rebuilt as they are, each with the rebuilt row of its key."""
    same_key = _same(running, rebuilt, keys)
    different = rebuilt.c[keys[0]].is_(None) | ~_alike(running, rebuilt)
    others = [column.label(f"rebuilt_{column.name}") for column in rebuilt.c]
    return select(*running.c, *others).select_from(running.outerjoin(rebuilt, same_key)).where(different)


def _only(one: FromClause, other: FromClause, keys: Sequence[str]) -> Select[Any]:
    """The rows of whose key the other side has none."""
    return select(*one.c).where(~exists(select(1).select_from(other).where(_same(one, other, keys)).correlate(one)))


def _same(one: FromClause, other: FromClause, keys: Sequence[str]) -> ColumnElement[bool]:
    return and_(*(one.c[key] == other.c[key] for key in keys))


def _alike(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    return and_(*(column.is_not_distinct_from(other.c[column.name]) for column in one.c))


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

    Totals are folded on both sides first, and rows of them that say nothing are deleted.

    Args:
        connection: a transaction of the side that has locked the running tables.
        side: the second set of tables.

    Raises:
        RuntimeError: another process folds at this moment.
    """
    for total in TOTALS:
        for schema in (side.running_schema, side.rebuilt_schema):
            if not fold(connection, total, schema):
                raise RuntimeError("the totals are being folded")
            table = in_schema(total.table, schema)
            connection.execute(delete(table).where(*(table.c[name].is_(None) for name in total.values)))
    changed = 0
    for table in rebuilt_tables():
        running, rebuilt = side.running(table), side.rebuilt(table)
        keys = [column.name for column in table.primary_key]
        if not keys:
            continue
        if not only_grows(table):
            wrong = ~exists(
                select(1).select_from(rebuilt).where(_same(running, rebuilt, keys), _alike(running, rebuilt))
            ).correlate(running)
            changed += int(connection.execute(delete(running).where(wrong)).rowcount)
        added = insert(running).from_select([column.name for column in rebuilt.columns], _only(rebuilt, running, keys))
        written = connection.execute(added.execution_options(preserve_rowcount=True)).rowcount
        changed += 0 if only_grows(table) else written
    return changed
