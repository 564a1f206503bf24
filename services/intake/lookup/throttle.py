"""The look-up throttle: after too many failed tries for a code, every look-up of it is refused for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.intake.lookup import store as failures
from shared.persistence.store import Store

WINDOW = timedelta(minutes=15)
MAX_FAILURES = 10
"""Failed tries per code and window (real time); after them even the right secret is refused until the window is over."""


class TooManyTries(Exception):
    """There were too many failed tries for this code.

    Args:
        seconds: until the next try is allowed.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} s")
        self.seconds = seconds


def check_throttle(connection: Connection, code: str, now: datetime) -> None:
    """Checks that a code may be looked up.

    Args:
        connection: any.
        code: normalised; there need not be such a dossier.
        now: real time.

    Raises:
        TooManyTries: not until the window is over.
    """
    failed = failures.failures_of(connection, code)
    if failed is None:
        return
    number, since = failed
    if number >= MAX_FAILURES and since > now - WINDOW:
        raise TooManyTries(max(1, int((since + WINDOW - now).total_seconds())))


def record_failure(store: Store, code: str) -> None:
    """Counts a failed try in a transaction of its own, whether or not there is such a dossier.

    Args:
        store: intake's.
        code: normalised; nothing is counted for an empty one.
    """
    now = store.clock.wall()
    if code:
        store.run(lambda work: failures.add_failure(work.connection, code, now, now - WINDOW))


def delete_old_failures(store: Store) -> int:
    """Deletes the counts whose window is over, since codes that do not exist are counted too; returns how many."""
    return store.run(lambda work: failures.delete_failures(work.connection, store.clock.wall() - WINDOW))
