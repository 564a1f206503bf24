"""Files in a folder that their owner alone can read: for one machine, or a shared file system."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from shared.runtime.private_files import PRIVATE_FILE, private_folder
from shared.storage.port import FileExists, NoSuchFile, StorageUnavailable, check_key

COPY_BYTES = 1 << 16
PREFIX = 2
"""Characters of the key that name the folder of a file, so that no folder holds too many."""
ARRIVING = ".arriving"
"""The folder of files that are not whole yet; no key can name it."""


class FolderStorage:
    """Files below a folder.

    Args:
        folder: made at the first use.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, content: IO[bytes], size: int) -> None:
        """As the port says: written beside its place, made durable, then linked there."""
        path = self._path(key)
        with _as_unavailable(), self._written(content, size) as draft:
            private_folder(path.parent)
            try:
                os.link(draft, path)
            except FileExistsError as error:
                raise FileExists("there is a file of this key") from error
            _make_durable(path.parent)

    def replace(self, key: str, content: IO[bytes], size: int) -> None:
        """As the port says."""
        path = self._path(key)
        with _as_unavailable(), self._written(content, size) as draft:
            private_folder(path.parent)
            os.replace(draft, path)
            _make_durable(path.parent)

    def open(self, key: str) -> IO[bytes]:
        """As the port says."""
        path = self._path(key)
        try:
            return path.open("rb")
        except FileNotFoundError as error:
            raise NoSuchFile("no such file") from error
        except OSError as error:
            raise StorageUnavailable(_cause(error)) from error

    def delete(self, key: str) -> None:
        """As the port says."""
        path = self._path(key)
        with _as_unavailable():
            path.unlink(missing_ok=True)

    def keys(self, before: datetime) -> Iterator[str]:
        """As the port says."""
        with _as_unavailable():
            for path in self._folder.glob(f"{'[a-z0-9-]' * PREFIX}/*"):
                if _written_before(path, before):
                    yield path.name

    def discard_leftovers(self, before: datetime) -> int:
        """As the port says."""
        with _as_unavailable():
            old = [path for path in (self._folder / ARRIVING).glob("*") if _written_before(path, before)]
            for path in old:
                path.unlink(missing_ok=True)
        return len(old)

    @contextmanager
    def _written(self, content: IO[bytes], size: int) -> Iterator[Path]:
        """A whole and durable copy that is deleted in the end."""
        private_folder(self._folder)
        draft = private_folder(self._folder / ARRIVING) / secrets.token_hex(8)
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE), "wb") as file:
                shutil.copyfileobj(content, file, COPY_BYTES)
                file.flush()
                os.fsync(file.fileno())
                if file.tell() != size:
                    raise StorageUnavailable(f"{file.tell()} bytes instead of {size}")
            yield draft
        finally:
            draft.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / check_key(key)[:PREFIX] / key


@contextmanager
def _as_unavailable() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(_cause(error)) from error


def _cause(error: OSError) -> str:
    return f"{type(error).__name__}: {error.strerror}"


def _written_before(path: Path, moment: datetime) -> bool:
    try:
        return path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:  # another process has deleted it
        return False


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
