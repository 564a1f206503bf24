"""The table of the providers' health. The worker writes it, the web process reads it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, Float, Integer, String, Table, Text, delete
from sqlalchemy.dialects import postgresql, sqlite

from services.notify.channels.pool.member import ProviderHealth
from services.notify.database import metadata
from shared.persistence.sql import Moment

health = Table(
    "provider_health",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("channel", String(10), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("state", String(10), nullable=False),
    Column("share", Float, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("waits_seconds", Float, nullable=False),
    Column("last_failure", Text, nullable=False),
    Column("in_doubt", Integer, nullable=False),
    Column("measured_at", Moment, nullable=False),  # real time
)
_COLUMNS = tuple(ProviderHealth.__slots__)


def save_health(connection: Connection, rows: Sequence[ProviderHealth], at: datetime) -> None:
    """Replaces what is known; providers that are configured no longer go.

    Args:
        connection: inside a transaction.
        rows: of all providers.
        at: real time.
    """
    connection.execute(delete(health).where(health.c.name.not_in([row.name for row in rows])))
    insert = (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(health)
    changed = {column.name: insert.excluded[column.name] for column in health.columns if not column.primary_key}
    values = [{name: getattr(row, name) for name in _COLUMNS} | {"measured_at": at} for row in rows]
    if values:
        connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_=changed), values)
