"""The tables that are made from events, and so can be made from the archive again."""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from functools import cache

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateTable

from services.stats import facts
from services.stats.database import metadata

PACKAGES = (facts,)
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


@cache
def shape() -> str:
    """What tells whether tables that were rebuilt by another version have the same columns."""
    made = "".join(str(CreateTable(table).compile(dialect=sqlite.dialect())) for table in rebuilt_tables())
    return hashlib.sha256(made.encode()).hexdigest()
