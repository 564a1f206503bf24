"""Detects a consumer that gets no messages although some wait, and tells it from an empty queue and from a standby consumer."""

from __future__ import annotations


class StallDetector:
    """Checks each queue at intervals. A queue is stalled if two checks in a row found the same: messages wait in it, this consumer has
    acknowledged all its messages, it is the active consumer, and it got no message in between.

    The broker does not say which consumer is the active one of a single-active-consumer queue. A connection that has got a message from
    the queue is active, and stays so.
    """

    def __init__(self) -> None:
        self._suspected: dict[str, int] = {}

    def is_stalled(self, queue: str, ready: int, delivered: int, unacked: int) -> bool:
        """Records one check of one queue.

        Args:
            queue: its name.
            ready: messages that wait in it.
            delivered: messages of this queue that this connection has got so far.
            unacked: messages of any queue that this connection has got and not acknowledged.
        """
        if ready == 0 or delivered == 0 or unacked > 0:
            self._suspected.pop(queue, None)
            return False
        unchanged = self._suspected.get(queue) == delivered
        self._suspected[queue] = delivered
        return unchanged
