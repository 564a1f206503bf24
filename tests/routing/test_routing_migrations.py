"""Migrations and code describe the same tables."""

from __future__ import annotations

from pathlib import Path

from services.routing import migrations
from services.routing.store import metadata
from shared.persistence.migrations import current, differences, head, migrate
from shared.persistence.store import Store

MIGRATIONS = Path(migrations.__file__).parent


def test_migrations_make_the_tables_of_the_code(store_url: str) -> None:
    store = Store(store_url, "routing")
    assert migrate(store.engine, MIGRATIONS) == head(MIGRATIONS)
    assert migrate(store.engine, MIGRATIONS) == head(MIGRATIONS)  # again, with nothing left to do
    with store.read() as connection:
        assert differences(connection, metadata) == []
        assert current(connection) == head(MIGRATIONS)
    store.close()
