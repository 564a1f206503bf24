"""Receipts: what a provider reports later about a delivery that it has taken over.

A receipt may come twice, in any order, and before the provider's answer to the sender. So each is stored first, under the provider's own
reference, and applied as soon as the delivery with this reference is known.
"""

from __future__ import annotations

from datetime import datetime

from services.notify.channels.domain import ReceiptStatus
from services.notify.channels.receipt_store import Receipt, add_receipt
from services.notify.delivery.progress import apply_receipts
from shared.persistence.unit_of_work import UnitOfWork

__all__ = ["ReceiptStatus", "record_receipt"]


def record_receipt(
    work: UnitOfWork, provider: str, reference: str, status: ReceiptStatus, at: datetime, reason: str = ""
) -> bool:
    """Stores a receipt, and applies it if its delivery is known; false if it was known already.

    Args:
        work: the transaction.
        provider: its name in the configuration.
        reference: the provider's own id of the delivery.
        status: what it reports.
        at: when that happened, as the provider says.
        reason: of a failure or return, without address and text.
    """
    is_new = add_receipt(work.connection, Receipt(provider, reference, status, at, reason, work.now))
    if is_new:
        apply_receipts(work, provider, [reference])
    return is_new
