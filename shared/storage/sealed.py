"""Files encrypted at rest, in any storage: each with a key of its own, which the platform's data keys protect (envelope encryption).

A sealed file begins with ``MCS1``, the length of a text in two bytes, and that text: the file's own key, sealed by
:class:`shared.runtime.data_keys.DataKeys` for this file's key in the storage. So the text begins with the id of the data key, and a
file that somebody moves to another key does not open. Then come pieces of 64 KiB, each encrypted by AES-256-GCM with the file's own key and
its place as the nonce, whose last byte is 1 for the last piece: no piece can be changed, left out, moved, added, or cut off (the STREAM
construction, Hoang, Reyhanitabar, Rogaway, Vizár 2015). Nobody keeps more than two pieces in memory.
"""

from __future__ import annotations

import base64
import io
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import IO, TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.runtime.data_keys import SEPARATOR, DataKeys, UnreadableData
from shared.storage.port import Storage, StorageUnavailable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAGIC = b"MCS1"
LENGTH_BYTES = 2
PIECE = 1 << 16
TAG = 16
IN_MEMORY = 1 << 20
"""Bytes of a sealed file that are held in memory while its data key is replaced; longer ones go through a temporary file, sealed."""
PURPOSE = "stored_file.key"


class SealedStorage:
    """A storage whose files are encrypted. Implements :class:`shared.storage.port.Storage`.

    Args:
        storage: keeps the sealed files.
        keys: of personal data.
    """

    def __init__(self, storage: Storage, keys: DataKeys) -> None:
        self._storage = storage
        self._keys = keys

    def put(self, key: str, content: IO[bytes], size: int) -> None:
        """As the port says."""
        sealed = self._sealed(key, content, size)
        self._storage.put(key, sealed, sealed.length)  # type: ignore[arg-type]

    def replace(self, key: str, content: IO[bytes], size: int) -> None:
        """As the port says."""
        sealed = self._sealed(key, content, size)
        self._storage.replace(key, sealed, sealed.length)  # type: ignore[arg-type]

    def open(self, key: str) -> IO[bytes]:
        """As the port says; the beginning is checked at once, each later piece before it is given out.

        Raises:
            NoSuchFile, StorageUnavailable: as the port says.
            shared.runtime.data_keys.UnreadableData: its data key is missing, or it was changed or moved; also while reading.
        """
        file = self._storage.open(key)
        try:
            opened = _Opened(file, self._cipher(key, _read_head(file)))
        except BaseException:
            file.close()
            raise
        return io.BufferedReader(opened, PIECE)

    def delete(self, key: str) -> None:
        """As the port says."""
        self._storage.delete(key)

    def keys(self, before: datetime) -> Iterator[str]:
        """As the port says."""
        return self._storage.keys(before)

    def discard_leftovers(self, before: datetime) -> int:
        """As the port says."""
        return self._storage.discard_leftovers(before)

    def key_id(self, key: str) -> str:
        """The id of the data key that protects a file.

        Raises:
            NoSuchFile, StorageUnavailable: as the port says.
            shared.runtime.data_keys.UnreadableData: it is no sealed file.
        """
        with closing(self._storage.open(key)) as file:
            return _read_head(file).partition(SEPARATOR)[0]

    def reseal(self, key: str) -> bool:
        """Protects a file by the first data key instead of another; its content is not encrypted anew, nor ever in the clear.

        Returns:
            whether anything was to be done.

        Raises:
            NoSuchFile, StorageUnavailable: as the port says.
            shared.runtime.data_keys.UnreadableData: its present data key is missing, or it was changed or moved.
        """
        with closing(self._storage.open(key)) as file, tempfile.SpooledTemporaryFile(IN_MEMORY) as copy:
            sealed = _read_head(file)
            if sealed.partition(SEPARATOR)[0] == self._keys.first:
                return False
            copy.write(_head(self._keys.seal(self._keys.unseal(sealed, PURPOSE, key), PURPOSE, key)))
            shutil.copyfileobj(file, copy, PIECE)
            size = copy.tell()
            copy.seek(0)
            self._storage.replace(key, copy, size)
        return True

    def is_own(self, key: str) -> bool:
        """Whether a stored file was sealed by these keys under this name, so that it is nobody else's.

        Raises:
            NoSuchFile, StorageUnavailable: as the port says.
        """
        try:
            with closing(self._storage.open(key)) as file:
                self._cipher(key, _read_head(file))
        except UnreadableData:
            return False
        return True

    def _sealed(self, key: str, content: IO[bytes], size: int) -> _Sealed:
        own = AESGCM.generate_key(256)
        head = _head(self._keys.seal(base64.b64encode(own).decode(), PURPOSE, key))
        return _Sealed(content, size, head, AESGCM(own))

    def _cipher(self, key: str, sealed: str) -> AESGCM:
        return AESGCM(base64.b64decode(self._keys.unseal(sealed, PURPOSE, key)))


