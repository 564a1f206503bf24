"""What may be uploaded: PDF, JPEG and PNG, known by their content. The name and the type that the browser says prove nothing."""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from dataclasses import dataclass
from typing import IO

from shared.text import comparable_line

MAX_NAME = 150
TYPES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}
"""Media type → the ending of names."""
PNG = b"\x89PNG\r\n\x1a\n"
_CHUNK = 1 << 16
_STARTXREF = re.compile(rb"startxref\s+(\d{1,12})\s+%%EOF\s*$")
_PDF_HEAD = re.compile(rb"%PDF-[12]\.\d")
_OBJECT = re.compile(rb"\s*(?:xref\b|\d+\s+\d+\s+obj\b)")
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
"""Markers of JPEG that begin a frame (ITU-T T.81, table B.1)."""


class Unacceptable(ValueError):
    """A file cannot be accepted.

    Args:
        vi: why, in Vietnamese.
        en: the same in English.
    """

    def __init__(self, vi: str, en: str) -> None:
        super().__init__(en)
        self.vi = vi
        self.en = en


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What an uploaded file is, by its content.

    Attributes:
        name: as the device called it, with the ending of its true type; personal data may be in it.
        media_type: one of :data:`TYPES`.
        size: in bytes.
        sha256: of its content, in hex.
    """

    name: str
    media_type: str
    size: int
    sha256: str


def checked_file(file: IO[bytes], given_name: str, most_bytes: int) -> CheckedFile:
    """What an uploaded file is, by its content; the file stands at its beginning afterwards.

    Args:
        file: can be read anywhere.
        given_name: as the browser says.
        most_bytes: the largest that is taken.

    Raises:
        Unacceptable: it is too large, empty, of another type, or broken.
    """
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while piece := file.read(_CHUNK):
        size += len(piece)
        digest.update(piece)
        if size > most_bytes:
            most = most_bytes >> 20
            raise Unacceptable(f"Tệp lớn hơn {most} MB.", f"The file is larger than {most} MB.")
    if not size:
        raise Unacceptable("Tệp không có nội dung.", "The file is empty.")
    media_type = media_type_of(file, size)
    file.seek(0)
    return CheckedFile(file_name(given_name, media_type), media_type, size, digest.hexdigest())


def file_name(given: str, media_type: str) -> str:
    """A name to show and to save under: the last part of what was given, printable, with the ending of its true type."""
    last = re.split(r"[/\\]", given)[-1]
    stem = re.sub(r'[<>:"|?*;%\x00-\x1f]', "", comparable_line(last).rpartition(".")[0] or comparable_line(last)).strip(
        ". "
    )
    return f"{stem[:MAX_NAME] or 'tep'}.{TYPES[media_type]}"


def media_type_of(file: IO[bytes], size: int) -> str:
    """The type of a file by its content, if its structure is whole from the beginning to the end.

    Args:
        file: can be read anywhere.
        size: in bytes.

    Raises:
        Unacceptable: it is of another type, or broken.
    """
    file.seek(0)
    head = file.read(16)
    if head.startswith(PNG):
        whole, found = _is_png(file), "image/png"
    elif head.startswith(b"\xff\xd8\xff"):
        whole, found = _is_jpeg(file, size), "image/jpeg"
    elif head.startswith(b"%PDF-"):
        whole, found = _is_pdf(file, size), "application/pdf"
    else:
        raise Unacceptable("Chỉ nhận tệp PDF, JPEG hoặc PNG.", "Only PDF, JPEG and PNG files are accepted.")
    if not whole:
        raise Unacceptable(
            "Tệp bị hỏng hoặc chưa tải lên đủ. Vui lòng mở thử tệp rồi tải lên lại.",
            "The file is broken or incomplete. Please open it to see whether it is all right, and upload it again.",
        )
    return found


def _is_png(file: IO[bytes]) -> bool:
    """Whether chunks with right checksums follow each other from IHDR to IEND (ISO/IEC 15948)."""
    file.seek(len(PNG))
    first, has_data = True, False
    while True:
        head = file.read(8)
        if len(head) < 8:
            return False
        length, kind = struct.unpack(">I4s", head)
        if first and (kind != b"IHDR" or length != 13):
            return False
        crc, left, body = zlib.crc32(kind), length, b""
        while left:
            body = file.read(min(left, _CHUNK))
            if not body:
                return False
            crc, left = zlib.crc32(body, crc), left - len(body)
        if file.read(4) != struct.pack(">I", crc):
            return False
        if first and 0 in struct.unpack(">II", body[:8]):
            return False
        first, has_data = False, has_data or kind == b"IDAT"
        if kind == b"IEND":
            return has_data and file.read(1) == b""


def _is_jpeg(file: IO[bytes], size: int) -> bool:
    """Whether segments lead to a frame of some size and to a scan, and the image ends (ITU-T T.81, annex B)."""
    file.seek(2)
    framed = False
    while True:
        mark = file.read(2)
        if len(mark) < 2 or mark[0] != 0xFF:
            return False
        if mark[1] == 0xFF:  # a fill byte
            file.seek(-1, 1)
            continue
        raw = file.read(2)
        length = int.from_bytes(raw, "big")
        if len(raw) < 2 or length < 2:
            return False
        if mark[1] in _FRAMES:
            body = file.read(length - 2)
            framed = len(body) >= 6 and int.from_bytes(body[3:5], "big") > 0
        else:
            file.seek(length - 2, 1)
        if file.tell() >= size:
            return False
        if mark[1] == 0xDA:
            break
    file.seek(max(file.tell(), size - 64))
    return framed and file.read().rstrip(b"\x00\r\n ").endswith(b"\xff\xd9")


def _is_pdf(file: IO[bytes], size: int) -> bool:
    """Whether the end names where the objects are listed, and something of that kind is there (ISO 32000-1, section 7.5).

    Raises:
        Unacceptable: a password is needed to read it.
    """
    file.seek(0)
    if not _PDF_HEAD.match(file.read(8)):
        return False
    file.seek(max(0, size - 1024))
    end = _STARTXREF.search(file.read().rstrip(b"\x00\r\n\t "))
    if end is None or int(end[1]) >= size:
        return False
    file.seek(int(end[1]))
    if not _OBJECT.match(file.read(64)):
        return False
    if _holds(file, b"/Encrypt"):
        raise Unacceptable(
            "Tệp PDF có mật khẩu hoặc bị khóa. Vui lòng bỏ mật khẩu rồi tải lên lại.",
            "The PDF is protected by a password. Please remove the password and upload it again.",
        )
    return True


def _holds(file: IO[bytes], text: bytes) -> bool:
    file.seek(0)
    kept = b""
    while piece := file.read(_CHUNK):
        if text in kept + piece:
            return True
        kept = piece[-len(text) :]
    return False
