"""Fixtures of stats' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.stats.handlers import HANDLERS
from tests.support.service import ServiceUnderTest


@pytest.fixture
def stats(tmp_path: Path) -> Iterator[ServiceUnderTest]:
    """Stats on a fresh SQLite database."""
    made = ServiceUnderTest("stats", f"sqlite:///{tmp_path}/store.db", tmp_path, HANDLERS)
    yield made
    made.store.close()


@pytest.fixture
def both(store_url: str, tmp_path: Path) -> Iterator[ServiceUnderTest]:
    """Stats on a fresh database, once for each kind of store: where the statements matter."""
    made = ServiceUnderTest("stats", store_url, tmp_path, HANDLERS)
    yield made
    made.store.close()
