"""Detects a consumer that gets no messages although some wait, and tells it from an empty queue and from a standby consumer."""

from __future__ import annotations

from dataclasses import dataclass

CHECKS = 2
STANDBY_CHECKS = 4


@dataclass(frozen=True, slots=True)
class _Suspicion:
    delivered: int
    ready: int
    checks: int


class StallDetector:
    """Checks each queue at intervals. A queue is stalled if `CHECKS` checks in a row found the same: messages wait in it, this consumer has
    acknowledged all its messages, it is the active consumer, and it got no message in between.

    The broker does not say which consumer is the active one of a single-active-consumer queue. A connection that has got a message from
    the queue is active, and stays so. Any other may be a standby: it is stalled only after `STANDBY_CHECKS` checks during which the number
    of waiting messages never fell, as happens when the broker takes a consumer that is gone for the active one, or none
    (rabbitmq-server issue 17317). Then new connections help, and one more does a true standby no harm.
    """

    def __init__(self) -> None:
        self._suspected: dict[str, _Suspicion] = {}

    def is_stalled(self, queue: str, ready: int, delivered: int, unacked: int) -> bool:
        """Records one check of one queue.

        Args:
            queue: its name.
            ready: messages that wait in it.
            delivered: messages of this queue that this connection has got so far.
            unacked: messages of any queue that this connection has got and not acknowledged.
        """
        before = self._suspected.pop(queue, None)
        if ready == 0 or unacked > 0:
            return False
        active = delivered > 0
        same = before is not None and before.delivered == delivered and (active or before.ready <= ready)
        checks = before.checks + 1 if before is not None and same else 1
        self._suspected[queue] = _Suspicion(delivered, ready, checks)
        return checks >= (CHECKS if active else STANDBY_CHECKS)
