"""The chain of the archive, pure: batches of events, each linked to the one before by a hash, and segments, in which batches are sealed.

A batch is what one transaction has archived. Its text is a line that describes it and one line for each event, exactly as published (JSON
Lines). Its *link* is the SHA-256 of the link before and this text, so that no event can be changed, moved, added or left out without
changing all later links. A segment is the text of successive batches of one month, compressed; its *seal* is the SHA-256 of the seal before
and of all that the segment says of itself, with the hash of its content.
"""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from shared.runtime.clock import VIETNAM

GENESIS = "0" * 64
"""The link before the first batch, and the seal before the first segment."""
GZIP_LEVEL = 6


class BrokenChain(ValueError):
    """Part of the archive is not as it was written; the message names it."""


class Unreadable(BrokenChain):
    """The text of a batch or a segment cannot be read."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction has archived.

    Attributes:
        number: from 1, without gaps.
        month: the local month of arrival, such as ``2026-11``; never before that of the batch before.
        at: when it arrived, business time.
        first_event: the number of its first event in the whole archive, from 1.
        events: the JSON forms of its events, in order of arrival.
    """

    number: int
    month: str
    at: datetime
    first_event: int
    events: tuple[bytes, ...]

    @property
    def size(self) -> int:
        """Bytes of its events as published."""
        return sum(map(len, self.events))

    @property
    def text(self) -> bytes:
        """The line that describes it and those of its events."""
        return b"\n".join((_header(self), *self.events, b""))


@dataclass(frozen=True, slots=True)
class Segment:
    """Successive batches of one month, sealed.

    Attributes:
        number: from 1, without gaps.
        month: that of its batches.
        first_batch, last_batch: their numbers.
        first_event: the number of its first event in the whole archive.
        events: how many there are.
        size: bytes of these events as published.
        link_before, link_after: the links of the batch before the first one, and of the last one.
        content_hash: the SHA-256 of its compressed text.
        sealed_at: business time.
        seal_before: the seal of the segment before.
    """

    number: int
    month: str
    first_batch: int
    last_batch: int
    first_event: int
    events: int
    size: int
    link_before: str
    link_after: str
    content_hash: str
    sealed_at: datetime
    seal_before: str

    @property
    def seal(self) -> str:
        """The hash of all of this."""
        told = {name: getattr(self, name) for name in self.__slots__} | {"sealed_at": _moment(self.sealed_at)}
        return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()


def month_of(moment: datetime) -> str:
    """The local month of a moment, such as ``2026-11``."""
    return moment.astimezone(VIETNAM).strftime("%Y-%m")


def link(before: str, batch: Batch) -> str:
    """The link of a batch.

    Args:
        before: the link of the batch before, or :data:`GENESIS`.
        batch: this one.
    """
    return hashlib.sha256(before.encode() + b"\n" + batch.text).hexdigest()


def content_hash(content: bytes) -> str:
    """The SHA-256 of compressed text."""
    return hashlib.sha256(content).hexdigest()


def pack_events(events: Sequence[bytes]) -> bytes:
    """The events of an open batch as they are stored until the month is sealed: compressed quickly."""
    return zlib.compress(b"\n".join(events), 1)


def unpack_events(packed: bytes) -> tuple[bytes, ...]:
    """The events of an open batch.

    Raises:
        Unreadable: the stored bytes were changed.
    """
    try:
        return tuple(zlib.decompress(packed).split(b"\n"))
    except zlib.error as error:
        raise Unreadable("its content cannot be read") from error


def seal_batches(
    batches: Sequence[Batch], link_before: str, number: int, seal_before: str, sealed_at: datetime
) -> tuple[Segment, bytes]:
    """Seals successive batches of one month.

    Args:
        batches: at least one.
        link_before: the link of the batch before the first one.
        number: of the new segment.
        seal_before: the seal of the segment before, or :data:`GENESIS`.
        sealed_at: business time.

    Returns:
        the segment and its compressed text.
    """
    after = link_before
    for batch in batches:
        after = link(after, batch)
    content = gzip.compress(b"".join(batch.text for batch in batches), GZIP_LEVEL, mtime=0)
    first, last = batches[0], batches[-1]
    segment = Segment(
        number,
        first.month,
        first.number,
        last.number,
        first.first_event,
        sum(len(batch.events) for batch in batches),
        sum(batch.size for batch in batches),
        link_before,
        after,
        content_hash(content),
        sealed_at,
        seal_before,
    )
    return segment, content


def batches_of(content: bytes) -> Iterator[Batch]:
    """The batches of a segment.

    Args:
        content: its compressed text.

    Raises:
        Unreadable: it was changed.
    """
    try:
        lines = gzip.decompress(content).split(b"\n")
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable("its content cannot be read") from error
    at, end = 0, len(lines) - 1
    if not end:
        raise Unreadable("its content is empty")
    while at < end:
        header = _read_header(lines[at])
        events = tuple(lines[at + 1 : at + 1 + header["events"]])
        at += 1 + header["events"]
        if at > end:
            raise Unreadable("its content ends within a batch")
        moment = datetime.fromisoformat(header["at"])
        yield Batch(header["batch"], header["month"], moment, header["first_event"], events)


def _read_header(line: bytes) -> dict[str, Any]:
    try:
        header = orjson.loads(line)
        if header["events"] < 0:
            raise ValueError(header["events"])
        datetime.fromisoformat(header["at"])
        return {name: header[name] for name in ("batch", "month", "at", "first_event", "events")}
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable("its content has no line that describes a batch where one should be") from error


def _header(batch: Batch) -> bytes:
    described = {"batch": batch.number, "month": batch.month, "at": _moment(batch.at)}
    return orjson.dumps(described | {"first_event": batch.first_event, "events": len(batch.events)})


def _moment(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).isoformat()
