"""A bounded queue that is fair to the kinds of what waits in it: weighted fair queuing; whoever exceeds its share most loses its newest."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from shared.web.admission.weights import Key

T = TypeVar("T")


class FairQueue(Generic[T]):
    """First in, first out for each key; keys take turns by their weights. Not thread-safe.

    Args:
        limit: how many may wait.
        weight: of a key, above 0.
    """

    def __init__(self, limit: int, weight: Callable[[Key], float]) -> None:
        self._limit = limit
        self._weight = weight
        self._lanes: dict[Key, deque[tuple[float, T]]] = {}
        self._turns: dict[Key, float] = {}  # how much of its share a key has used; the least comes next
        self._turn = 0.0
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def push(self, key: Key, item: T, now: float) -> tuple[Key, T] | None:
        """Adds an item. When that is one too many, the newest item of the key that exceeds its share most is taken out and returned.

        Args:
            key: of the item.
            item: it may be the one that is returned.
            now: monotonic seconds.
        """
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = deque()
            self._turns[key] = self._turn  # who was away has saved up nothing
        lane.append((now, item))
        self._length += 1
        if self._length <= self._limit:
            return None
        # of equal ones the key of the new item: nobody who waits makes room for somebody with no better right
        largest = max(self._lanes, key=lambda one: (len(self._lanes[one]) / self._weight(one), one == key))
        newest = self._lanes[largest].pop()[1]
        self._removed(largest)
        return largest, newest

    def pop(self, may_have: Callable[[Key], bool] = lambda _: True) -> tuple[Key, T] | None:
        """Takes out the item whose turn it is; None when nothing waits that may be taken.

        Args:
            may_have: whether a key may have a turn now.
        """
        key = min((one for one in self._lanes if may_have(one)), key=self._turns.__getitem__, default=None)
        if key is None:
            return None
        item = self._lanes[key].popleft()[1]
        self._turn = max(self._turn, self._turns[key])
        self._turns[key] += 1 / self._weight(key)
        self._removed(key)
        return key, item

    def older_than(self, since: float) -> Iterator[tuple[Key, T]]:
        """Takes out all items that were added before a moment, in monotonic seconds."""
        for key in list(self._lanes):
            lane = self._lanes[key]
            while lane and lane[0][0] < since:
                yield key, lane.popleft()[1]
                self._removed(key)

    def _removed(self, key: Key) -> None:
        self._length -= 1
        if not self._lanes[key]:
            del self._lanes[key], self._turns[key]
