"""The example service, on SQLite or on both stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.shared.web.example_app import ExampleApp, example_tables
from tests.support.prepared import Maker


@pytest.fixture
def example(tmp_path: Path) -> Iterator[ExampleApp]:
    made = ExampleApp(f"sqlite:///{tmp_path}/example.db", tmp_path)
    yield made
    made.context.store.close()


@pytest.fixture
def example_on_both(ready_store: Callable[[Maker], str], tmp_path: Path) -> Iterator[ExampleApp]:
    made = ExampleApp(ready_store(example_tables), tmp_path)
    yield made
    made.context.store.close()


@pytest.fixture
def client(example: ExampleApp) -> Any:
    return example.client()
