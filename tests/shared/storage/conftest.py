"""Storages of each kind, empty: in a folder and in a bucket, in the clear and sealed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.runtime.data_keys import DataKeys
from shared.storage import FolderStorage, S3Storage, SealedStorage, Storage
from tests.support.s3 import S3Server

KEYS = DataKeys([("k1", "a key for tests, 48 characters long, not secret")])


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A server for the tests of one file. Whoever pauses it lets it go on."""
    with S3Server(tmp_path_factory.mktemp("s3") / "s3.log") as server:
        yield server


@pytest.fixture(params=["folder", "s3", "sealed folder", "sealed s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """An empty storage of each kind in turn."""
    plain: Storage
    if "s3" in request.param:
        plain = S3Storage(request.getfixturevalue("s3").new_bucket(prefix="motcua/"))
    else:
        plain = FolderStorage(tmp_path / "files")
    return SealedStorage(plain, KEYS) if "sealed" in request.param else plain
