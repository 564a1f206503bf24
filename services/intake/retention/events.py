"""What intake does when notify has erased a dossier's contact: it makes sure that it has not forgotten its own erasure."""

from __future__ import annotations

from services.intake.retention import store
from services.intake.retention.commands import erase
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork


def on_contact_erased(event: Event, work: UnitOfWork) -> None:
    """Erases again what was erased before this database was restored from a backup; otherwise there is nothing to do.

    notify erases when intake has erased, and nothing else makes it do so. A hold that the backup holds was ended before.
    """
    code = event.data["dossier"]
    if store.erased_at(work.connection, code) is None:
        store.end_hold(work, code, "")
        erase(work, code, "repeated")
