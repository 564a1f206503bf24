"""Keeps the register of officials. Entries are appended, never changed: each counts from a day on."""

from __future__ import annotations

from services.rating.officials.domain import OfficialEntry, UnknownHomeAgency
from services.rating.officials.store import append_entry
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork


def enter_official(work: UnitOfWork, entry: OfficialEntry, by: str) -> None:
    """Enters an official, a change about them, or that they have left.

    Args:
        work: the transaction.
        entry: of the agency that `by` leads.
        by: subject of the leader.

    Raises:
        UnknownHomeAgency: as it says.
    """
    home = entry.home_agency
    if home is not None and not work.reference.agencies.exists(home, entry.valid_from):
        raise UnknownHomeAgency(home)
    work.flush()
    append_entry(work.connection, new_id(), entry, by, work.now)
