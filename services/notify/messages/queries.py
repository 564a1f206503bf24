"""What may be read about messages of a dossier."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from services.notify.delivery.states import State
from services.notify.delivery.store import deliveries
from services.notify.messages.store import messages


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A message of a dossier through one channel; its secrets are masked, its address is not."""

    id: str
    message: str
    dossier: str
    kind: str
    agency: str
    channel: str
    language: str
    state: State
    address: str | None
    text: str
    provider: str
    attempts: int
    doubts: int
    segments: int
    reason: str
    created_at: datetime
    sent_at: datetime | None
    finished_at: datetime | None


COLUMNS = tuple(deliveries.c[field.name] for field in fields(DeliveryRow))
_OF_DOSSIER = (
    select(*COLUMNS)
    .where(deliveries.c.dossier == bindparam("dossier"))
    .order_by(deliveries.c.created_at, deliveries.c.message, deliveries.c.position, deliveries.c.id)
)
_AGENCIES = (
    select(messages.c.agency).where(messages.c.dossier == bindparam("dossier"), messages.c.agency != "").distinct()
)


def agencies_of_dossier(connection: Connection, dossier: str) -> frozenset[str]:
    """The agencies whose acts a dossier's messages tell: its receiving one, and those that have handled it."""
    return frozenset(connection.execute(_AGENCIES, {"dossier": dossier}).scalars())


def deliveries_of_dossier(connection: Connection, dossier: str) -> list[DeliveryRow]:
    """All messages of a dossier by all channels, oldest first."""
    found = connection.execute(_OF_DOSSIER, {"dossier": dossier}).mappings()
    return [DeliveryRow(**dict(row) | {"state": State(row["state"])}) for row in found]
