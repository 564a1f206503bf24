"""The steps of a rebuild. Each is a transaction that also says how far it has come, so that one that was killed goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, except_, select, update

from services.stats.archive import store
from services.stats.archive.domain import Batch, BrokenChain, link
from services.stats.archive.queries import ArchiveReader
from services.stats.archive.rebuild import compare as comparing
from services.stats.archive.rebuild.compare import Comparison
from services.stats.archive.rebuild.side import Side
from services.stats.archive.rebuild.tables import progress
from services.stats.facts.store import waivers
from shared.contracts import REGISTRY, read_data
from shared.messaging.apply import Handler, Prepare
from shared.messaging.event import Event, event_source
from shared.persistence.engine import wants_rerun
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context

STEP_EVENTS = 1000
"""Events that are applied in one transaction."""
LOCK_ATTEMPTS = 10


class OtherArchive(ValueError):
    """What was rebuilt so far does not come from this archive: its database was restored from a backup meanwhile, or was changed."""


class AnotherRebuild(RuntimeError):
    """Another process rebuilds at the same time."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a rebuild has come.

    Attributes:
        events: applied.
        of: how many there are now.
    """

    events: int
    of: int


class Rebuild:
    """A rebuild of one store.

    Args:
        context: stats'.
        handlers: event → the writer of its fact, of the events that are archived.
        unlinked: the same for events that are not archived.
        prepare: reads at once what the handlers need.
        report: called after each step.
        replaced: called in the transaction that has put something else in the place of what stats knew.
    """

    def __init__(
        self,
        context: Context,
        handlers: Mapping[str, Handler],
        unlinked: Mapping[str, Handler],
        prepare: Prepare,
        report: Callable[[Progress], None] = lambda _: None,
        replaced: Callable[[Connection], None] = lambda _: None,
    ) -> None:
        self._context = context
        self._handlers = handlers
        self._unlinked = unlinked
        self._prepare = prepare
        self._report = report
        self._replaced = replaced
        self._reader = ArchiveReader()
        self.side = Side(context.store)

    def build(self) -> bool:
        """Applies all that is archived, from where an earlier rebuild has ended; returns whether there was one.

        Raises:
            BrokenChain, OtherArchive: the archive is not as it was written, or not the one of before.
            AnotherRebuild: see there.
        """
        goes_on = self.side.prepare()
        while True:
            with self.side.transaction() as connection:
                found = self._step(connection)
            if found is None:
                return goes_on
            self._report(found)

    def compare(self, most: int) -> list[Comparison]:
        """Compares what was rebuilt with what stats knows, both as of one moment, while events go on arriving.

        Args:
            most: how many differences of each table are named.
        """
        with self.side.transaction() as connection:
            self._catch_up(connection)
            return comparing.compare(connection, self.side, most)

    def switch(self, *, accept_differences: bool) -> int | None:
        """Puts what was rebuilt in the place of what stats knows, in one transaction, and removes the second set of tables.

        Args:
            accept_differences: whether it is done even if both differ.

        Returns:
            how many rows were deleted or written; None if both differ, which is not accepted, and nothing is done.
        """
        for left in range(LOCK_ATTEMPTS - 1, -1, -1):
            try:
                changed = self._switch(accept_differences)
                break
            except Exception as error:
                if left == 0 or not wants_rerun(error):
                    raise
        if changed is not None:
            self.side.remove()
        return changed

    def _switch(self, accept_differences: bool) -> int | None:
        with self.side.transaction(lock=True) as connection:
            store.head(connection, lock=True)
            self._catch_up(connection)
            changed = comparing.replace(connection, self.side)
            if changed and not accept_differences:
                connection.get_transaction().rollback()  # type: ignore[union-attr]
                return None
            if changed:
                self._replaced(connection)
            return changed

    def _catch_up(self, connection: Connection) -> None:
        """Applies, in one transaction, what has arrived since the last step, and checks that this is the whole archive."""
        while (found := self._step(connection)) is not None:
            self._report(found)
        self._apply_unlinked(connection)
        here, head = self.side.progress(connection), store.head(connection)
        if (here.batch, here.events, here.link) != (head.batches, head.events, head.link):
            raise BrokenChain("the links of the archive do not lead to its end: run motcua stats archive verify")

    def _step(self, connection: Connection) -> Progress | None:
        """Applies the next batches; None if there are no more."""
        here, head = self.side.progress(connection), store.head(connection)
        if here.batch > head.batches:
            raise OtherArchive(f"{here.batch} batches were rebuilt, and the archive has {head.batches}")
        batches = _first(self._reader.page(connection, here.batch), STEP_EVENTS)
        if not batches:
            return None
        end, events = here.link, here.events
        for batch in batches:
            end = link(end, batch)
            events += len(batch.events)
        self._apply(connection, [event for batch in batches for event in map(Event.from_json, batch.events)])
        values = {"batch": batches[-1].number, "events": events, "link": end}
        moved = connection.execute(update(progress).where(progress.c.batch == here.batch).values(**values))
        if moved.rowcount != 1:
            raise AnotherRebuild("another process rebuilds at the same time")
        return Progress(events, head.events)

    def _apply(
        self, connection: Connection, events: Sequence[Event], handlers: Mapping[str, Handler] | None = None
    ) -> None:
        clock, reference = self._context.clock, self._context.reference
        unit = UnitOfWork(connection, self._context.service, clock, reference)
        unit.alone = True
        self._prepare(events, unit)
        for event in events:
            handler = (handlers or self._handlers).get(event.name)
            if handler is not None:
                handler(replace(event, data=read_data(event)), unit)
        unit.flush_for_commit()

    def _apply_unlinked(self, connection: Connection) -> None:
        """What is not archived is made from its facts, which are all that it says."""
        running, rebuilt = self.side.running(waivers), self.side.rebuilt(waivers)
        rows = connection.execute(except_(select(running), select(rebuilt))).mappings().all()
        self._apply(connection, [_fee_waived(dict(row), self._context) for row in rows], self._unlinked)


def _fee_waived(row: Mapping[str, Any], context: Context) -> Event:
    entry = REGISTRY.by_name["fee.waived"]
    data = {name: row[name] for name in entry.schema.fields} | {"day": row["day"].isoformat()}
    key = data[entry.key]
    return Event(key, event_source(entry.owner), entry.type, context.clock.now(), key, 0, data)


def _first(batches: list[Batch], events: int) -> list[Batch]:
    """The first batches, with at least so many events if there are."""
    total = 0
    for place, batch in enumerate(batches):
        total += len(batch.events)
        if total >= events:
            return batches[: place + 1]
    return batches
