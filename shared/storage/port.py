"""The port of the storage of files. Keys are made by the platform and hold nothing that a person typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Protocol

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")


class NoSuchFile(LookupError):
    """There is no file of this key."""


class FileExists(ValueError):
    """There is a file of this key already; it was left as it is."""


class StorageUnavailable(Exception):
    """The storage cannot be reached or is full; trying again later may help. The message holds no key and no secret."""


class Storage(Protocol):
    """Keeps files by key. A call never happens inside a transaction of a database."""

    def put(self, key: str, content: IO[bytes], size: int) -> None:
        """Keeps a new file whole or not at all.

        Args:
            key: as :data:`KEY`.
            content: read from where it stands, in pieces; may be read again from there when a call is repeated.
            size: in bytes.

        Raises:
            FileExists: there is one of this key.
            StorageUnavailable: it may not be kept.
        """

    def replace(self, key: str, content: IO[bytes], size: int) -> None:
        """Puts a file in the place of the one of the same key: readers get the old one or the new one, each whole.

        Raises:
            StorageUnavailable: the old one may still be there.
        """

    def open(self, key: str) -> IO[bytes]:
        """A file, to be read in pieces from beginning to end; the caller closes it. Reading may raise StorageUnavailable too.

        Raises:
            NoSuchFile: there is none.
            StorageUnavailable: it cannot be read now.
        """

    def delete(self, key: str) -> None:
        """Deletes a file; one that does not exist is no error.

        Raises:
            StorageUnavailable: it may still be there.
        """

    def keys(self, before: datetime) -> Iterator[str]:
        """The keys of all files that were kept before a moment of real time, in no particular order.

        Raises:
            StorageUnavailable: while iterating; some may be missing.
        """

    def discard_leftovers(self, before: datetime) -> int:
        """Deletes what puts have left that failed before a moment of real time; returns how many. No reader has ever seen them.

        Raises:
            StorageUnavailable: some may still be there.
        """


def check_key(key: str) -> str:
    """The key, if it is one.

    Raises:
        ValueError: it is not; it could name a place outside of the storage.
    """
    if not KEY.fullmatch(key):
        raise ValueError("not a key of a stored file")
    return key
