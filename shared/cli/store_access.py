"""Opening a service's database for a command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from shared.cli.errors import CommandError
from shared.persistence.revision import current
from shared.persistence.store import Store
from shared.runtime.context import Context, open_context
from shared.runtime.data_keys import DataKeys
from shared.runtime.settings import Settings


@contextmanager
def migrated_store(service: str, settings: Settings, data_keys: DataKeys | None = None) -> Iterator[Store]:
    """The store of a service, closed at the end of the block.

    Args:
        service: its name.
        settings: the settings of this process.
        data_keys: for commands that read personal data.

    Raises:
        CommandError: the database has no tables yet.
    """
    store = Store(settings.db_url(service), service, settings.clock, data_keys=data_keys)
    try:
        _check_tables(store)
        yield store
    finally:
        store.close()


@contextmanager
def migrated_context(service: str, settings: Settings) -> Iterator[Context]:
    """The context of a service with its reference data, closed at the end of the block.

    Args:
        service: its name.
        settings: the settings of this process.

    Raises:
        CommandError: the database has no tables yet.
    """
    context = open_context(service, settings)
    try:
        _check_tables(context.store)
        yield context
    finally:
        context.store.close()


def _check_tables(store: Store) -> None:
    with store.read() as connection:
        if current(connection) is None:
            raise CommandError(
                f"the database of {store.service} has no tables yet; run: motcua migrate {store.service}"
            )
