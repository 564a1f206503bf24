"""The revision that a database's tables are at, as Alembic keeps it, for those who need not load Alembic to ask."""

from __future__ import annotations

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

_version = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


def current(connection: Connection) -> str | None:
    """The revision that a database is at; ``None`` before the first migration."""
    if not inspect(connection).has_table(_version.name):
        return None
    return connection.execute(select(_version.c.version_num)).scalar_one_or_none()
