"""Where fault tests run: on files, and on servers that tests share, so no test may kill them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.platform import Backends, fresh_backends


@pytest.fixture(params=["files", "servers"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Backends]:
    """New databases and a new bus; the test runs once on files and once on servers."""
    servers = request.param == "servers"
    postgres = request.getfixturevalue("postgres") if servers else None
    rabbit = request.getfixturevalue("rabbit") if servers else None
    with fresh_backends(tmp_path, postgres, rabbit) as made:
        yield made


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Backends]:
    """New databases and a new bus, in files."""
    with fresh_backends(tmp_path) as made:
        yield made
