"""Fixtures of rating's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.rating.handlers import HANDLERS
from tests.rating.support import invite
from tests.support.prepared import Maker, migrated
from tests.support.service import ServiceUnderTest


@pytest.fixture
def rating(ready_file: Callable[[Maker], str], tmp_path: Path) -> Iterator[ServiceUnderTest]:
    """Rating on a fresh SQLite database."""
    made = ServiceUnderTest("rating", ready_file(migrated("rating")), tmp_path, HANDLERS)
    yield made
    made.store.close()


@pytest.fixture
def both(ready_store: Callable[[Maker], str], tmp_path: Path) -> Iterator[ServiceUnderTest]:
    """Rating on a fresh database, once on SQLite and once on PostgreSQL."""
    made = ServiceUnderTest("rating", ready_store(migrated("rating")), tmp_path, HANDLERS)
    yield made
    made.store.close()


@pytest.fixture
def token(rating: ServiceUnderTest) -> str:
    """The token of an open invitation."""
    return invite(rating)
