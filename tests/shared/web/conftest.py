"""The example service, on SQLite or on both stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.shared.web.example_app import ExampleApp, example_tables
from tests.support.prepared import Maker

ANOTHER_STATUS = "POST /intake/api/things/{number}/close 202: a status that is not described"


@pytest.fixture(autouse=True)
def answers_as_documented(answers_as_documented: list[str]) -> Iterator[list[str]]:
    """As for all tests, but the example's one view that answers with an undescribed status, on purpose, may do so."""
    yield answers_as_documented
    answers_as_documented[:] = [found for found in answers_as_documented if found != ANOTHER_STATUS]


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
