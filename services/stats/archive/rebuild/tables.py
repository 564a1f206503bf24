"""The tables that are made from events, and so can be made from the archive again."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from functools import cache

from sqlalchemy import BigInteger, Column, ColumnElement, Integer, MetaData, String, Table, or_, true
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from services.stats import facts, totals
from services.stats.database import metadata

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
    """All tables that are written by the handlers of events alone, by name."""
    found: dict[str, Table] = {}
    for package in PACKAGES:
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            declared = vars(importlib.import_module(module.name)).values()
            found |= {one.name: one for one in declared if isinstance(one, Table) and one.metadata is metadata}
    return tuple(found[name] for name in sorted(found))


def only_grows(table: Table) -> bool:
    """Whether a table has a key alone: a row more than needed changes no number."""
    return len(table.primary_key) == len(table.columns)


def counts(table: Table) -> ColumnElement[bool]:
    """Whether a row says anything. One of a total whose numbers are all 0 does not: it is left where something was and is no more, and
    a rebuild, which applies more events at once, may never have seen it.
    """
    numbers = [column for column in table.columns if not column.primary_key]
    if not numbers or any(column.nullable or not isinstance(column.type, Integer) for column in numbers):
        return true()
    return or_(*(column != 0 for column in numbers))


@cache
def shape() -> str:
    """What tells whether tables that were rebuilt by another version have the same columns."""
    made = "".join(str(CreateTable(table).compile(dialect=sqlite.dialect())) for table in rebuilt_tables())
    return hashlib.sha256(made.encode()).hexdigest()
