"""Fixtures of routing's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.routing.service_fixture import DESK, REGISTRY, Client, Headers, RoutingFixture
from tests.support.prepared import Maker, migrated


@pytest.fixture
def service(ready_store: Callable[[Maker], str], tmp_path: Path) -> Iterator[RoutingFixture]:
    """Routing on a fresh database, once for each kind of store; it is Thursday morning and nothing is published yet."""
    made = RoutingFixture(ready_store(migrated("routing")), tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def sqlite_service(ready_file: Callable[[Maker], str], tmp_path: Path) -> Iterator[RoutingFixture]:
    """The same on SQLite alone, for tests that do not depend on the database."""
    made = RoutingFixture(ready_file(migrated("routing")), tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def sqlite_land(sqlite_service: RoutingFixture) -> RoutingFixture:
    """`sqlite_service` with the land procedure published and one dossier received."""
    sqlite_service.publish()
    sqlite_service.receive()
    return sqlite_service


@pytest.fixture
def land(service: RoutingFixture) -> RoutingFixture:
    """`service` with the land procedure published and one dossier received."""
    service.publish()
    service.receive()
    return service


@pytest.fixture
def client(land: RoutingFixture) -> Client:
    """Routing's API on `land`."""
    return land.client()


@pytest.fixture
def clerk(land: RoutingFixture) -> Headers:
    """A clerk of the one-stop desk."""
    return land.token("clerk", DESK, "clerk-1")


@pytest.fixture
def officer(land: RoutingFixture) -> Headers:
    """An officer of the land registry."""
    return land.token("officer", REGISTRY, "officer-1")
