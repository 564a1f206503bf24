"""Why an event could not be applied, and when it is tried again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

WAITING = "waiting"
PARKED = "parked"

BLOCKED = "blocked"  # must come after another event of its key that waits or is parked
NOT_YET = "not_yet"  # the handler raised NotYet
RETRY = "retry"  # the handler raised any other error
PERMANENT = "permanent"  # the handler raised Permanent
CONFLICT = "conflict"  # the handler raised Conflict
UNDECODABLE = "undecodable"  # not an event of this bus
SPOOFED = "spoofed"  # its source is not its sender
CRASH = "crash"  # workers died while they applied it
DEAD_LETTER = "dead_letter"  # the broker's delivery limit was reached
MISSING = "missing"  # published, but it has not arrived; the entry keeps its place until it is sent again

_NON_RETRYABLE = frozenset({PERMANENT, CONFLICT, UNDECODABLE, SPOOFED, CRASH, DEAD_LETTER, MISSING})


@dataclass(frozen=True)
class RetryPolicy:
    """How often an event is retried, and after which delays.

    Attributes:
        first: seconds before the second attempt; doubled each time.
        longest: seconds between two attempts at most.
        retries: attempts after which a failing event is parked.
        waits: attempts after which an event is parked whose handler raises `NotYet`.
    """

    first: float = 0.5
    longest: float = 300.0
    retries: int = 10
    waits: int = 300

    def after(self, kind: str, attempts: int, now: datetime) -> tuple[str, datetime]:
        """The state of an event that has failed `attempts` times, and the time of the next attempt."""
        limit = self.waits if kind == NOT_YET else self.retries
        if kind in _NON_RETRYABLE or attempts >= limit:
            return PARKED, now
        longest = min(self.longest, 30.0) if kind == NOT_YET else self.longest
        return WAITING, now + timedelta(seconds=min(self.first * 2 ** min(attempts - 1, 30), longest))
