"""The loops that look after a service's store: publishing is confirmed, restores noticed, backlogs shown, old rows deleted."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from pathlib import Path

from shared.messaging import inbox, outbox, published, retry_queue
from shared.messaging.hints import OUTBOX, PUBLISHED
from shared.messaging.reconciliation import windows
from shared.messaging.restored import announce
from shared.persistence import checkpoint, epoch
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.workers.loop import Loop
from shared.runtime.workers.service_parts import ServiceParts

SETTLED_SECONDS = 10.0
RECONCILE_IDLE = 2.0
MONITOR_SECONDS = 10.0
CLEAN_SECONDS = 3600.0
EPOCH_SECONDS = 10.0
CHECKPOINT_SECONDS = 10.0
"""How long names, numbers and tokens stay in the log of an SQLite file after they were deleted from it."""
KEEP = timedelta(days=400)
"""How long inbox ids are kept: longer than the age of any backup."""
KEEP_ANSWERS = timedelta(hours=48)
"""How long a repeated request gets its first answer, in all services."""


class MaintenanceLoops:
    """The loops of the role ``sweep`` that every service has.

    Args:
        parts: of the service.
    """

    def __init__(self, parts: ServiceParts) -> None:
        self._parts = parts
        self._context = parts.context

    def loops(self) -> list[Loop]:
        """The loops, not yet started."""
        leased, metrics = self._parts.leased_loop, self._parts.metrics
        return [
            self._reconcile_loop(),
            leased("monitor", self._set_gauges, MONITOR_SECONDS, withdraw=metrics.withdraw_backlog),
            leased("epoch", self._look_for_restore, EPOCH_SECONDS, withdraw=metrics.withdraw_epoch),
            leased("empty logs", self._empty_logs, CHECKPOINT_SECONDS),
            leased("clean", self._delete_old_rows, CLEAN_SECONDS),
        ]

    def _reconcile_loop(self) -> Loop:
        settled = False

        def step() -> int:
            nonlocal settled
            settled = True  # so that a hint that comes during the step is not missed
            settled = not self._reconcile()
            return 0

        def pause() -> float:
            return SETTLED_SECONDS if settled else min(RECONCILE_IDLE, self._context.settings.reconcile_seconds)

        loop = self._parts.leased_loop("reconcile", step, pause)
        # not at each hint: while something waits for confirmation, it looks at fixed times anyway
        self._parts.hints.subscribe(PUBLISHED, lambda: loop.wake() if settled else None)
        return loop

    def _reconcile(self) -> bool:
        """Closes windows of published events and sends the summaries that are due; returns whether some are not confirmed."""
        age, at = timedelta(seconds=self._context.settings.reconcile_seconds), self._context.clock.wall()
        store = self._context.store
        with store.read() as connection:
            if not windows.unsettled(connection):
                return False
        store.run(lambda unit: windows.close_windows(unit.connection, age, at))

        def send(unit: UnitOfWork) -> None:
            if windows.send_summaries(unit.connection, store.service, at):
                unit.hint(OUTBOX)

        store.run(send)
        return True

    def _set_gauges(self) -> int:
        with self._context.store.read() as connection:
            pending, oldest = outbox.backlog(connection)
            counts, unconfirmed = retry_queue.counts(connection), windows.states(connection)
        self._parts.metrics.backlog(pending, oldest, counts, unconfirmed)
        return 0

    def _look_for_restore(self) -> int:
        store = self._context.store
        if store.engine.dialect.name == "postgresql":
            with store.engine.connect() as connection:
                epoch.check(connection, store.clock.source())
        announced = announce(store)
        with store.read() as connection:
            self._parts.metrics.epoch(epoch.present(connection).number)
        return int(announced)

    def _empty_logs(self) -> int:
        for file in self._sqlite_files:
            checkpoint.empty_log(file)
        return 0

    @cached_property
    def _sqlite_files(self) -> tuple[Path, ...]:
        """The service's database and the embedded bus, where they are files."""
        url, settings = self._context.store.engine.url, self._context.settings
        names = [url.database or ""] if url.get_backend_name() == "sqlite" else []
        names += [settings.bus_url.removeprefix("embedded:")] if settings.embedded_bus else []
        return tuple(Path(name) for name in names if name)

    def _delete_old_rows(self) -> int:
        before = self._context.clock.wall() - KEEP
        published_before = self._context.clock.wall() - timedelta(days=self._context.settings.keep_published_days)
        answers_before = self._context.clock.wall() - KEEP_ANSWERS
        self._context.store.run(lambda unit: inbox.forget_before(unit.connection, before))
        self._context.store.run(lambda unit: inbox.forget_answers(unit.connection, answers_before))
        self._context.store.run(lambda unit: published.forget_before(unit.connection, published_before))
        return 0
