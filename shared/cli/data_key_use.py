"""What the keys of personal data are used for in the databases of services, and in the bus file."""

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from sqlalchemy.exc import OperationalError

from services import operations
from services.registry import Service
from shared.contracts import REGISTRY
from shared.messaging.sealed_events import SEALED, TABLES, events_by_key
from shared.persistence import data_key_register
from shared.persistence.key_rotation import rows_by_key, sealed_tables
from shared.persistence.revision import current
from shared.persistence.store import Store
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

SEALED_TYPES = sorted(entry.type for entry in REGISTRY.by_type.values() if entry.personal)


def rows(service: Service, store: Store) -> dict[str, Counter[str]]:
    """How many rows of each table each key has sealed."""
    return {table.name: rows_by_key(store, table) for table in sealed_tables(service.migrations().metadata)}


def events(store: Store) -> dict[str, Counter[str]]:
    """How many events each key has sealed, that wait to be published, were published and are kept, or wait to be applied."""
    return {table.name: events_by_key(store, table, SEALED_TYPES) for table in TABLES}


def bus_file(settings: Settings) -> Counter[str]:
    """How many messages of the embedded bus each key has sealed; none with a broker, whose messages their publisher keeps."""
    path = Path(settings.bus_url.removeprefix("embedded:"))
    if not settings.embedded_bus or not path.exists():
        return Counter()
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        bodies = connection.execute("SELECT body FROM message WHERE body LIKE '%sealed%'")
        return Counter(match[1] for (body,) in bodies if (match := SEALED.search(bytes(body).decode())))
    finally:
        connection.close()


def check_data_keys(service: Service, settings: Settings) -> None:
    """Compares the keys of the settings with those that a service's database was written with.

    Nothing is compared before the database has its tables. One that cannot be reached is compared by its first connection.

    Raises:
        WrongDataKeys: a key is missing that something is sealed with, or is another one than that of its id.
    """
    store = Store(settings.db_url(service.name), service.name, settings.clock, data_keys=settings.data_keys)
    try:
        with store.read() as connection:
            migrated = current(connection) is not None
        if migrated:
            data_key_register.check(store, lambda opened, ids: _still_used(service, opened, ids, settings))
    except OperationalError as error:
        log.warning(
            "the keys of personal data of %s are compared when its database answers: %s",
            service.name,
            type(error.orig).__name__,
        )
    finally:
        store.close()


def _still_used(service: Service, store: Store, ids: Collection[str], settings: Settings) -> set[str]:
    found = {id_ for counts in (rows(service, store) | events(store)).values() for id_ in counts}
    found |= operations.uploads_by_key(service.name, store, settings).keys()
    return found & set(ids)
