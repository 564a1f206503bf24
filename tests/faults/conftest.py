"""Where fault tests run: on files, and on servers that tests share, so no test may kill them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.backends import Backends, fresh_backends
from tests.support.prepared import PreparedFiles


@pytest.fixture(params=["files", "servers"])
def either(request: pytest.FixtureRequest, tmp_path: Path, prepared_files: PreparedFiles) -> Iterator[Backends]:
    """New databases and a new bus; the test runs once on files and once on servers."""
    servers = request.param == "servers"
    databases = request.getfixturevalue("prepared_databases") if servers else prepared_files
    rabbit = request.getfixturevalue("rabbit") if servers else None
    with fresh_backends(tmp_path, databases, rabbit) as made:
        yield made


@pytest.fixture
def files(tmp_path: Path, prepared_files: PreparedFiles) -> Iterator[Backends]:
    """New databases and a new bus, in files."""
    with fresh_backends(tmp_path, prepared_files) as made:
        yield made
