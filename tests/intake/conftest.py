"""Fixtures of intake's tests.

Migrating a database takes longer than most tests: it is done once for each kind of store, then files are copied and tables emptied.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from services.intake.store import metadata
from shared.bus import tables as bus_tables
from shared.migrations import migrate
from shared.store import Store
from tests.intake.world import World
from tests.support.postgres import PostgresServer


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("intake") / "migrated.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_database(postgres: PostgresServer) -> Iterator[str]:
    """The URL of a PostgreSQL database with all tables; who has used it empties them."""
    url = postgres.create_database()
    _migrate(url)
    yield url
    postgres.drop_database(url)


def _migrate(url: str) -> None:
    store = Store(url, "intake")
    migrate(store.engine, "intake")
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Intake on an empty database, once for each kind of store; it is Thursday morning, the catalogue is published."""
    if request.param == "sqlite":
        yield from _on_file(request.getfixturevalue("migrated_file"), tmp_path)
        return
    made = World(request.getfixturevalue("migrated_database"), tmp_path)
    yield made
    names = ", ".join(table.name for table in (*metadata.sorted_tables, *bus_tables.metadata.sorted_tables))
    with made.store.engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY"))
    made.store.close()


@pytest.fixture
def lone_world(migrated_file: Path, tmp_path: Path) -> Iterator[World]:
    """Intake on SQLite alone, for what does not depend on the kind of store."""
    yield from _on_file(migrated_file, tmp_path)


def _on_file(migrated: Path, directory: Path) -> Iterator[World]:
    made = World(f"sqlite:///{shutil.copy(migrated, directory / 'store.db')}", directory)
    yield made
    made.store.close()
