"""Events with encrypted fields that a service's database keeps: by which key they were sealed.

They are never sealed again: what was published is sent again as it was. They go by themselves: from the outbox when the broker has them,
from the published events when they were confirmed and their days are over, from the retry queue when they were applied or discarded.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection

from sqlalchemy import Table, select

from shared.messaging.tables import outbox, published_events, retry_queue
from shared.persistence.store import Store

TABLES = (outbox, published_events, retry_queue)
SEALED = re.compile(r'"sealed":\s*"([A-Za-z0-9_-]{1,20})\.')
MOST_AT_ONCE = 2000


def events_by_key(store: Store, table: Table, types: Collection[str]) -> Counter[str]:
    """How many events of a table a key sealed.

    Args:
        store: any.
        table: one of :data:`TABLES`.
        types: the CloudEvents types that have encrypted fields.

    Returns:
        the key's id → events.
    """
    (primary,) = table.primary_key.columns
    statement = select(primary, table.c.body).where(table.c.type.in_(sorted(types))).order_by(primary)
    found: Counter[str] = Counter()
    last = 0
    while True:
        with store.read() as connection:
            rows = connection.execute(statement.where(primary > last).limit(MOST_AT_ONCE)).all()
        if not rows:
            return found
        found.update(match[1] for _, body in rows if (match := SEALED.search(body)))
        last = rows[-1][0]
