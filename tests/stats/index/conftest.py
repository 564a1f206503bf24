"""Fixtures of the index's tests: stats in December, with the sample of November."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from services.stats.app import create_app
from services.stats.handlers import HANDLERS
from tests.stats.index.index_sample import AFTER, with_november
from tests.support.prepared import Maker
from tests.support.service import ServiceUnderTest
from tests.support.stores import MONDAY


def in_december(url: str, directory: Path) -> ServiceUnderTest:
    return ServiceUnderTest("stats", url, directory, HANDLERS, MONDAY + AFTER)


@pytest.fixture
def december(ready_file: Callable[[Maker], str], tmp_path: Path) -> Iterator[ServiceUnderTest]:
    """Stats on SQLite."""
    made = in_december(ready_file(with_november), tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def december_both(ready_store: Callable[[Maker], str], tmp_path: Path) -> Iterator[ServiceUnderTest]:
    """Stats, once on SQLite and once on PostgreSQL."""
    made = in_december(ready_store(with_november), tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def client(december: ServiceUnderTest) -> FlaskClient:
    """A client of the web app."""
    return december.client(create_app)
