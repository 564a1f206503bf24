"""Fixtures of intake's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.intake.service_fixture import IntakeService, published
from tests.support.prepared import Maker
from tests.support.serving import served


@pytest.fixture
def intake(ready_store: Callable[[Maker], str], tmp_path: Path) -> Iterator[IntakeService]:
    """Intake on an empty database, once per kind of store, on a Thursday morning with the catalogue published."""
    yield from _service(ready_store(published), tmp_path)


@pytest.fixture
def sqlite_intake(ready_file: Callable[[Maker], str], tmp_path: Path) -> Iterator[IntakeService]:
    """Intake on SQLite only, for tests that do not depend on the kind of store."""
    yield from _service(ready_file(published), tmp_path)


@pytest.fixture
def address(sqlite_intake: IntakeService) -> Iterator[str]:
    """Where a browser finds intake's pages."""
    with served(sqlite_intake.client.application) as found:
        yield found


def _service(url: str, directory: Path) -> Iterator[IntakeService]:
    service = IntakeService(url, directory)
    yield service
    service.store.close()
