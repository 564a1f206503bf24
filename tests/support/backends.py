"""The bus and the databases of a platform in tests: on servers, or in files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from services.registry import SERVICE_NAMES
from tests.support.postgres import PostgresServer
from tests.support.prepared import PreparedDatabases, PreparedFiles, migrated
from tests.support.rabbitmq import RabbitServer


@dataclass(frozen=True)
class Backends:
    """The bus and the databases of a platform.

    Attributes:
        bus_url: the bus.
        db_urls: service → its database.
    """

    bus_url: str
    db_urls: Mapping[str, str]


Databases = PostgresServer | PreparedDatabases | PreparedFiles | None


@contextmanager
def fresh_backends(
    directory: Path, databases: Databases = None, rabbit: RabbitServer | None = None
) -> Iterator[Backends]:
    """New databases and a new bus: on the given servers, otherwise in files.

    Args:
        directory: for the files.
        databases: where each service's database comes from: empty from a server, migrated if they are prepared.
        rabbit: gets a virtual host.
    """
    with ExitStack() as stack:
        urls = {name: _database(name, directory, databases, stack) for name in SERVICE_NAMES}
        bus_url = f"embedded:{directory}/bus.db"
        if rabbit is not None:
            bus_url = rabbit.create_vhost()
            stack.callback(rabbit.delete_vhost, bus_url)
        yield Backends(bus_url, urls)


def _database(service: str, directory: Path, databases: Databases, stack: ExitStack) -> str:
    path = directory / f"{service}.db"
    if databases is None:
        return f"sqlite:///{path}"
    if isinstance(databases, PreparedFiles):
        return databases.copy(migrated(service), path)
    if isinstance(databases, PreparedDatabases):
        url = databases.lend(migrated(service))
        stack.callback(databases.take_back, url)
        return url
    url = databases.create_database()
    stack.callback(databases.drop_database, url)
    return url
