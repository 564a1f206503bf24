"""Servers for benchmarks: durable, as in production."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.postgres import PostgresServer


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL server with fsync: each commit waits for the disk."""
    with PostgresServer(fsync=True) as server:
        yield server
