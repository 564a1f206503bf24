"""What the receipts of parts say of the whole."""

from __future__ import annotations

from collections.abc import Sequence

from services.notify.channels.domain import ReceiptStatus


def status_of_whole(parts: Sequence[ReceiptStatus | None]) -> ReceiptStatus | None:
    """What is known of a delivery: failed if one part has failed, delivered once all are; None before.

    Args:
        parts: what was last reported of each part; None if nothing was.
    """
    if ReceiptStatus.FAILED in parts or ReceiptStatus.RETURNED in parts:
        return ReceiptStatus.FAILED
    if parts and all(part is ReceiptStatus.DELIVERED for part in parts):
        return ReceiptStatus.DELIVERED
    return None
