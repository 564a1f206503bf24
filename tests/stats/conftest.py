"""Fixtures of stats' tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.stats.facts.subjects import prepare
from services.stats.handlers import HANDLERS
from tests.support.prepared import Maker, migrated
from tests.support.service import ServiceUnderTest


@pytest.fixture
def stats(ready_file: Callable[[Maker], str], tmp_path: Path) -> Iterator[ServiceUnderTest]:
    """Stats on a fresh SQLite database."""
    made = ServiceUnderTest("stats", ready_file(migrated("stats")), tmp_path, HANDLERS, prepare=prepare)
    yield made
    made.store.close()


@pytest.fixture
def both(ready_store: Callable[[Maker], str], tmp_path: Path) -> Iterator[ServiceUnderTest]:
    """Stats on a fresh database, once on SQLite and once on PostgreSQL."""
    made = ServiceUnderTest("stats", ready_store(migrated("stats")), tmp_path, HANDLERS, prepare=prepare)
    yield made
    made.store.close()
