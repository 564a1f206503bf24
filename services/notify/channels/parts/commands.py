"""Records receipts, of whole deliveries and of parts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from services.notify.channels.config.model import ProviderReceipt
from services.notify.channels.domain import ReceiptStatus
from services.notify.channels.parts.domain import status_of_whole
from services.notify.channels.parts.store import add_parts, mark_part, parts_of, unmarked, wholes_of
from services.notify.channels.receipts import record_receipt
from shared.persistence.unit_of_work import UnitOfWork

LOOK_BACK = timedelta(days=1)
SETTLED_AT_ONCE = 500


def record_parts(work: UnitOfWork, provider: str, wholes: Mapping[str, Sequence[str]]) -> None:
    """Records of which parts deliveries consist, and applies the receipts that have come before.

    Args:
        work: the transaction.
        provider: its name.
        wholes: reference of a delivery → references of its parts.
    """
    add_parts(work.connection, provider, wholes, work.clock.wall())
    settle_parts(work)


def record_receipts(work: UnitOfWork, provider: str, receipts: Sequence[ProviderReceipt]) -> None:
    """Records receipts; those of parts count once the whole is known.

    Args:
        work: the transaction.
        provider: its name.
        receipts: in any order, also again.
    """
    wholes = wholes_of(work.connection, provider, {receipt.reference for receipt in receipts})
    changed: set[str] = set()
    for receipt in receipts:
        record_receipt(work, provider, receipt.reference, receipt.status, receipt.at, receipt.reason)
        whole = wholes.get(receipt.reference)
        if whole is not None and receipt.status is not ReceiptStatus.ACCEPTED:
            mark_part(work.connection, provider, receipt.reference, receipt.status, receipt.at, receipt.reason)
            changed.add(whole)
    _record_wholes(work, provider, changed)


def settle_parts(work: UnitOfWork) -> int:
    """Applies receipts of parts that came before the parts were known; returns how many.

    Args:
        work: the transaction.
    """
    found = unmarked(work.connection, work.clock.wall() - LOOK_BACK, SETTLED_AT_ONCE)
    by_provider: dict[str, set[str]] = defaultdict(set)
    for provider, reference, status, at, reason in found:
        mark_part(work.connection, provider, reference, status, at, reason)
        by_provider[provider].add(reference)
    for provider, references in by_provider.items():
        _record_wholes(work, provider, set(wholes_of(work.connection, provider, references).values()))
    return len(found)


def _record_wholes(work: UnitOfWork, provider: str, wholes: set[str]) -> None:
    if not wholes:
        return
    for whole, parts in parts_of(work.connection, provider, sorted(wholes)).items():
        status = status_of_whole([part for part, _, _ in parts])
        if status is None:
            continue
        times = [at for _, at, _ in parts if at is not None]
        reason = next((reason for part, _, reason in parts if part is status and reason), "")
        record_receipt(work, provider, whole, status, max(times), reason)
