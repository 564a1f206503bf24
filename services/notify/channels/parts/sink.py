"""Stores what providers report, in notify's store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from services.notify.channels.config.model import ProviderReceipt
from services.notify.channels.parts.commands import record_parts, record_receipts
from shared.persistence.store import Store


class StoredReceipts:
    """A sink of receipts: each call is one transaction.

    Args:
        store: notify's.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def receipts(self, provider: str, receipts: Sequence[ProviderReceipt]) -> None:
        """Stores receipts, in the order of their references, so that two transactions do not wait for each other."""
        ordered = sorted(receipts, key=lambda receipt: receipt.reference)
        self._store.run(lambda work: record_receipts(work, provider, ordered))

    def parts(self, provider: str, parts: Mapping[str, Sequence[str]]) -> None:
        """Stores of which parts deliveries consist."""
        self._store.run(lambda work: record_parts(work, provider, parts))
