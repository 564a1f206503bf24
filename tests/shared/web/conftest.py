"""The toy service, on SQLite or on both stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.shared.web.example_app import Toy, toy_tables
from tests.support.prepared import Maker


@pytest.fixture
def toy(tmp_path: Path) -> Iterator[Toy]:
    made = Toy(f"sqlite:///{tmp_path}/toy.db", tmp_path)
    yield made
    made.context.store.close()


@pytest.fixture
def toy_on_both(ready_store: Callable[[Maker], str], tmp_path: Path) -> Iterator[Toy]:
    made = Toy(ready_store(toy_tables), tmp_path)
    yield made
    made.context.store.close()


@pytest.fixture
def client(toy: Toy) -> Any:
    return toy.client()
