"""The tables that are made from events, and so can be made from the archive again."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from functools import cache

from sqlalchemy import BigInteger, Column, FromClause, Integer, MetaData, String, Table, func, or_, select, union_all
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from services.stats import facts, totals
from services.stats.database import metadata
from services.stats.totals.codes import codes
from services.stats.totals.spans import DAYS
from services.stats.totals.tables import TOTALS, Total

PACKAGES = (facts, totals)
"""Where they are declared: a new table of facts or totals is rebuilt without being named here."""

progress = Table(
    "rebuild_progress",  # one row beside the rebuilt tables
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("batch", BigInteger, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("link", String(64), nullable=False),
    Column("shape", String(64), nullable=False),
)


@cache
def rebuilt_tables() -> tuple[Table, ...]:
    """All tables that are written by the handlers of events alone, by name; both sides use the same numbers of codes."""
    found: dict[str, Table] = {}
    for package in PACKAGES:
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            declared = vars(importlib.import_module(module.name)).values()
            found |= {one.name: one for one in declared if isinstance(one, Table) and one.metadata is metadata}
    return tuple(found[name] for name in sorted(found) if found[name] is not codes)


def only_grows(table: Table) -> bool:
    """Whether a table has a key alone: a row more than needed changes no number."""
    return len(table.primary_key) == len(table.columns)


def compared_tables() -> tuple[Table, ...]:
    """The tables that are compared row by row; differences that wait to be folded into a total are compared with it."""
    return tuple(table for table in rebuilt_tables() if table.primary_key and not only_grows(table))


def total_of(table: Table) -> Total | None:
    """The total whose cells a table has."""
    return next((total for total in TOTALS if total.name == table.name), None)


def contents(total: Total, schema: str) -> FromClause:
    """What a total says, whether it is folded or not: all numbers by day and whole place, from which every other cell follows.

    Args:
        total: which.
        schema: of its tables.
    """
    cells, changes = in_schema(total.table, schema), in_schema(total.changes, schema)
    finest = select(*cells.columns).where(cells.c.block < DAYS)
    place = [changes.c[name] for name in total.key[1:]]
    both = union_all(
        finest, select(changes.c.day.label("block"), *place, *(changes.c[name] for name in total.values))
    ).subquery()
    keys = [both.c[name] for name in total.key]
    sums = [func.nullif(func.sum(both.c[name]), 0).label(name) for name in total.values]
    counted = select(*keys, *sums).group_by(*keys).having(or_(*(func.sum(both.c[name]) != 0 for name in total.values)))
    return counted.subquery()


@cache
def in_schema(table: Table, schema: str) -> Table:
    """A table as it is named with its schema."""
    return table.to_metadata(MetaData(), schema=schema)


@cache
def shape() -> str:
    """What tells whether tables that were rebuilt by another version have the same columns."""
    made = "".join(str(CreateTable(table).compile(dialect=sqlite.dialect())) for table in rebuilt_tables())
    return hashlib.sha256(made.encode()).hexdigest()
