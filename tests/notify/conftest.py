"""Fixtures of notify's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.notify.handlers import HANDLERS
from services.notify.messages.ahead import prepare
from tests.support.prepared import Maker, migrated
from tests.support.service import ServiceUnderTest


def _notify(url: str, directory: Path) -> Iterator[ServiceUnderTest]:
    environ = {"MOTCUA_PUBLIC_URL": "https://motcua.vn"}
    made = ServiceUnderTest("notify", url, directory, HANDLERS, environ=environ, prepare=prepare)
    yield made
    made.store.close()


@pytest.fixture
def notify(ready_file: Callable[[Maker], str], tmp_path: Path) -> Iterator[ServiceUnderTest]:
    """Notify on a fresh SQLite database."""
    yield from _notify(ready_file(migrated("notify")), tmp_path)


@pytest.fixture
def both(ready_store: Callable[[Maker], str], tmp_path: Path) -> Iterator[ServiceUnderTest]:
    """Notify on a fresh database, once on SQLite and once on PostgreSQL."""
    yield from _notify(ready_store(migrated("notify")), tmp_path)
