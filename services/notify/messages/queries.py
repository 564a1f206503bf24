"""What staff may read about messages."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from services.notify.messages.store import messages


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message of a dossier; its secrets are masked, its phone number is not."""

    id: str
    kind: str
    channel: str
    state: str
    phone: str | None
    text: str
    attempts: int
    reason: str
    created_at: datetime
    finished_at: datetime | None


_OF_DOSSIER = (
    select(*(messages.c[field.name] for field in fields(MessageRow)))
    .where(messages.c.dossier == bindparam("dossier"))
    .order_by(messages.c.created_at, messages.c.id)
)


_AGENCIES = (
    select(messages.c.agency).where(messages.c.dossier == bindparam("dossier"), messages.c.agency != "").distinct()
)


def agencies_of_dossier(connection: Connection, dossier: str) -> frozenset[str]:
    """The agencies whose acts a dossier's messages tell: its receiving one, and those that have handled it."""
    return frozenset(connection.execute(_AGENCIES, {"dossier": dossier}).scalars())


def messages_of_dossier(connection: Connection, dossier: str) -> list[MessageRow]:
    """All messages of a dossier, oldest first."""
    return [MessageRow(*row) for row in connection.execute(_OF_DOSSIER, {"dossier": dossier})]
