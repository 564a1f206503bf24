"""The port of the storage of files. Keys are made by the platform and hold nothing that a person typed."""

from __future__ import annotations

import re
from typing import IO, Protocol

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


class NoSuchFile(LookupError):
    """There is no file of this key."""


class StorageUnavailable(Exception):
    """The storage cannot be reached or is full; trying again later may help."""


class Storage(Protocol):
    """Keeps files by key. A call never happens inside a transaction of a database."""

    def put(self, key: str, content: IO[bytes], size: int) -> None:
        """Keeps a file whole or not at all, in place of an earlier one of the same key.

        Args:
            key: as :data:`KEY`.
            content: read from where it stands, in pieces.
            size: in bytes.

        Raises:
            StorageUnavailable: it is not kept.
        """

    def open(self, key: str) -> IO[bytes]:
        """A file, to be read in pieces; the caller closes it.

        Raises:
            NoSuchFile: there is none.
            StorageUnavailable: it cannot be read now.
        """

    def delete(self, key: str) -> None:
        """Deletes a file; one that does not exist is no error.

        Raises:
            StorageUnavailable: it may still be there.
        """


def check_key(key: str) -> str:
    """The key, if it is one.

    Raises:
        ValueError: it is not; it could name a place outside of the storage.
    """
    if not KEY.fullmatch(key):
        raise ValueError("not a key of a stored file")
    return key
