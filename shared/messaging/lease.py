"""A lease: one of several processes does some work, and another takes over when it stops renewing the lease.

Clocks of different machines are never compared. The holder increments a counter. A contender takes the lease when the counter has not
changed for the lease's length, measured by its own monotonic clock. A holder that was paused for longer may continue for a moment after
it has lost the lease, so work under a lease must be safe to do twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from sqlalchemy import bindparam, select, update

from shared.messaging.tables import leases
from shared.persistence.store import Store

_SEEN = select(leases.c.holder, leases.c.beat).where(leases.c.name == bindparam("of"))
_TAKE = (
    update(leases)
    .where(leases.c.name == bindparam("of"), leases.c.holder == bindparam("old"), leases.c.beat == bindparam("seen"))
    .values(holder=bindparam("new"), beat=bindparam("next"))
)
"""Made once: a platform at rest does little else."""


class Lease:
    """One process's view of one lease; threads may share it.

    Args:
        store: the database with the lease.
        name: what is leased, such as ``relay``.
        holder: the process; after a restart, the same name gets its lease back at once.
        seconds: how long the counter must be unchanged before another process may take the lease.
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
        """Takes or renews the lease; returns whether this process holds it. Cheap to call often: it writes once per third of its length."""
        with self._lock:
            if self.monotonic() - self._renewed < self.seconds / 3:
                return True
            return self._renew() if self._holds() or self._may_take() else False

    def release(self) -> None:
        """Gives the lease up, so that another process need not wait."""
        with self._lock:
            if self._renewed == float("-inf"):
                return
            self._renewed = float("-inf")
            self._seen = None
        with self.store.uow() as unit:
            unit.execute(
                update(leases).where(leases.c.name == self.name, leases.c.holder == self.holder).values(holder="")
            )

    def _holds(self) -> bool:
        """Whether this process has taken the lease and not heard since that another one has."""
        return self._renewed != float("-inf")

    def _may_take(self) -> bool:
        with self.store.read() as connection:
            row = connection.execute(_SEEN, {"of": self.name}).first()
        current = (row[0], row[1]) if row else ("", 0)
        if current != self._seen:
            self._seen, self._seen_at = current, self.monotonic()
        return current[0] in ("", self.holder) or self.monotonic() - self._seen_at >= self.seconds

    def _renew(self) -> bool:
        assert self._seen is not None
        holder, beat = self._seen
        started = self.monotonic()
        with self.store.uow() as unit:
            if not self._holds():
                unit.execute(unit.insert(leases).values(name=self.name, holder="", beat=0).on_conflict_do_nothing())
            values = {"of": self.name, "old": holder, "seen": beat, "new": self.holder, "next": beat + 1}
            taken = unit.execute(_TAKE, values).rowcount
        if not taken:
            self._seen, self._renewed = None, float("-inf")
            return False
        self._seen, self._seen_at = (self.holder, beat + 1), started
        self._renewed = started
        return True
