"""The toy service, on SQLite or on both stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.shared.web.toy import Toy


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Toy]:
    made = Toy(f"sqlite:///{tmp_path}/toy.db", tmp_path)
    yield made
    made.context.store.close()


@pytest.fixture
def toy_on_both(store_url: str, tmp_path: Path) -> Iterator[Toy]:
    made = Toy(store_url, tmp_path)
    yield made
    made.context.store.close()


@pytest.fixture
def client(toy: Toy) -> Any:
    return toy.client()
