"""Reading the archive from any batch on, and verifying it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from services.stats.archive import store
from services.stats.archive.domain import (
    GENESIS,
    Batch,
    BrokenChain,
    Segment,
    batches_of,
    content_hash,
    link,
)

PAGE = 500
"""Open batches that are read at once."""


class ArchiveReader:
    """Reads batches in order, sealed or not. Keeps the segment that it read last, since many pages come from one."""

    def __init__(self) -> None:
        self._number = 0
        self._batches: list[Batch] = []

    def page(self, connection: Connection, after: int) -> list[Batch]:
        """The next batches; empty at the end.

        Args:
            connection: inside a transaction.
            after: the number of the last batch that was read; 0 to begin.

        Raises:
            BrokenChain: a segment or a batch cannot be read.
        """
        segment = store.segment_with(connection, after + 1)
        if segment is None:
            self._number, self._batches = 0, []
            found = [one.batch for one in store.open_batches(connection, after + 1, PAGE)]
        else:
            if self._number != segment.number:
                self._batches = list(batches_of(store.content_of(connection, segment.number)))
                self._number = segment.number
            found = self._batches[after + 1 - segment.first_batch :]
        if (found and found[0].number != after + 1) or (segment is not None and not found):
            raise BrokenChain(f"batch {after + 1} is missing")
        return found


@dataclass(frozen=True, slots=True)
class Verified:
    """What a check of the archive has found.

    Attributes:
        segments, batches, events: how many are sound, from the beginning.
        seal: of the last sound segment.
        link: of the last sound batch.
        fault: the first broken link; empty if there is none.
    """

    segments: int
    batches: int
    events: int
    seal: str
    link: str
    fault: str = ""


def verify(connection: Connection, known: dict[int, str] | None = None) -> Verified:
    """Checks all links, seals and counts, from the first batch to the last one.

    Args:
        connection: a transaction for reading that sees one moment.
        known: number → seal of segments, as somebody outside has noted them.
    """
    check = _Check(connection, known or {})
    try:
        check.run()
    except BrokenChain as error:
        return check.result(str(error))
    return check.result()


class _Check:
    def __init__(self, connection: Connection, known: dict[int, str]) -> None:
        self.connection = connection
        self.known = known
        self.segments = self.batches = self.events = 0
        self.seal = self.link = GENESIS
        self.month = ""

    def run(self) -> None:
        for segment, seal in store.all_segments(self.connection):
            self._check_segment(segment, seal)
        if lacking := [number for number in self.known if number > self.segments]:
            raise BrokenChain(f"segment {min(lacking)} is missing: its seal is known")
        while page := store.open_batches(self.connection, self.batches + 1, PAGE):
            for one in page:
                self._check_order(one.batch, f"batch {one.batch.number}")
                self.link = check_open(one, self.link)
                self._count(one.batch)
        self._check_head()

    def _check_segment(self, segment: Segment, seal: str) -> None:
        name = f"segment {segment.number} ({segment.month})"
        if segment.number != self.segments + 1:
            raise BrokenChain(f"segment {self.segments + 1} is missing")
        if (segment.seal_before, segment.link_before) != (self.seal, self.link):
            raise BrokenChain(f"{name} does not follow the segment before it")
        if segment.seal != seal or self.known.get(segment.number, seal) != seal:
            raise BrokenChain(f"{name} is not the one that was sealed")
        content = store.content_of(self.connection, segment.number)
        if content_hash(content) != segment.content_hash:
            raise BrokenChain(f"{name}: its content was changed")
        first, size = (self.batches + 1, self.events + 1), 0
        for batch in batches_of(content):
            self._check_order(batch, name)
            self.link = link(self.link, batch)
            size += batch.size
            self._count(batch)
        found = (*first, self.batches, self.events + 1 - first[1], size, self.link, self.month)
        told = (segment.first_batch, segment.first_event, segment.last_batch, segment.events, segment.size)
        if found != (*told, segment.link_after, segment.month):
            raise BrokenChain(f"{name} does not say what its content is")
        self.segments, self.seal = segment.number, seal

    def _check_order(self, batch: Batch, name: str) -> None:
        if batch.number != self.batches + 1:
            raise BrokenChain(f"batch {self.batches + 1} is missing before {name}")
        if batch.first_event != self.events + 1 or batch.month < self.month:
            raise BrokenChain(f"{name} is not in its place")

    def _count(self, batch: Batch) -> None:
        self.batches, self.month = batch.number, batch.month
        self.events += len(batch.events)

    def _check_head(self) -> None:
        head = store.head(self.connection)
        if (head.batches, head.events, head.link) != (self.batches, self.events, self.link):
            raise BrokenChain(
                f"{head.batches} batches with {head.events} events were archived; the last ones are missing"
            )
        if (head.segments, head.seal) != (self.segments, self.seal):
            raise BrokenChain(f"{head.segments} segments were sealed; the last ones are missing")

    def result(self, fault: str = "") -> Verified:
        return Verified(self.segments, self.batches, self.events, self.seal, self.link, fault)


def check_open(one: store.OpenBatch, before: str) -> str:
    """Checks a batch that is not sealed; returns its link.

    Args:
        one: as it is stored.
        before: the link of the batch before.

    Raises:
        BrokenChain: it is not as it was written.
    """
    expected = link(before, one.batch)
    if (one.link, one.events, one.size) != (expected, len(one.batch.events), one.batch.size):
        raise BrokenChain(f"batch {one.batch.number} was changed")
    return expected


def events_of(connection: Connection, last_batch: int) -> Iterator[bytes]:
    """All events up to a batch, in order of arrival."""
    reader, after = ArchiveReader(), 0
    while after < last_batch and (page := reader.page(connection, after)):
        for batch in page:
            if batch.number > last_batch:
                return
            yield from batch.events
        after = page[-1].number
