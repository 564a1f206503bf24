"""What every storage of files does alike, and what happens when its server is away, slow, or does not know us."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.runtime.settings import SettingsError, read_settings
from shared.storage import (
    FileExists,
    FolderStorage,
    NoSuchFile,
    S3Settings,
    S3Storage,
    Storage,
    StorageUnavailable,
    open_storage,
)
from shared.storage.settings import read_s3_settings
from tests.support.processes import Proc, python, wait_until
from tests.support.s3 import S3Server

CONTENT = os.urandom(200_000)
LATER = datetime.now(UTC) + timedelta(days=1)
S3 = {
    "MOTCUA_S3_ENDPOINT": "https://s3.example.vn/",
    "MOTCUA_S3_BUCKET": "motcua-files",
    "MOTCUA_S3_ACCESS_KEY": "motcua",
    "MOTCUA_S3_SECRET_KEY": "secret",
}


def put(storage: Storage, key: str, content: bytes = CONTENT) -> None:
    storage.put(key, io.BytesIO(content), len(content))


def read(storage: Storage, key: str) -> bytes:
    with storage.open(key) as file:
        return file.read()


class Failing(io.BytesIO):
    """Content that cannot be read to its end."""

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() >= 100_000:
            raise OSError(5, "Input/output error")
        return super().read(min(size or 0, 1 << 16) if size != -1 else 1 << 16)


def test_a_file_comes_back_as_it_was(storage: Storage) -> None:
    put(storage, "a")
    put(storage, "b", b"")
    assert (read(storage, "a"), read(storage, "b")) == (CONTENT, b"")
    with storage.open("a") as file:
        assert file.read(70_000) + file.read() == CONTENT


def test_content_is_read_from_where_it_stands(storage: Storage) -> None:
    content = io.BytesIO(b"not this" + CONTENT)
    content.seek(8)
    storage.put("a", content, len(CONTENT))
    assert read(storage, "a") == CONTENT


def test_a_file_that_is_there_is_not_overwritten_but_may_be_replaced(storage: Storage) -> None:
    put(storage, "a")
    with pytest.raises(FileExists):
        put(storage, "a", b"other")
    assert read(storage, "a") == CONTENT
    storage.replace("a", io.BytesIO(b"other"), 5)
    assert read(storage, "a") == b"other"


def test_a_deleted_file_is_gone_and_may_be_deleted_again(storage: Storage) -> None:
    put(storage, "a")
    for _ in range(2):
        storage.delete("a")
    with pytest.raises(NoSuchFile):
        storage.open("a")
    put(storage, "a", b"anew")
    assert read(storage, "a") == b"anew"


def test_a_file_whose_content_cannot_be_read_to_its_end_leaves_nothing(storage: Storage) -> None:
    with pytest.raises(StorageUnavailable):
        storage.put("a", Failing(CONTENT), len(CONTENT))
    with pytest.raises(NoSuchFile):
        storage.open("a")
    assert list(storage.keys(LATER)) == []


def test_files_are_listed_by_age(storage: Storage) -> None:
    for key in ("a1", "b2-c", "0f"):
        put(storage, key, b"x")
    assert sorted(storage.keys(LATER)) == ["0f", "a1", "b2-c"]
    assert list(storage.keys(datetime.now(UTC) - timedelta(minutes=5))) == []


@pytest.mark.parametrize("key", ["", "..", "../a", "a/b", "A", ".arriving", "-a", "a" * 101, "a\n"])
def test_other_texts_than_keys_name_nothing(tmp_path: Path, key: str) -> None:
    nowhere = S3Storage(S3Settings("http://127.0.0.1:1", "files", "us-east-1", "a", "b"))
    for storage in (FolderStorage(tmp_path / "files"), nowhere):
        calls: list[Callable[[], object]] = [
            lambda one=storage: put(one, key),  # type: ignore[misc]
            lambda one=storage: one.open(key),  # type: ignore[misc]
            lambda one=storage: one.delete(key),  # type: ignore[misc]
        ]
        for call in calls:
            with pytest.raises(ValueError, match="not a key"):
                call()


def test_a_process_that_is_killed_while_it_writes_leaves_nothing_that_can_be_read(tmp_path: Path) -> None:
    program = (
        "import io, pathlib, sys, time\n"
        "from shared.storage import FolderStorage\n"
        "class Slow(io.BytesIO):\n"
        "    def read(self, size=-1):\n"
        "        if self.tell(): print('half', flush=True); time.sleep(600)\n"
        "        return super().read(100_000)\n"
        "FolderStorage(pathlib.Path(sys.argv[1])).put('ab', Slow(bytes(200_000)), 200_000)\n"
    )
    storage = FolderStorage(tmp_path / "files")
    with Proc(python("-c", program, str(tmp_path / "files")), log=tmp_path / "log") as process:
        wait_until(lambda: "half" in process.output(), what="half of the file")
    assert list(storage.keys(LATER)) == []
    with pytest.raises(NoSuchFile):
        storage.open("ab")
    assert storage.discard_leftovers(datetime.now(UTC) - timedelta(hours=1)) == 0
    assert storage.discard_leftovers(LATER) == 1
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []


def test_files_in_a_folder_are_for_their_owner_alone(tmp_path: Path) -> None:
    put(FolderStorage(tmp_path / "files"), "ab")
    made = [tmp_path / "files", *(tmp_path / "files").rglob("*")]
    assert {path.stat().st_mode & 0o077 for path in made} == {0}


def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "files").write_text("a file in the place of the folder")
    storage = FolderStorage(tmp_path / "files")
    for call in (lambda: put(storage, "ab"), lambda: storage.open("ab"), lambda: storage.delete("ab")):
        with pytest.raises(StorageUnavailable):
            call()


def test_a_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    with S3Server(tmp_path / "s3.log") as server:
        settings = server.new_bucket()
    storage = S3Storage(settings)
    calls: list[Callable[[], object]] = [
        lambda: put(storage, "a"),
        lambda: storage.open("a"),
        lambda: storage.delete("a"),
        lambda: list(storage.keys(LATER)),
    ]
    for call in calls:
        with pytest.raises(StorageUnavailable):
            call()


def test_a_server_that_does_not_answer_costs_no_more_than_the_time_limit(s3: S3Server) -> None:
    storage = S3Storage(s3.new_bucket(connect_seconds=0.5, read_seconds=0.3))
    put(storage, "a")
    s3.process.pause()
    try:
        with pytest.raises(StorageUnavailable):
            storage.open("a")
        with pytest.raises(StorageUnavailable):
            put(storage, "b")
    finally:
        s3.process.resume()
    assert read(storage, "a") == CONTENT


def test_a_put_whose_answer_was_lost_finds_its_own_file(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    storage = S3Storage(s3.new_bucket())
    monkeypatch.setattr("shared.storage.s3.secrets.token_hex", lambda _size: "the same")
    put(storage, "a")
    put(storage, "a")  # as botocore repeats it: the same mark
    monkeypatch.setattr("shared.storage.s3.secrets.token_hex", lambda _size: "another")
    with pytest.raises(FileExists):
        put(storage, "a")


@pytest.mark.parametrize("wrong", ["access_key", "secret_key", "bucket"])
def test_a_server_that_refuses_us_is_unavailable_and_no_secret_is_told(s3: S3Server, wrong: str) -> None:
    changed: dict[str, Any] = {wrong: "wrong-one"}
    settings = replace(s3.new_bucket(), **changed)
    storage = S3Storage(settings)
    with pytest.raises(StorageUnavailable) as refused:
        put(storage, "a")
    with pytest.raises(StorageUnavailable):
        storage.open("a")
    told = f"{refused.value} {settings!r}"
    assert settings.secret_key not in told


def test_a_bucket_can_be_shared_by_prefixes(s3: S3Server) -> None:
    settings = s3.new_bucket()
    ours, theirs = (S3Storage(replace(settings, prefix=prefix)) for prefix in ("ours/", "theirs/"))
    put(ours, "a")
    put(theirs, "b")
    assert (list(ours.keys(LATER)), list(theirs.keys(LATER))) == (["a"], ["b"])
    assert set(s3.content(settings)) == {"ours/a", "theirs/b"}


def test_settings_of_a_bucket() -> None:
    assert read_s3_settings({}) is None
    found = read_s3_settings(S3)
    assert found is not None
    assert (found.endpoint, found.region, found.prefix) == ("https://s3.example.vn", "us-east-1", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENDPOINT", ""),
        ("BUCKET", ""),
        ("ACCESS_KEY", ""),
        ("SECRET_KEY", ""),
        ("ENDPOINT", "s3.example.vn"),
        ("BUCKET", "With Capitals"),
        ("PREFIX", "no-slash"),
        ("PREFIX", "../"),
    ],
)
def test_incomplete_settings_are_told_without_the_secret(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_s3_settings(S3 | {f"MOTCUA_S3_{name}": value})
    assert f"MOTCUA_S3_{name}" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_what_the_platform_keeps_is_sealed(s3: S3Server, tmp_path: Path) -> None:
    bucket = s3.new_bucket()
    names = {
        "ENDPOINT": bucket.endpoint,
        "BUCKET": bucket.bucket,
        "ACCESS_KEY": bucket.access_key,
        "SECRET_KEY": bucket.secret_key,
    }
    settings = read_settings({"MOTCUA_MODE": "test", "MOTCUA_DATA": str(tmp_path)})
    in_bucket = open_storage(settings, {f"MOTCUA_S3_{name}": value for name, value in names.items()})
    in_folder = open_storage(settings, {})
    for storage in (in_bucket, in_folder):
        put(storage, "ab", b"Nguyen Thi Buoi" * 100)
        assert read(storage, "ab") == b"Nguyen Thi Buoi" * 100
    (kept,) = [*s3.content(bucket).values()]
    for raw in (kept, (tmp_path / "uploads" / "ab" / "ab").read_bytes()):
        assert raw.startswith(b"MCS1")
        assert b"Nguyen" not in raw
