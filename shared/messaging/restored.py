"""What services do for each other when a database was restored from a backup.

A subscriber that gets something new under a code that it knows with other contents (:class:`~shared.messaging.errors.Conflict`) parks the
event and says so by ``store.conflicted``: the sender's database must have been restored unnoticed. The sender then begins a new epoch and
holds back what others say about that code, because nobody can know which of the two records is meant, until a person has decided.

A service that has begun a new epoch says so by ``store.restored``, and asks the others to send again what it has forgotten: all that they
have published since shortly before the backup and that its inbox does not know (see `shared.messaging.reconciliation`).
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import func, select

from shared.messaging import parked_events, retry_policy
from shared.messaging.event import Event, event_source
from shared.messaging.reconciliation import checks
from shared.messaging.tables import inbox
from shared.persistence import epoch
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

MARGIN = timedelta(minutes=10)
"""Events that were delivered so long before the backup was made may not be in it: their transaction had not ended."""


def report_conflict(work: UnitOfWork, event: Event) -> None:
    """Tells the sender of an event that contradicts an earlier one; agencies are not told, they have no epochs.

    Args:
        work: the transaction that parks the event.
        event: as received.
    """
    sender = event.source.removeprefix(event_source(""))
    if event.source != event_source(sender):
        return
    work.emit(
        "store.conflicted",
        {
            "record": event.key,
            "service": sender,
            "epoch": epoch.epoch_of(event.sequence),
            "type": event.type,
            "found_by": work.service,
            "found_at": work.now,
        },
    )


def on_store_conflicted(event: Event, work: UnitOfWork) -> None:
    """The accused service begins a new epoch, if the contradiction is of its present one, and holds the record's events back."""
    data = event.data
    if data["service"] != work.service:
        return
    wall = work.clock.wall()
    if epoch.present(work.connection).number == data["epoch"]:
        epoch.begin(work.connection, f"{data['found_by']} knows {data['record']} with other contents", wall.timestamp())
    reason = (
        f"{data['found_by']} knows another record of this code ({data['type']}); compare both, then discard this entry"
    )
    parked_events.park(work.connection, event, event.to_json(), retry_policy.CONFLICT, reason, wall)


def on_store_restored(event: Event, work: UnitOfWork) -> None:
    """Another service's database was restored; its metric and its log say so, here it is only noted."""
    if event.data["service"] != work.service:
        log.warning("the database of %s was restored from a backup", event.data["service"])


def announce(store: Store) -> bool:
    """Tells the other services of a new epoch and asks them for what this one has forgotten, once; returns whether there was one."""
    with store.read() as connection:
        if epoch.present(connection).announced:
            return False

    def work(unit: UnitOfWork) -> bool:
        present = epoch.present(unit.connection)
        if present.announced:
            return False
        since = _last_known(unit, present)
        everything = datetime.fromtimestamp(0, unit.clock.wall().tzinfo)
        checks.request_everything(unit.connection, unit.service, since or everything, unit.clock.wall())
        unit.emit(
            "store.restored",
            {"service": unit.service, "epoch": present.number, "since": since, "restored_at": unit.now},
        )
        epoch.mark_announced(unit.connection, present.number)
        return True

    return store.run(work)


def _last_known(unit: UnitOfWork, present: epoch.Epoch) -> datetime | None:
    """From when on events may be forgotten; None if that cannot be told, because the restored database was used before it was noticed."""
    if present.reason != epoch.NOTICED:
        return None
    begun = datetime.fromtimestamp(present.number, unit.clock.wall().tzinfo)
    newest = select(func.max(inbox.c.applied_at, type_=inbox.c.applied_at.type)).where(inbox.c.applied_at < begun)
    found: datetime | None = unit.connection.execute(newest).scalar_one()
    return None if found is None else found - MARGIN


HANDLERS = {"store.restored": on_store_restored, "store.conflicted": on_store_conflicted}
"""In the handler table of every service."""
