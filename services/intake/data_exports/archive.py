"""An export as one ZIP file, made while it is sent: a page to read, the data for programs, and the files that the person has uploaded."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from shared.runtime.clock import VIETNAM
from shared.runtime.data_keys import UnreadableData
from shared.storage import NoSuchFile, SealedStorage

DATA, SUMMARY, LEFT_OUT = "du-lieu-cua-toi.json", "tom-tat.html", "tep-khong-doc-duoc.txt"
DOSSIERS, DRAFTS = "ho-so", "ban-nhap"
MAX_STEM = 60
"""Characters of a name before its ending: Windows takes paths of 260 characters with the folder into which all is unpacked."""
PIECE = 1 << 16
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """A file of the archive.

    Attributes:
        path: in the archive.
        key: in the storage.
        size: in bytes.
        at: when it was uploaded.
    """

    path: str
    key: str
    size: int
    at: datetime


def archived_files(document: Mapping[str, Any]) -> list[ArchivedFile]:
    """The files that the person may have, each in the folder of its dossier or draft, numbered so that no two have one name.

    Args:
        document: as :func:`services.intake.data_exports.contents.document_of` makes it.
    """
    places = [(f"{DOSSIERS}/{safe_name(one['code'])}", one["files"]) for one in document["dossiers"]]
    places += [(f"{DRAFTS}/{number:02d}", one["files"]) for number, one in enumerate(document["drafts"], 1)]
    return [
        ArchivedFile(f"{folder}/{number:02d} {safe_name(file['name'])}", file["id"], file["size"], file["uploaded_at"])
        for folder, files in places
        for number, file in enumerate((one for one in files if one["readable"]), 1)
    ]


def safe_name(text: str) -> str:
    """A name under which Windows, macOS and Linux unpack a file: one part of a path, without signs or names that they reserve."""
    name = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", text)).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 5:
        stem, ending = name, ""
    stem = stem[:MAX_STEM].rstrip(". ")
    if not stem or _RESERVED.fullmatch(stem.partition(".")[0].rstrip()):
        stem = f"_{stem}"
    return f"{stem}.{ending}" if ending else stem


def archive_pieces(
    storage: SealedStorage, texts: Sequence[tuple[str, bytes]], files: Sequence[ArchivedFile], at: datetime
) -> Iterator[bytes]:
    """The archive in pieces of some 64 KiB; nothing else of a file is in memory. A file that is gone is named in :data:`LEFT_OUT`.

    Args:
        storage: has the files.
        texts: path and content of what stands before them.
        files: all of them.
        at: business time, for the texts.

    Raises:
        shared.storage.StorageUnavailable: the storage does not answer; the archive ends before its end, so that nobody takes it for whole.
    """
    made, gone = _Made(), []
    with ZipFile(made, "w") as archive:
        for path, content in texts:
            archive.writestr(_entry(path, at, ZIP_DEFLATED), content)
        for one in files:
            try:
                stored = storage.open(one.key)
            except (NoSuchFile, UnreadableData):
                gone.append(one.path)
                continue
            # PDF and pictures are compressed already
            with stored, archive.open(_entry(one.path, one.at, ZIP_STORED), "w") as entry:
                while piece := stored.read(PIECE):
                    entry.write(piece)
                    yield made.take()
        if gone:
            archive.writestr(_entry(LEFT_OUT, at, ZIP_DEFLATED), "\r\n".join(gone).encode("utf-8-sig"))
    yield made.take()


class _Made:
    """What :class:`ZipFile` has written and nobody has taken yet. It cannot be searched, so that sizes follow each file's content."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        """Adds what was written."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing: see :meth:`take`."""

    def close(self) -> None:
        """Nothing: there is nothing to close."""

    def take(self) -> bytes:
        """What was added since the last time."""
        found, self._pieces = b"".join(self._pieces), []
        return found


def _entry(path: str, at: datetime, compression: int) -> ZipInfo:
    entry = ZipInfo(path, at.astimezone(VIETNAM).timetuple()[:6])
    entry.compress_type = compression
    entry.external_attr = 0o600 << 16
    return entry
