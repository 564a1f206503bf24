"""The loops of a service's worker."""

from __future__ import annotations

from shared.messaging.hints import OUTBOX
from shared.messaging.relay import Relay
from shared.runtime.context import Context
from shared.runtime.workers.consume_loops import ConsumeLoops
from shared.runtime.workers.gathered import Gathered
from shared.runtime.workers.loop import Loop
from shared.runtime.workers.maintenance_loops import MaintenanceLoops
from shared.runtime.workers.service_parts import ENOUGH, GATHER_SECONDS, ServiceParts
from shared.runtime.workers.sweep_loops import sweep_loops
from shared.runtime.workers.worker_spec import WorkerSpec

HINT_SECONDS = 30.0


class ServiceLoops:
    """The loops of one service in one process.

    Args:
        context: the service's settings and store.
        spec: its handlers and sweeps.
        roles: which of ``relay``, ``consume`` and ``sweep`` run in this process.

    Attributes:
        parts: what the loops share.
    """

    def __init__(self, context: Context, spec: WorkerSpec, roles: frozenset[str]) -> None:
        self.context = context
        self.spec = spec
        self.roles = roles
        self.parts = ServiceParts(context)

    def loops(self) -> list[Loop]:
        """The loops, not yet started."""
        found: list[Loop] = []
        if "relay" in self.roles:
            found.append(self._relay_loop())
        if "consume" in self.roles:
            found += ConsumeLoops(self.parts, self.spec).loops()
        if "sweep" in self.roles:
            found += sweep_loops(self.parts, self.spec.sweeps)
            found += MaintenanceLoops(self.parts).loops()
        return [*found, self._hints_loop(), self._lease_loop()]

    def _relay_loop(self) -> Loop:
        relay = Relay(
            self.context.store,
            self.parts.bus,
            self.parts.relay_lease,
            self.parts.metrics.published,
            self.parts.declare,
            topology=self.parts.topology,
        )

        def step() -> int:
            self.parts.declare_once()
            return relay.step()

        gathered = Gathered(step, ENOUGH, GATHER_SECONDS)
        loop = self.parts.loop("relay", gathered, self.parts.rest, relay.close, hint=OUTBOX)
        self.parts.relay_lease.subscribe(loop.wake)
        return loop

    def _hints_loop(self) -> Loop:
        hints = self.parts.hints
        return self.parts.loop("hints", lambda: hints.receive(HINT_SECONDS), 0.0, hints.close, hints.interrupt)

    def _lease_loop(self) -> Loop:
        """Renews all leases of this process; whoever gets or loses one is woken."""
        leases = []
        if "relay" in self.roles:
            leases.append(self.parts.relay_lease)
        if self.roles & {"consume", "sweep"}:
            leases.append(self.parts.maintenance_lease)

        def step() -> int:
            for lease in leases:
                lease.renew()
            return 0

        return self.parts.loop("lease", step, self.context.settings.lease_seconds / 3)
