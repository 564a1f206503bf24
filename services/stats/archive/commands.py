"""Adding to the archive: each transaction's events as one batch, and batches of ended months as segments."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from sqlalchemy import Connection

from services.stats.archive import store
from services.stats.archive.domain import Batch, BrokenChain, link, month_of, seal_batches
from services.stats.archive.queries import check_open
from shared.messaging.apply import Handler
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context

log = logging.getLogger(__name__)

SEGMENT_BYTES = 16 << 20
"""Bytes of events as published from which a segment is full: it is compressed and read in memory."""
SEGMENT_BATCHES = 20_000


def archiving(handlers: Mapping[str, Handler]) -> dict[str, Handler]:
    """The same handlers; each event is archived in the transaction in which it is applied."""
    return {name: _archiving(handler) for name, handler in handlers.items()}


def _archiving(handler: Handler) -> Handler:
    def apply_and_archive(event: Event, work: UnitOfWork) -> None:
        handler(event, work)
        archive(event, work)

    return apply_and_archive


def only_archived(_event: Event, _work: UnitOfWork) -> None:
    """The handler of an event of which stats keeps no fact."""


def archive(event: Event, work: UnitOfWork) -> None:
    """Adds an event to the batch of this transaction, which is written when it commits."""
    work.attached(_Waiting).events.append(_line(event))


class _Waiting:
    """The events that a transaction will archive."""

    def __init__(self, work: UnitOfWork) -> None:
        self.events: list[bytes] = []
        # Two steps: what others do before the commit comes first, so that the head is the last row that a transaction locks.
        work.before_commit(lambda: work.before_commit(lambda: _write_batch(work, tuple(self.events))))


def _line(event: Event) -> bytes:
    """The JSON form in one line: as published, unless that has line breaks, which no service of the platform writes."""
    published = event.body
    return published if published and b"\n" not in published else event.to_json()


def _write_batch(work: UnitOfWork, events: tuple[bytes, ...]) -> None:
    work.flush()
    head = store.head(work.connection, lock=True)
    month = max(head.month, month_of(work.now))
    batch = Batch(head.batches + 1, month, work.now, head.events + 1, events)
    store.add_batch(work.connection, batch, link(head.link, batch))


def seal_ended_month(context: Context) -> int:
    """Seals the oldest open batches into a segment if their month is over; returns how many events.

    Compressing holds no lock. Whoever is killed meanwhile, or comes second, has changed nothing.

    Raises:
        BrokenChain: the batches are not as they were written; nothing is sealed.
    """
    with context.store.read() as connection:
        found = _ended(connection, month_of(context.clock.now()))
        if not found:
            return 0
        head, opened = store.head(connection), store.open_batches(connection, found[0], len(found))
        before = store.last_link(connection)
    after = before
    for one in opened:
        after = check_open(one, after)
    batches = [one.batch for one in opened]
    segment, content = seal_batches(batches, before, head.segments + 1, head.seal, context.clock.now())

    def work(unit: UnitOfWork) -> int:
        if store.head(unit.connection, lock=True).segments != head.segments:
            return 0  # another process was first
        if store.add_segment(unit.connection, segment, content) != len(found):
            raise BrokenChain(f"batches {found[0]} to {found[-1]} have changed while they were sealed")
        return segment.events

    sealed = context.store.run(work)
    log.info("segment %d of %s is sealed: %d events, seal %s", segment.number, segment.month, sealed, segment.seal)
    return sealed


def _ended(connection: Connection, present: str) -> list[int]:
    """The numbers of the oldest open batches, as many as a segment holds; none if their month is not over."""
    oldest = store.first_open(connection)
    if oldest is None or oldest[1] >= present:
        return []
    numbers: list[int] = []
    total = 0
    for number, size in store.sizes_of_month(connection, oldest[1], SEGMENT_BATCHES):
        if numbers and total + size > SEGMENT_BYTES:
            break
        numbers.append(number)
        total += size
    return numbers
