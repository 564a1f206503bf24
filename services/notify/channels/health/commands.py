"""Keeps the providers' links up, and writes down how they do."""

from __future__ import annotations

from collections.abc import Iterable

from services.notify.channels.health.store import save_health
from services.notify.channels.parts.commands import settle_parts
from services.notify.channels.pool.metrics import show_health
from services.notify.channels.pool.provider_pool import ProviderPool
from shared.persistence.store import Store


def attend_providers(store: Store, pools: Iterable[ProviderPool]) -> int:
    """Binds sessions that have ended, and writes down how the providers do; receipts that came too early are applied.

    Args:
        store: notify's.
        pools: of this process.

    Returns:
        how many early receipts were applied.
    """
    rows = []
    for pool in pools:
        pool.attend()
        rows += pool.health()
    show_health(rows)
    at = store.clock.wall()
    store.run(lambda work: save_health(work.connection, rows, at))
    return store.run(settle_parts)
