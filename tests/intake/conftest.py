"""Fixtures of intake's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.intake.service_fixture import World
from tests.support.prepared import Maker, migrated


@pytest.fixture
def world(ready_store: Callable[[Maker], str], tmp_path: Path) -> Iterator[World]:
    """Intake on an empty database, once for each kind of store; it is Thursday morning, the catalogue is published."""
    yield from _world(ready_store(migrated("intake")), tmp_path)


@pytest.fixture
def lone_world(ready_file: Callable[[Maker], str], tmp_path: Path) -> Iterator[World]:
    """Intake on SQLite alone, for what does not depend on the kind of store."""
    yield from _world(ready_file(migrated("intake")), tmp_path)


def _world(url: str, directory: Path) -> Iterator[World]:
    made = World(url, directory)
    yield made
    made.store.close()
