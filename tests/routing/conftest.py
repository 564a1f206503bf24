"""Fixtures of routing's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.routing.service_fixture import DESK, REGISTRY, Client, Headers, World
from tests.support.prepared import Maker, migrated


@pytest.fixture
def world(ready_store: Callable[[Maker], str], tmp_path: Path) -> Iterator[World]:
    """Routing on a fresh database, once for each kind of store; it is Thursday morning and nothing is published yet."""
    made = World(ready_store(migrated("routing")), tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def sqlite_world(ready_file: Callable[[Maker], str], tmp_path: Path) -> Iterator[World]:
    """The same on SQLite alone, for what does not touch the database's peculiarities."""
    made = World(ready_file(migrated("routing")), tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def sqlite_land(sqlite_world: World) -> World:
    """The same with the land procedure published and one dossier received."""
    sqlite_world.publish()
    sqlite_world.receive()
    return sqlite_world


@pytest.fixture
def land(world: World) -> World:
    """The same with the land procedure published and one dossier received."""
    world.publish()
    world.receive()
    return world


@pytest.fixture
def client(land: World) -> Client:
    """Routing's API on `land`."""
    return land.client()


@pytest.fixture
def clerk(land: World) -> Headers:
    """A clerk of the one-stop desk."""
    return land.token("clerk", DESK, "clerk-1")


@pytest.fixture
def officer(land: World) -> Headers:
    """An officer of the land registry."""
    return land.token("officer", REGISTRY, "officer-1")
