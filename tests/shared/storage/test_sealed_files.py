"""Files encrypted at rest: nothing of them can be read, changed, cut off or moved, and their data key can be replaced."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.runtime.data_keys import DataKeys, UnreadableData
from shared.storage import FolderStorage, NoSuchFile, SealedStorage, StorageUnavailable
from shared.storage.sealed import PIECE
from tests.shared.storage.conftest import KEYS

NEW = DataKeys([("k2", "another key for tests, 48 characters, not secret"), ("k1", KEYS._keys["k1"])])


class Kept:
    """A sealed storage whose raw files can be looked at and changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = FolderStorage(folder)
        self.sealed = SealedStorage(self.folder, KEYS)

    def put(self, key: str, content: bytes) -> bytes:
        """Keeps a file; its raw bytes."""
        self.sealed.put(key, io.BytesIO(content), len(content))
        return self.raw(key)

    def raw(self, key: str) -> bytes:
        with self.folder.open(key) as file:
            return file.read()

    def read(self, raw: bytes, key: str = "changed") -> bytes:
        """What reading raw bytes gives."""
        self.folder.replace(key, io.BytesIO(raw), len(raw))
        with self.sealed.open(key) as file:
            return file.read()


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "files")


@given(
    st.sampled_from([0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 2 * PIECE + 7]),
    st.integers(1, PIECE + 17),
    st.data(),
)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_content_comes_back_however_it_is_read(kept: Kept, size: int, at_once: int, data: st.DataObject) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    content = content[:size]
    kept.sealed.replace("a", io.BytesIO(content), size)
    with kept.sealed.open("a") as file:
        pieces = []
        while piece := file.read(at_once):
            pieces.append(piece)
    assert b"".join(pieces) == content


def test_the_same_content_is_never_sealed_alike(kept: Kept) -> None:
    assert kept.put("a", b"x" * 1000) != kept.put("b", b"x" * 1000)


def test_a_file_cut_off_anywhere_does_not_open(kept: Kept) -> None:
    raw = kept.put("changed", b"x" * (2 * PIECE))
    head = len(raw) - 2 * (PIECE + 16)
    for length in (0, 3, 5, head - 1, head, head + 1, head + PIECE + 16, head + PIECE + 17, len(raw) - 1):
        with pytest.raises(UnreadableData):
            kept.read(raw[:length])


def test_a_file_with_any_byte_changed_does_not_open(kept: Kept) -> None:
    raw = kept.put("changed", b"x" * 300)
    for place in (*range(0, len(raw), 5), len(raw) - 1):
        with pytest.raises(UnreadableData):
            kept.read(raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :])


def test_pieces_cannot_change_places_or_be_added(kept: Kept) -> None:
    raw = kept.put("changed", b"a" * PIECE + b"b" * PIECE + b"c")
    head, piece = len(raw) - 2 * (PIECE + 16) - 17, PIECE + 16
    first, second, last = raw[head : head + piece], raw[head + piece : head + 2 * piece], raw[head + 2 * piece :]
    for changed in (second + first + last, first + last, first + second + last + last, first + second + b"\0" * 17):
        with pytest.raises(UnreadableData):
            kept.read(raw[:head] + changed)


def test_a_file_that_is_moved_to_another_key_does_not_open(kept: Kept) -> None:
    raw = kept.put("a", b"x")
    with pytest.raises(UnreadableData):
        kept.read(raw, "b")
    assert (kept.sealed.is_own("a"), kept.sealed.is_own("b")) == (True, False)


def test_a_foreign_file_is_not_our_own(kept: Kept) -> None:
    kept.folder.put("a", io.BytesIO(b"somebody else's"), 15)
    assert not kept.sealed.is_own("a")
    with pytest.raises(UnreadableData):
        kept.sealed.open("a")


def test_content_that_is_not_as_long_as_said_is_not_kept(kept: Kept) -> None:
    with pytest.raises(StorageUnavailable):
        kept.sealed.put("a", io.BytesIO(b"short"), 6)
    with pytest.raises(NoSuchFile):
        kept.sealed.open("a")


@pytest.mark.parametrize("size", [10, 3 << 20])
def test_the_data_key_is_replaced_without_encrypting_the_content_anew(kept: Kept, size: int) -> None:
    content = bytes(size)
    before = kept.put("a", content)
    rotated = SealedStorage(kept.folder, NEW)
    assert rotated.key_id("a") == "k1"
    assert (rotated.reseal("a"), rotated.reseal("a")) == (True, False)
    assert rotated.key_id("a") == "k2"
    assert kept.raw("a")[-size:] == before[-size:]
    only_new = SealedStorage(kept.folder, DataKeys([("k2", NEW._keys["k2"])]))
    with only_new.open("a") as file:
        assert file.read() == content
    with pytest.raises(UnreadableData):
        kept.sealed.open("a")
    with pytest.raises(NoSuchFile):
        rotated.reseal("b")


def test_a_large_file_is_never_whole_in_memory(kept: Kept, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(20 << 20)
    tracemalloc.start()
    try:
        with large.open("rb") as file:
            kept.sealed.put("a", file, 20 << 20)
        with kept.sealed.open("a") as file:
            while file.read(PIECE):
                pass
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2 << 20
