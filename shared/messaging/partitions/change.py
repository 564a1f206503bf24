"""Carries a change of the number of partitions out, step by step; see `shared.messaging.partitions`."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from shared.messaging import inbox
from shared.messaging.event import event_source
from shared.messaging.hints import PARTITIONS
from shared.messaging.outbox import OutboxRow
from shared.messaging.partitions import generations
from shared.messaging.partitions.generations import Generations
from shared.messaging.port import PartitionQueues
from shared.messaging.reconciliation import messages
from shared.messaging.topology import Generation
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

IN_FLIGHT_SECONDS = 1.0
"""Between the moment from which the old queues get nothing more and the markers: what a publisher sent before is then in its queue."""
MARKER_SECONDS = 30.0
"""After so long without it a marker is sent again: its queue may have been deleted and made anew."""
UNUSABLE_SECONDS = 5.0
"""After so long a new queue that the broker cannot use has its whole generation replaced; nothing was sent to it yet."""
FORCE_SECONDS = 60.0
"""After so long drained queues are deleted although a process still consumes them: it hangs, or has not noticed."""


class PartitionChange:
    """Looks after the partitions of one service. Several processes may do so at once; nothing goes wrong then. Used by one thread.

    Args:
        store: the service's database.
        queues: its partitions at the broker.
        monotonic: the local clock.
    """

    def __init__(self, store: Store, queues: PartitionQueues, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._queues = queues
        self._monotonic = monotonic
        self._source = event_source(store.service)
        self._routed: tuple[int, float] | None = None
        self._markers: dict[str, tuple[str, float]] = {}
        self._drained_since: tuple[int, float] | None = None
        self._unusable_since: tuple[int, float] | None = None

    def step(self) -> list[str]:
        """Does the next thing that can be done without waiting, and restores what is missing of the newest generation.

        Returns:
            what was missing; nothing while a change is under way.

        Raises:
            BusUnavailable: the broker cannot be reached.
            Exception: the database cannot be reached.
        """
        routed = self._queues.route(lambda: self._read().rows, self._record_routed)
        if routed is None:
            return []
        present = self._read()
        if routed.highest > present.newest.number:
            self._supersede(routed.highest)
            return []
        if routed.unusable:
            self._abandon(present.newest, routed.unusable)
            return []
        self._unusable_since = None
        if present.settled:
            known, self._routed = self._routed is not None, (present.newest.number, self._monotonic())
            return routed.missing if known else []
        if self._routed is None or self._routed[0] != present.newest.number:
            self._routed = (present.newest.number, self._monotonic())
            self._markers.clear()
            log.info("events of %s now go to %s", self._store.service, ", ".join(present.newest.queue_names))
        if present.changing:
            self._drain(present.consumed)
        else:
            self._remove(present)
        return []

    def _read(self) -> Generations:
        with self._store.read() as connection:
            return generations.read(connection, self._store.service)

    def _record_routed(self, generation: Generation) -> None:
        self._store.run(lambda unit: generations.record_routed(unit.connection, generation))

    def _abandon(self, generation: Generation, queue: str) -> None:
        """Replaces a generation whose new queue stays unusable: what a node was killed over can be neither used nor made anew."""
        now = self._monotonic()
        if self._unusable_since is None or self._unusable_since[0] != generation.number:
            self._unusable_since = (generation.number, now)
        if now - self._unusable_since[1] < UNUSABLE_SECONDS:
            return
        log.error("the broker has lost the new queue %s before anything was sent to it: new partitions are made", queue)
        at = self._store.clock.wall()
        self._store.run(lambda unit: generations.abandon(unit.connection, generation, at))

    def _drain(self, old: Generation) -> None:
        assert self._routed is not None
        if self._monotonic() - self._routed[1] < IN_FLIGHT_SECONDS:
            return
        self._send_markers(old)
        marked = {queue: id_ for queue, (id_, _) in self._markers.items() if queue in old.queue_names}
        with self._store.read() as connection:
            arrived = inbox.known(connection, self._source, list(marked.values()))
        if len(arrived) < len(old.queue_names) or any(state.waiting for state in self._queues.look(old.queue_names)):
            return

        def finish(unit: UnitOfWork) -> None:
            generations.finish(unit.connection, old)
            for id_ in arrived:
                inbox.forget(unit.connection, self._source, id_)
            unit.hint(PARTITIONS)

        self._store.run(finish)
        self._markers.clear()
        log.info("everything from %s is applied", ", ".join(old.queue_names))

    def _send_markers(self, old: Generation) -> None:
        now = self._monotonic()
        due = [
            queue
            for queue in old.queue_names
            if queue not in self._markers or now - self._markers[queue][1] >= MARKER_SECONDS
        ]
        rows = []
        for number, queue in enumerate(due):
            row = messages.probe(self._store.service, self._store.clock.wall())
            rows.append(OutboxRow(number, row["event_id"], row["type"], row["key"], row["body"], "", route=("", queue)))
        if not rows:
            return
        confirmed = set(self._queues.send(rows).confirmed)
        for number, queue in enumerate(due):
            if number in confirmed:
                self._markers[queue] = (rows[number].event_id, now)

    def _remove(self, present: Generations) -> None:
        drained = present.rows[0]
        if self._drained_since is None or self._drained_since[0] != drained.number:
            self._drained_since = (drained.number, self._monotonic())
        force = self._monotonic() - self._drained_since[1] >= FORCE_SECONDS
        if not self._queues.remove(drained.number, present.rows[1].number, force):
            return
        self._store.run(lambda unit: generations.forget(unit.connection, drained))

    def _supersede(self, highest: int) -> None:
        log.error(
            "the broker knows newer partitions of %s than its database, which was restored: they are replaced by new ones, and what"
            " they held is sent again by its publishers",
            self._store.service,
        )
        at = self._store.clock.wall()
        self._store.run(lambda unit: generations.supersede(unit.connection, self._store.service, highest, at))
