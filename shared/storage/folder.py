"""Files in a folder that their owner alone can read: for one machine, or a shared file system."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import IO

from shared.runtime.private_files import private_folder
from shared.storage.port import NoSuchFile, StorageUnavailable, check_key

COPY_BYTES = 1 << 16
PREFIX = 2
"""Characters of the key that name the folder of a file, so that no folder holds too many."""


class FolderStorage:
    """Files below a folder.

    Args:
        folder: made at the first use.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, content: IO[bytes], size: int) -> None:
        """As the port says: written beside its place, made durable, then moved there."""
        path = self._path(key)
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            private_folder(self._folder)
            private_folder(path.parent)
            try:
                with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    shutil.copyfileobj(content, file, COPY_BYTES)
                    file.flush()
                    os.fsync(file.fileno())
                    if file.tell() != size:
                        raise StorageUnavailable(f"{file.tell()} bytes instead of {size}")
                draft.replace(path)
                _make_durable(path.parent)
            finally:
                draft.unlink(missing_ok=True)
        except OSError as error:
            raise StorageUnavailable(f"{type(error).__name__}: {error.strerror}") from error

    def open(self, key: str) -> IO[bytes]:
        """As the port says."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as error:
            raise NoSuchFile(key) from error
        except OSError as error:
            raise StorageUnavailable(f"{type(error).__name__}: {error.strerror}") from error

    def delete(self, key: str) -> None:
        """As the port says."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise StorageUnavailable(f"{type(error).__name__}: {error.strerror}") from error

    def _path(self, key: str) -> Path:
        return self._folder / check_key(key)[:PREFIX] / key


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
