"""Receipts: what a provider reports later about a delivery that it has taken over.

A receipt may come twice, in any order, and before the provider's answer to the sender. So each is stored first, under the provider's own
reference, and applied as soon as the delivery with this reference is known.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Column, String, Table, Text, UniqueConstraint
from sqlalchemy.dialects import postgresql, sqlite

from services.notify.database import metadata
from shared.messaging.event import new_id
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

receipts = Table(
    "receipt",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("provider", String(40), nullable=False),
    Column("reference", String(200), nullable=False),
    Column("status", String(10), nullable=False),
    Column("at", Moment, nullable=False),  # as the provider says
    Column("reason", Text, nullable=False),
    Column("received_at", Moment, nullable=False),  # business time
    UniqueConstraint("provider", "reference", "status", name="uq_receipt_provider_reference_status"),
)

_ADD = {
    "sqlite": sqlite.insert(receipts).on_conflict_do_nothing().returning(receipts.c.id),
    "postgresql": postgresql.insert(receipts).on_conflict_do_nothing().returning(receipts.c.id),
}


class ReceiptStatus(StrEnum):
    """What a receipt reports."""

    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    FAILED = "failed"
    RETURNED = "returned"


def record_receipt(
    work: UnitOfWork, provider: str, reference: str, status: ReceiptStatus, at: datetime, reason: str = ""
) -> bool:
    """Stores a receipt; false if it is known already.

    Args:
        work: the transaction.
        provider: its name in the configuration.
        reference: the provider's own id of the delivery.
        status: what it reports.
        at: when that happened, as the provider says.
        reason: of a failure or return, without address and text.
    """
    values = {
        "id": new_id(),
        "provider": provider,
        "reference": reference,
        "status": status,
        "at": at,
        "reason": reason,
        "received_at": work.now,
    }
    return work.connection.execute(_ADD[work.connection.dialect.name], values).first() is not None
