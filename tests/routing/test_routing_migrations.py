"""Migrations and code describe the same tables."""

from __future__ import annotations

from services.routing.migrations import metadata
from shared.persistence.migrations import current, differences, head, migrate
from shared.persistence.store import Store


def test_migrations_make_the_tables_of_the_code(store_url: str) -> None:
    store = Store(store_url, "routing")
    assert migrate(store.engine, "routing") == head("routing")
    assert migrate(store.engine, "routing") == head("routing")  # again, with nothing left to do
    with store.read() as connection:
        assert differences(connection, metadata) == []
        assert current(connection) == head("routing")
    store.close()
