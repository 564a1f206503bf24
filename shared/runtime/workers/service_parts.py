"""What all loops of a service in one process share: its store, bus, metrics and leases, and how a loop is made."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from shared.contracts import platform_topology
from shared.messaging.hint_transports import open_hints
from shared.messaging.lease import Lease, open_locks
from shared.messaging.port import Bus
from shared.messaging.topology import Topology
from shared.messaging.transports import open_bus
from shared.runtime.context import Context
from shared.runtime.workers.loop import Loop
from shared.runtime.workers.metrics import BusMetrics

log = logging.getLogger(__name__)

LONGEST_REST = 5.0
"""Real seconds after which a loop looks for work that no hint has announced: a hint may be lost."""
REST_WITHOUT_HINTS = 2.0
SHORTEST_REST = 0.05
ENOUGH, GATHER_SECONDS = 50, 0.02
"""After a batch of fewer events, relay and consumer wait so long for more; see `gathered`."""


class ServiceParts:
    """The parts of one service in one process that its loops use.

    Args:
        context: the service's settings and store.

    Attributes:
        bus: may be replaced before the loops are made.
        relay_lease: held by the process that publishes the outbox.
        maintenance_lease: held by the process that does what one process of a service does for all.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.metrics = BusMetrics(context.service)
        self.topology: Topology = platform_topology()
        self.bus: Bus = open_bus(context.settings.bus_url, context.service)
        self.hints = context.store.hints = open_hints(context.store.engine)
        self.locks = open_locks(context.store.engine, context.settings.instance, context.settings.lease_seconds)
        self.relay_lease = Lease(self.locks, "relay")
        self.maintenance_lease = Lease(self.locks, "maintenance")
        self._declared = False

    def rest(self) -> float:
        """Real seconds after which a loop looks by itself; short where another process is to take over soon."""
        longest = LONGEST_REST if self.hints.work else REST_WITHOUT_HINTS
        return min(longest, self.context.settings.lease_seconds)

    def declare_once(self) -> None:
        """Declares exchanges, queues and bindings, unless this process has done so.

        Raises:
            BusUnavailable: the bus cannot be reached.
        """
        if not self._declared:
            self.declare()
            self._declared = True

    def declare(self) -> None:
        """Declares exchanges, queues and bindings.

        Raises:
            BusUnavailable: the bus cannot be reached.
        """
        self.bus.declare(self.topology)

    def note_repair(self, missing: Sequence[str]) -> None:
        """Counts and logs what the bus had lost."""
        self.metrics.repaired(len(missing))
        log.warning("the bus had lost, and now has again: %s", ", ".join(missing))

    def loop(
        self,
        name: str,
        step: Callable[[], int],
        idle: float | Callable[[], float],
        close: Callable[[], None] = lambda: None,
        interrupt: Callable[[], None] = lambda: None,
        hint: str = "",
    ) -> Loop:
        """A loop that runs in every process of the service.

        Args:
            name: of the loop, for logs and metrics.
            step: does some work and says how much.
            idle: real seconds until the next step when there was nothing to do.
            close: ends what the steps use.
            interrupt: ends a step that waits.
            hint: the name of the hint that wakes it; empty for none.
        """
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

    def leased_loop(
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
        called instead of the step without the lease, and after a failure, so that nothing measured earlier is shown as the present. The
        other arguments are those of :meth:`loop`.
        """

        def close_and_release() -> None:
            close()
            self.maintenance_lease.release()

        def leased_step() -> int:
            try:
                if self.maintenance_lease.hold():
                    return step()
            except Exception:
                withdraw()
                raise
            withdraw()
            return 0

        loop = self.loop(name, leased_step, idle, close_and_release, hint=hint)
        self.maintenance_lease.subscribe(loop.wake)
        return loop
