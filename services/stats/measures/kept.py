"""Numbers that many people look at: read once, and kept for some seconds in each process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy import Connection

from shared.runtime.context import Context

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

MOST = 500
"""Values that one process keeps at most; those that nobody asked for longest go first."""


class Kept(Generic[K, V]):
    """What was read a moment ago, and never of yesterday; thread-safe.

    Args:
        context: of stats.
        fresh: real time for which a value is kept, so that any number of viewers costs one read.
        read: reads a value as of a moment of business time; all that it reads is of one moment.
        most: how many values are kept.
    """

    def __init__(
        self, context: Context, fresh: timedelta, read: Callable[[Connection, K, datetime], V], most: int = MOST
    ) -> None:
        self._context = context
        self._fresh = fresh
        self._read = read
        self._most = most
        self._lock = threading.Lock()
        self._known: OrderedDict[K, tuple[datetime, date, V]] = OrderedDict()

    def of(self, key: K) -> V:
        """The value of a key."""
        known = self._known.get(key)
        if known is None or not self._is_fresh(*known[:2]):
            with self._lock:
                known = self._known.get(key)
                if known is None or not self._is_fresh(*known[:2]):
                    known = self._known[key] = self._read_now(key)
                    self._known.move_to_end(key)
                    while len(self._known) > self._most:
                        self._known.popitem(last=False)
        return known[2]

    def _is_fresh(self, read_at: datetime, day: date) -> bool:
        clock = self._context.clock
        return timedelta(0) <= clock.wall() - read_at < self._fresh and day == clock.now().date()

    def _read_now(self, key: K) -> tuple[datetime, date, V]:
        wall, now = self._context.clock.wall(), self._context.clock.now()
        with self._context.store.snapshot() as connection:
            return wall, now.date(), self._read(connection, key, now)
