"""Knows a stuck consumer from a quiet queue and from a standby."""

from __future__ import annotations


class StallDetector:
    """Looks at each queue now and then. A queue is stalled when messages waited in it at two looks in a row, this consumer had handled
    all it was given, is the active one, and was given nothing in between.

    With single active consumer the broker does not say who is active; whoever was given something on this connection is, and stays so.
    """

    def __init__(self) -> None:
        self._suspected: dict[str, int] = {}

    def stalled(self, queue: str, ready: int, delivered: int, unacked: int) -> bool:
        """One look at one queue.

        Args:
            queue: its name.
            ready: messages waiting in it.
            delivered: messages that this connection was ever given from it.
            unacked: messages of any queue that this connection was given and has not acknowledged.
        """
        if ready == 0 or delivered == 0 or unacked > 0:
            self._suspected.pop(queue, None)
            return False
        again = self._suspected.get(queue) == delivered
        self._suspected[queue] = delivered
        return again
