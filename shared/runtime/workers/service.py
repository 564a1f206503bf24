"""The loops of a service's worker."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path

from shared.contracts import platform_topology
from shared.messaging import inbox, outbox, published, retry_queue
from shared.messaging.apply import Applier, Outcome
from shared.messaging.hint_transports import open_hints
from shared.messaging.hints import OUTBOX, PARTITIONS, PUBLISHED, RETRY
from shared.messaging.lease import Lease, open_locks
from shared.messaging.partitions.sharing import PartitionShare
from shared.messaging.port import Bus, Delivery
from shared.messaging.reconciliation import windows
from shared.messaging.relay import Relay
from shared.messaging.restored import announce
from shared.messaging.topology import Topology
from shared.messaging.transports import open_bus
from shared.messaging.worker import BatchConsumer, DeadLetters, Worker
from shared.persistence import checkpoint, epoch
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.stepped_clock import SteppedClock
from shared.runtime.workers.gathered import Gathered
from shared.runtime.workers.loop import Loop, report_progress
from shared.runtime.workers.metrics import BusMetrics
from shared.runtime.workers.partitions import ConsumedPartitions
from shared.runtime.workers.rested import Rested
from shared.runtime.workers.stepped_sweeps import SteppedSweeps
from shared.runtime.workers.worker_spec import Sweep, WorkerSpec

log = logging.getLogger(__name__)

LONGEST_REST = 5.0
"""Real seconds after which a loop looks for work that no hint has announced: a hint may be lost."""
REST_WITHOUT_HINTS = 2.0
SHORTEST_REST = 0.05
HINT_SECONDS = 30.0
SETTLED_SECONDS = 10.0
RECONCILE_IDLE = 2.0
CHECK_TOPOLOGY_SECONDS = (8.0, 14.0)
"""Between two checks of a service's exchanges, queues and bindings: a random time, so that the services do not check at once."""
ENOUGH, GATHER_SECONDS = 50, 0.02
"""After a batch of fewer events, relay and consumer wait so long for more; see `gathered`."""
PROBE_SECONDS = 10.0
MONITOR_SECONDS = 10.0
CLEAN_SECONDS = 3600.0
CLOCK_SECONDS = 0.01
"""Between two looks at the clock of a simulation."""
EPOCH_SECONDS = 10.0
CHECKPOINT_SECONDS = 10.0
"""How long names, numbers and tokens stay in the log of an SQLite file after they were deleted from it."""
KEEP = timedelta(days=400)
"""How long inbox ids are kept: longer than the age of any backup."""
KEEP_ANSWERS = timedelta(hours=48)
"""How long a repeated request gets its first answer, in all services."""


