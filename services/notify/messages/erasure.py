"""Erases what the messages about a dossier said."""

from __future__ import annotations

from services.notify.delivery.store import erase_deliveries
from services.notify.messages.domain import MessageState
from services.notify.messages.store import end_queued, forget_variables
from shared.persistence.unit_of_work import UnitOfWork


def erase_messages(work: UnitOfWork, dossier: str) -> None:
    """Erases what the messages about a dossier said and to which addresses they went; one that was not sent yet never is.

    That and when they were sent stays known.
    """
    erase_deliveries(work, dossier)
    forget_variables(work.connection, dossier)
    end_queued(work.connection, dossier, MessageState.SKIPPED, work.now)
