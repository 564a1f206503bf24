"""What stats' archive holds, for tests."""

from __future__ import annotations

from datetime import timedelta

from services.stats.archive import store
from services.stats.archive.commands import seal_ended_month
from services.stats.archive.queries import Verified, events_of, verify
from tests.support.events import event
from tests.support.service import ServiceUnderTest

MONTH = timedelta(days=31)


def archived(stats: ServiceUnderTest) -> list[bytes]:
    """The archived events, in order."""
    with stats.store.read() as connection:
        return list(events_of(connection, store.head(connection).batches))


def verified(stats: ServiceUnderTest, known: dict[int, str] | None = None) -> Verified:
    """The result of a check of the whole archive."""
    with stats.store.snapshot(long=True) as connection:
        return verify(connection, known)


def fill(stats: ServiceUnderTest, months: int = 3, batches: int = 3, sealed: bool = True) -> None:
    """Archives some batches in each of several months, the last of which stays open."""
    for month in range(months):
        for batch in range(batches):
            code = f"D-{month}-{batch}"
            stats.apply(event("dossier.received", 1, dossier=code), event("dossier.resolved", 2, dossier=code))
        if month < months - 1:
            stats.hand.pass_(MONTH)
    while sealed and seal_ended_month(stats.context):
        pass
