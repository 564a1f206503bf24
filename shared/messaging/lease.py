"""A lease: of many processes one does the work; when it stops beating another takes over.

No wall clock is compared between machines. The holder raises a counter; a contender that has seen the counter stand still for the
lease's length, by its own monotonic clock, takes the lease. A holder that was paused for longer may wake and believe for a moment that
it still holds it: whatever is done under a lease must therefore be harmless when done twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy import select, update

from shared.messaging.tables import leases
from shared.persistence.store import Store


class Lease:
    """One process's view of one lease; its threads may share it.

    Args:
        store: the database that the lease lies in.
        name: what is leased, such as ``relay``.
        holder: who asks; the same name again (a restarted process) gets its lease back at once.
        seconds: how long a counter must stand still before the lease may be taken.
        monotonic: the local clock.
    """

    def __init__(
        self, store: Store, name: str, holder: str, seconds: float, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.store = store
        self.name = name
        self.holder = holder
        self.seconds = seconds
        self.monotonic = monotonic
        self._renewed = float("-inf")
        self._seen: tuple[str, int] | None = None
        self._seen_at = 0.0
        self._lock = threading.Lock()

    def hold(self) -> bool:
        """Takes or renews the lease; cheap to call often: it writes only every third of the lease's length."""
        with self._lock:
            if self.monotonic() - self._renewed < self.seconds / 3:
                return True
            return self._renew() if self._may_take() else False

    def release(self) -> None:
        """Gives the lease up, so that another need not wait."""
        with self._lock:
            if self._renewed == float("-inf"):
                return
            self._renewed = float("-inf")
            self._seen = None
        with self.store.uow() as work:
            work.execute(
                update(leases).where(leases.c.name == self.name, leases.c.holder == self.holder).values(holder="")
            )

    def _may_take(self) -> bool:
        with self.store.read() as connection:
            row = connection.execute(select(leases.c.holder, leases.c.beat).where(leases.c.name == self.name)).first()
        current = (row[0], row[1]) if row else ("", 0)
        if current != self._seen:
            self._seen, self._seen_at = current, self.monotonic()
        return current[0] in ("", self.holder) or self.monotonic() - self._seen_at >= self.seconds

    def _renew(self) -> bool:
        assert self._seen is not None
        holder, beat = self._seen
        started = self.monotonic()
        with self.store.uow() as work:
            work.execute(work.insert(leases).values(name=self.name, holder="", beat=0).on_conflict_do_nothing())
            taken = work.execute(
                update(leases)
                .where(leases.c.name == self.name, leases.c.holder == holder, leases.c.beat == beat)
                .values(holder=self.holder, beat=beat + 1)
            ).rowcount
        if not taken:
            self._seen, self._renewed = None, float("-inf")
            return False
        self._seen, self._seen_at = (self.holder, beat + 1), started
        self._renewed = started
        return True