class ServiceLoops:
    """The loops of one service in one process.

    Args:
        context: the service's settings and store.
        spec: its handlers and sweeps.
        roles: which of ``relay``, ``consume`` and ``sweep`` run in this process.
    """

    def __init__(self, context: Context, spec: WorkerSpec, roles: frozenset[str]) -> None:
        self.context = context
        self.spec = spec
        self.roles = roles
        self.metrics = BusMetrics(context.service)
        self.topology: Topology = platform_topology()
        self.bus: Bus = open_bus(context.settings.bus_url, context.service)
        self.applier = Applier(
            context.store,
            spec.handlers,
            sent_again=self.metrics.sent_again,
            prepare=spec.prepare,
            progress=report_progress,
            refuse=spec.refuse,
        )
        self.hints = context.store.hints = open_hints(context.store.engine)
        self._declared = False
        self._locks = open_locks(context.store.engine, context.settings.instance, context.settings.lease_seconds)
        self._relay_lease = Lease(self._locks, "relay")
        self._maintenance_lease = Lease(self._locks, "maintenance")

    def loops(self) -> list[Loop]:
        """The loops, not yet started."""
        found: list[Loop] = []
        if "relay" in self.roles:
            found.append(self._relay_loop())
        if "consume" in self.roles:
            found += [*self._consume_loops(), self._retry_loop()]
            found += [self._loop("topology", self._check_topology, random.uniform(*CHECK_TOPOLOGY_SECONDS))]
        if "sweep" in self.roles:
            found += self._sweep_loops()
            found += [
                self._reconcile_loop(),
                self._leased_loop("monitor", self._set_gauges, MONITOR_SECONDS, withdraw=self.metrics.withdraw_backlog),
                self._leased_loop("epoch", self._look_for_restore, EPOCH_SECONDS, withdraw=self.metrics.withdraw_epoch),
                self._leased_loop("empty logs", self._empty_logs, CHECKPOINT_SECONDS),
                self._leased_loop("clean", self._delete_old_rows, CLEAN_SECONDS),
            ]
        return [*found, self._hints_loop(), self._lease_loop()]

    def _rest(self) -> float:
        """Real seconds after which a loop looks by itself; short where another process is to take over soon."""
        longest = LONGEST_REST if self.hints.work else REST_WITHOUT_HINTS
        return min(longest, self.context.settings.lease_seconds)

    def _declare_once(self) -> None:
        if not self._declared:
            self._declare()
            self._declared = True

    def _declare(self) -> None:
        self.bus.declare(self.topology)

    def _check_topology(self) -> int:
        self._declare_once()
        if missing := self.bus.repair(self.context.service, self.topology):
            self._note_repair(missing)
        return 0

    def _note_repair(self, missing: Sequence[str]) -> None:
        self.metrics.repaired(len(missing))
        log.warning("the bus had lost, and now has again: %s", ", ".join(missing))

    def _reconcile_loop(self) -> Loop:
        settled = False

        def step() -> int:
            nonlocal settled
            settled = True  # so that a hint that comes during the step is not missed
            settled = not self._reconcile()
            return 0

        def pause() -> float:
            return SETTLED_SECONDS if settled else min(RECONCILE_IDLE, self.context.settings.reconcile_seconds)

        loop = self._leased_loop("reconcile", step, pause)
        # not at each hint: while something waits for confirmation, it looks at fixed times anyway
        self.hints.subscribe(PUBLISHED, lambda: loop.wake() if settled else None)
        return loop

    def _reconcile(self) -> bool:
        """Closes windows of published events and sends the summaries that are due; returns whether some are not confirmed."""
        age, at = timedelta(seconds=self.context.settings.reconcile_seconds), self.context.clock.wall()
        store = self.context.store
        with store.read() as connection:
            if not windows.unsettled(connection):
                return False
        store.run(lambda unit: windows.close_windows(unit.connection, age, at))

        def send(unit: UnitOfWork) -> None:
            if windows.send_summaries(unit.connection, store.service, at):
                unit.hint(OUTBOX)

        store.run(send)
        return True

    def _loop(
        self,
        name: str,
        step: Callable[[], int],
        idle: float | Callable[[], float],
        close: Callable[[], None] = lambda: None,
        interrupt: Callable[[], None] = lambda: None,
        hint: str = "",
    ) -> Loop:
        self.metrics.loop_known(name)
        loop = Loop(
            f"{self.context.service}/{name}",
            step,
            idle,
            close,
            self.metrics.loop_failed,
            interrupt,
            self.metrics.loop_spent,
        )
        if hint:
            self.hints.subscribe(hint, loop.wake)
        return loop

    def _hints_loop(self) -> Loop:
        hints = self.hints
        return self._loop("hints", lambda: hints.receive(HINT_SECONDS), 0.0, hints.close, hints.interrupt)

    def _lease_loop(self) -> Loop:
        """Renews all leases of this process; whoever gets or loses one is woken."""
        leases = []
        if "relay" in self.roles:
            leases.append(self._relay_lease)
        if self.roles & {"consume", "sweep"}:
            leases.append(self._maintenance_lease)

        def step() -> int:
            for lease in leases:
                lease.renew()
            return 0

        return self._loop("lease", step, self.context.settings.lease_seconds / 3)

    def _relay_loop(self) -> Loop:
        relay = Relay(
            self.context.store,
            self.bus,
            self._relay_lease,
            self.metrics.published,
            self._declare,
            topology=self.topology,
        )

        def step() -> int:
            self._declare_once()
            return relay.step()

        gathered = Gathered(step, ENOUGH, GATHER_SECONDS)
        loop = self._loop("relay", gathered, self._rest, relay.close, hint=OUTBOX)
        self._relay_lease.subscribe(loop.wake)
        return loop

    def _consume_loops(self) -> list[Loop]:
        service, queues = self.context.service, self.bus.partitions(self.context.service)
        if queues is None:
            return [self._consume_loop(Worker(service, self.bus, self.topology, self._apply))]
        share = PartitionShare(partial(Lease, self._locks))
        partitions = ConsumedPartitions(
            self.context.store,
            self.bus,
            self.topology,
            share,
            queues,
            self._maintenance_lease.hold,
            self._note_repair,
            lambda: self.applier.handled,
        )
        worker = Worker(service, self.bus, self.topology, self._apply, partitions.open)
        return [
            self._consume_loop(worker),
            self._partitions_loop(worker, partitions),
            self._probe_loop(worker, partitions),
        ]

    def _partitions_loop(self, worker: Worker, partitions: ConsumedPartitions) -> Loop:
        def step() -> int:
            self._declare_once()
            if partitions.step():
                worker.reopen()
            return 0

        return self._loop("partitions", step, lambda: partitions.pause(self._rest()), partitions.close, hint=PARTITIONS)

    def _consume_loop(self, worker: BatchConsumer) -> Loop:
        def step() -> int:
            self._declare_once()
            return worker.step()

        return self._loop("consume", Gathered(step, ENOUGH, GATHER_SECONDS), 0.0, worker.close, worker.interrupt)

    def _probe_loop(self, worker: Worker, partitions: ConsumedPartitions) -> Loop:
        def step() -> int:
            if partitions.probe():
                log.error(
                    "what %s sends to itself does not arrive, and nothing waits in its queue: it connects anew",
                    self.context.service,
                )
                self.metrics.reopened()
                worker.reopen()
            return 0

        return self._loop("probe", step, PROBE_SECONDS)

    def _retry_loop(self) -> Loop:
        dead_letters = DeadLetters(self.context.service, self.bus, self.topology, self.applier)
        next_at: datetime | None = None

        def step() -> int:
            nonlocal next_at
            self._declare_once()
            parked = dead_letters.step()
            next_at = self.applier.next_retry_at()
            is_due = next_at is not None and next_at <= self.context.clock.wall()
            return parked + (self.applier.retry_due() if is_due else 0)

        def pause() -> float:
            if next_at is None:
                return self._rest()
            until = (next_at - self.context.clock.wall()).total_seconds()
            return min(max(until, SHORTEST_REST), self._rest())

        return self._leased_loop("retry", step, pause, dead_letters.close, RETRY)

    def _leased_loop(
        self,
        name: str,
        step: Callable[[], int],
        idle: float | Callable[[], float],
        close: Callable[[], None] = lambda: None,
        hint: str = "",
        withdraw: Callable[[], None] = lambda: None,
    ) -> Loop:
        """A loop that runs in one process of the service at a time.

        The transactions of its steps keep it correct in several processes too; the lease saves work and keeps the order. `withdraw` is
        called instead of the step without the lease, and after a failure, so that nothing measured earlier is shown as the present.
        """

        def close_and_release() -> None:
            close()
            self._maintenance_lease.release()

        def leased_step() -> int:
            try:
                if self._maintenance_lease.hold():
                    return step()
            except Exception:
                withdraw()
                raise
            withdraw()
            return 0

        loop = self._loop(name, leased_step, idle, close_and_release, hint=hint)
        self._maintenance_lease.subscribe(loop.wake)
        return loop

    def _sweep_loops(self) -> list[Loop]:
        clock = self.context.clock
        if not isinstance(clock, SteppedClock):
            return [self._sweep_loop(sweep, self._run_of(sweep)) for sweep in self.spec.sweeps]
        steps = SteppedSweeps(clock, self.context.service)
        loops = [self._sweep_loop(sweep, steps.watched(sweep.name, self._run_of(sweep))) for sweep in self.spec.sweeps]
        steps.subscribe(loop.wake for loop in loops)
        return [*loops, self._loop("clock", steps.look, CLOCK_SECONDS)]

    def _run_of(self, sweep: Sweep) -> Callable[[], int]:
        run = partial(sweep.run, self.context)
        return run if sweep.share == 1 else Rested(run, sweep.share)

    def _sweep_loop(self, sweep: Sweep, run: Callable[[], int]) -> Loop:
        idle = max(self.context.clock.real_seconds(sweep.every), SHORTEST_REST)
        return self._leased_loop(
            sweep.name,
            run,
            idle,
            lambda: sweep.close(self.context),
            hint=sweep.hint,
            withdraw=sweep.withdraw,
        )

    def _set_gauges(self) -> int:
        with self.context.store.read() as connection:
            pending, oldest = outbox.backlog(connection)
            counts, unconfirmed = retry_queue.counts(connection), windows.states(connection)
        self.metrics.backlog(pending, oldest, counts, unconfirmed)
        return 0

    def _look_for_restore(self) -> int:
        store = self.context.store
        if store.engine.dialect.name == "postgresql":
            with store.engine.connect() as connection:
                epoch.check(connection, store.clock.source())
        announced = announce(store)
        with store.read() as connection:
            self.metrics.epoch(epoch.present(connection).number)
        return int(announced)

    def _empty_logs(self) -> int:
        for file in self._sqlite_files:
            checkpoint.empty_log(file)
        return 0

    @cached_property
    def _sqlite_files(self) -> tuple[Path, ...]:
        """The service's database and the embedded bus, where they are files."""
        url, settings = self.context.store.engine.url, self.context.settings
        names = [url.database or ""] if url.get_backend_name() == "sqlite" else []
        names += [settings.bus_url.removeprefix("embedded:")] if settings.embedded_bus else []
        return tuple(Path(name) for name in names if name)

    def _delete_old_rows(self) -> int:
        before = self.context.clock.wall() - KEEP
        published_before = self.context.clock.wall() - timedelta(days=self.context.settings.keep_published_days)
        answers_before = self.context.clock.wall() - KEEP_ANSWERS
        self.context.store.run(lambda unit: inbox.forget_before(unit.connection, before))
        self.context.store.run(lambda unit: inbox.forget_answers(unit.connection, answers_before))
        self.context.store.run(lambda unit: published.forget_before(unit.connection, published_before))
        return 0

    def _apply(self, deliveries: Sequence[Delivery]) -> Outcome:
        started = time.monotonic()
        outcome = self.applier.apply(deliveries)
        self.metrics.applied(outcome, time.monotonic() - started)
        return outcome
