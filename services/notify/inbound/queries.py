"""What staff read about inbound SMS."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, select

from services.notify.inbound.store import inbound

PAGE_SIZE = 50
_C = inbound.c


@dataclass(frozen=True, slots=True)
class InboundRow:
    """An inbound SMS about a dossier; the fields are columns. The sender is not masked."""

    id: str
    sender: str
    code: str
    purpose: str
    state: str
    reply: str
    received_at: datetime


_COLUMNS = [_C[field.name] for field in fields(InboundRow)]


def inbound_of(
    connection: Connection, agencies: Collection[str], after: tuple[datetime, str] | None, limit: int
) -> list[InboundRow]:
    """Inbound SMS about dossiers of agencies, newest first; ratings belong to no agency.

    Args:
        connection: of the store.
        agencies: whose; never the empty code.
        after: time (real) and id of the last one of the page before.
        limit: the most.
    """
    found = select(*_COLUMNS).where(_C.agency.in_(agencies))
    if after is not None:
        at, id_ = after
        found = found.where((_C.received_at < at) | ((_C.received_at == at) & (_C.id < id_)))
    found = found.order_by(_C.received_at.desc(), _C.id.desc()).limit(limit)
    return [InboundRow(*row) for row in connection.execute(found)]
