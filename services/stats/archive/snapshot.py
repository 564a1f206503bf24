"""A transaction for reading that sees one moment on either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text

from shared.persistence.store import Store


@contextmanager
def snapshot(store: Store) -> Iterator[Connection]:
    """A read transaction; on PostgreSQL each of its statements may take long, and all see the same moment, as on SQLite."""
    with store.read() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        yield connection
