"""Noting that a payment has to be paid on, and that it was."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from services.intake.dossiers.domain import Dossier
from services.intake.payments import store as payments
from services.intake.payments.ledger.domain import Account, Posting, moved
from services.intake.payments.ledger.store import post
from services.intake.payments.transfers import store
from services.intake.payments.transfers.domain import NothingToTransfer, Transfer, due_of
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM


def note_due(work: UnitOfWork, dossier: Dossier, payment: str, obligation: str | None, amount: int) -> None:
    """Notes that a payment online has to be paid on, in the transaction that records it.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        payment: just recorded.
        obligation: that it settles; None for the filing fee.
        amount: VND.
    """
    known = {one.id: one.agency for one in payments.obligations_of(work.connection, dossier.code)}
    desk, day = dossier.receiving_agency, work.now.astimezone(VIETNAM).date()
    due = due_of(work.now, work.reference.calendar(desk, day), work.reference.regulation(day))
    recipient = known.get(obligation or "", desk)
    store.add(work.connection, Transfer(payment, desk, recipient, dossier.code, amount, work.now, due))


def transfer(
    work: UnitOfWork, waiting: Collection[str], desks: Collection[str], reference: str, by: str
) -> dict[str, Any]:
    """Records that payments were paid on by one order of the bank, less what went back to the payers. Repeating it moves nothing.

    Args:
        work: the transaction.
        waiting: payments, as they were listed; those that others have paid on meanwhile are left alone.
        desks: that the actor accounts for.
        reference: the number of the bank's order.
        by: the subject of the actor's token.

    Returns:
        how many payments, and the sum in VND.

    Raises:
        NothingToTransfer: none of them waits.
    """
    found = store.lock_waiting(work.connection, waiting, desks)
    if not found:
        raise NothingToTransfer
    day, total = work.now.astimezone(VIETNAM).date(), 0
    for one in found:
        left = max(0, one.amount - store.sent_back(work.connection, one.payment))
        values = {"transferred_at": work.now, "transferred_by": by, "reference": reference, "transferred": left}
        store.change(work.connection, one.payment, **values)
        total += left
        if left:
            lines = moved(left, Account.TREASURY, Account.PROVIDER)
            posting = Posting("budget_transfer", one.payment, one.desk, "", one.dossier, day, work.now, lines)
            post(work.connection, posting)
    return {"payments": len(found), "amount": total}