class _Sealed(io.RawIOBase):
    """A file as it is sealed. The same bytes come again when it is read again, so that a call can be repeated."""

    def __init__(self, content: IO[bytes], size: int, head: bytes, cipher: AESGCM) -> None:
        self._content, self._start, self._size = content, content.tell(), size
        self._head, self._cipher = head, cipher
        self._last = max(0, size - 1) // PIECE
        self.length = len(head) + size + TAG * (self._last + 1)
        self._position = 0
        self._kept = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.length}[whence]
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        if self._position >= self.length:
            return 0
        if self._position < len(self._head):
            rest = self._head[self._position :]
        else:
            number, within = divmod(self._position - len(self._head), PIECE + TAG)
            rest = self._piece(number)[within:]
        count = min(len(view), len(rest))
        view[:count] = rest[:count]
        self._position += count
        return count

    def _piece(self, number: int) -> bytes:
        if self._kept[0] != number:
            self._content.seek(self._start + number * PIECE)
            clear = _read(self._content, PIECE)
            if len(clear) != min(PIECE, self._size - number * PIECE):
                raise StorageUnavailable(f"the content has not {self._size} bytes")
            self._kept = (number, self._cipher.encrypt(_nonce(number, number == self._last), clear, None))
        return self._kept[1]


class _Opened(io.RawIOBase):
    """A sealed file as it was. The first piece is read and checked at once."""

    def __init__(self, file: IO[bytes], cipher: AESGCM) -> None:
        self._file, self._cipher = file, cipher
        self._number, self._next = 0, _read(file, PIECE + TAG)
        self._clear = b""
        self._advance()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        if not self._clear and self._next:
            self._advance()
        count = min(len(view), len(self._clear))
        view[:count] = self._clear[:count]
        self._clear = self._clear[count:]
        return count

    def close(self) -> None:
        self._file.close()
        super().close()

    def _advance(self) -> None:
        sealed = self._next
        self._next = _read(self._file, PIECE + TAG) if len(sealed) == PIECE + TAG else b""
        try:
            self._clear = self._cipher.decrypt(_nonce(self._number, not self._next), sealed, None)
        except (InvalidTag, ValueError) as error:
            raise UnreadableData("a stored file cannot be read: it was changed") from error
        self._number += 1


def _head(sealed: str) -> bytes:
    return MAGIC + len(sealed).to_bytes(LENGTH_BYTES, "big") + sealed.encode()


def _read_head(file: IO[bytes]) -> str:
    """The file's own key, sealed.

    Raises:
        UnreadableData: it does not begin as a sealed file.
    """
    begin = _read(file, len(MAGIC) + LENGTH_BYTES)
    length = int.from_bytes(begin[len(MAGIC) :], "big")
    text = _read(file, length) if begin.startswith(MAGIC) and len(begin) == len(MAGIC) + LENGTH_BYTES else b""
    if not text or len(text) != length or not text.isascii():
        raise UnreadableData("a stored file cannot be read: it is not a sealed one")
    return text.decode()


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _read(file: IO[bytes], most: int) -> bytes:
    """As many bytes as there are, up to a number; a single read may return fewer."""
    pieces = []
    while most and (piece := file.read(most)):
        pieces.append(piece)
        most -= len(piece)
    return b"".join(pieces)
