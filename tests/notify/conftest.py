"""Fixtures of notify's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.notify.handlers import HANDLERS
from tests.support.service import ServiceUnderTest


def _notify(url: str, directory: Path) -> Iterator[ServiceUnderTest]:
    made = ServiceUnderTest("notify", url, directory, HANDLERS, environ={"MOTCUA_PUBLIC_URL": "https://motcua.vn"})
    yield made
    made.store.close()


@pytest.fixture
def notify(tmp_path: Path) -> Iterator[ServiceUnderTest]:
    """Notify on a fresh SQLite database."""
    yield from _notify(f"sqlite:///{tmp_path}/store.db", tmp_path)


@pytest.fixture
def both(store_url: str, tmp_path: Path) -> Iterator[ServiceUnderTest]:
    """Notify on a fresh database, once for each kind of store: where the statements matter."""
    yield from _notify(store_url, tmp_path)
