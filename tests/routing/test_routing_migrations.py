"""Migrations and code describe the same tables."""

from __future__ import annotations

from services.registry import find_service
from shared.persistence.migrations import differences, head, migrate
from shared.persistence.revision import current
from shared.persistence.store import Store


def test_migrations_make_the_tables_of_the_code(store_url: str) -> None:
    store = Store(store_url, "routing")
    routing = find_service("routing").migrations()
    assert migrate(store.engine, routing.location) == head(routing.location)
    assert migrate(store.engine, routing.location) == head(routing.location)  # again, with nothing left to do
    with store.read() as connection:
        assert differences(connection, routing.metadata) == []
        assert current(connection) == head(routing.location)
    store.close()
