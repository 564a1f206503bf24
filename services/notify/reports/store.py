"""The table of recipients of reports. Their addresses are contacts, as those of everybody who gets messages."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Connection, Index, String, Table, select, update

from services.notify.contacts.store import contacts
from services.notify.database import metadata
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

recipients = Table(
    "report_recipient",
    metadata,
    Column("id", String(36), primary_key=True),  # random; the contact of the address has the same
    Column("agency", String(100), nullable=False),
    Column("secret", PersonalText("report_recipient.secret", row="id"), nullable=False),  # of the link that ends it
    Column("added_by", String(100), nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("removed_at", Moment),
    Index("ix_report_recipient_agency", "agency", "removed_at"),
)
_C = recipients.c


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets e-mails about the reports of an agency.

    Attributes:
        id: of the recipient, and of the contact.
        agency: whose reports.
        secret: of the link by which they stop them.
        added_by: subject of who entered them, or the user of the command line.
        added_at: business time.
        removed_at: business time; None while they get e-mails.
    """

    id: str
    agency: str
    secret: str
    added_by: str
    added_at: datetime
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A recipient with what is kept of their address."""

    recipient: Recipient
    email: str
    language: str


_COLUMNS = [_C[field.name] for field in fields(Recipient)]


def add(work: UnitOfWork, recipient: Recipient) -> None:
    """Writes a new recipient."""
    values = {field.name: getattr(recipient, field.name) for field in fields(Recipient)}
    work.execute(recipients.insert().values(**personal_values(recipients, values)))


def find(connection: Connection, id_: str) -> Recipient | None:
    """A recipient, also one who was removed; None when there is none."""
    row = connection.execute(select(*_COLUMNS).where(_C.id == id_)).first()
    return Recipient(*row) if row else None


def listed(connection: Connection, agencies: Collection[str] | None, limit: int) -> list[Listed]:
    """Who gets e-mails now, with their addresses, by agency.

    Args:
        connection: reads.
        agencies: about the reports of these; None for all.
        limit: the most.
    """
    joined = recipients.join(contacts, contacts.c.dossier == _C.id)
    known = select(*_COLUMNS, contacts.c.email, contacts.c.language).select_from(joined).where(_C.removed_at.is_(None))
    known = known if agencies is None else known.where(_C.agency.in_(sorted(agencies)))
    rows = connection.execute(known.order_by(_C.agency, _C.added_at, _C.id).limit(limit))
    return [Listed(Recipient(*row[: len(_COLUMNS)]), row[-2], row[-1]) for row in rows]


def remove(connection: Connection, id_: str, at: datetime) -> bool:
    """Ends e-mails to a recipient; returns whether they got any until now."""
    statement = update(recipients).where(_C.id == id_, _C.removed_at.is_(None))
    return connection.execute(statement.values(removed_at=at)).rowcount == 1


def by_token(connection: Connection, token: str) -> Recipient | None:
    """The recipient who holds the link with this token; None for any other token."""
    id_, _, secret = token.partition(".")
    try:
        found = find(connection, str(UUID(id_)))
    except ValueError:
        return None
    right = found is not None and hmac.compare_digest(found.secret.encode(), secret.encode())
    return found if right else None


def token_of(recipient: Recipient) -> str:
    """What the link holds by which a recipient stops the e-mails."""
    return f"{recipient.id}.{recipient.secret}"
