"""Divides the partitions of a service among its worker processes: each partition is consumed by one of them, and none has too many.

A lease for each partition says whose it is. How many processes there are is known to the broker: each consumes a queue that is there for
that alone. So nobody has to tell a process which partitions are its own, and those of one that ends are taken over by the others within
seconds. The lease only divides the work; that a queue is consumed by one process at a time is up to the broker (single active consumer).
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

from shared.messaging.lease import Lease
from shared.messaging.topology import Generation


class PartitionShare:
    """The partitions that this process consumes. `queues` may be called by any thread, `step` by one.

    Args:
        lease: makes the lease of a name.
    """

    def __init__(self, lease: Callable[[str], Lease]) -> None:
        self._lease = lease
        self._held: dict[int, Lease] = {}
        self._lock = threading.Lock()

    def queues(self, generation: Generation) -> tuple[str, ...]:
        """The partitions of a generation that this process consumes. A single one is consumed by all: the broker chooses."""
        if generation.number == 0:
            return ()
        if generation.partitions == 1:
            return generation.queue_names
        with self._lock:
            return tuple(generation.queue_names[index] for index in sorted(self._held) if index < generation.partitions)

    def step(self, generation: Generation, processes: int) -> None:
        """Keeps, takes and gives up partitions, so that each process has its share.

        Args:
            generation: the one that is consumed.
            processes: how many worker processes the service has, with this one.

        Raises:
            Exception: the database cannot be reached.
        """
        most = self._fair_share(generation, processes)
        kept = {index: lease for index, lease in sorted(self._held.items()) if lease.renew()}
        for index in list(kept)[most:] + [index for index in kept if index >= generation.partitions]:
            if index in kept:
                kept.pop(index).release()
        for index in range(generation.partitions if most else 0):
            if len(kept) >= most:
                break
            if index not in kept and (lease := self._lease(f"partition-{index}")).renew():
                kept[index] = lease
        with self._lock:
            self._held = kept

    def close(self) -> None:
        """Gives all up."""
        with self._lock:
            held, self._held = self._held, {}
        for lease in held.values():
            lease.release()

    @staticmethod
    def _fair_share(generation: Generation, processes: int) -> int:
        if generation.number == 0 or generation.partitions == 1:
            return 0
        return math.ceil(generation.partitions / max(processes, 1))
