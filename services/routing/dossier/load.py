"""Loads a dossier for a change: locked, and with its clock up to date."""

from __future__ import annotations

from datetime import datetime

from services.routing.dossier import clock, days_off, postings
from services.routing.dossier.transaction import DossierTransaction
from shared.persistence.unit_of_work import UnitOfWork


def load_dossier(work: UnitOfWork, code: str, at: datetime | None = None) -> DossierTransaction | None:
    """Locks and reads a dossier, and brings its clock up to date.

    The clock resumes if a posting is over that no sweep has seen yet, and a deadline or the end
    of a posting moves whose last day was declared off; a mark as overdue that this makes wrong is withdrawn.

    Args:
        work: the transaction.
        code: a citizen's dossier or a sub-dossier.
        at: when the event that moves the dossier happened; now when None.

    Returns:
        None when there is no such dossier.
    """
    transaction = DossierTransaction.load(work, code, at)
    if transaction is not None:
        extended = postings.follow_calendar(transaction)  # first: such a posting is not over yet
        resumed = clock.resume_expired_postings(transaction)
        transaction.clock_changed = days_off.follow_dossier(transaction) or resumed or extended
    return transaction
