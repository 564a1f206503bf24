"""The table of receipts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, String, Table, Text, UniqueConstraint, bindparam, select

from services.notify.channels.domain import ReceiptStatus
from services.notify.database import metadata
from shared.messaging.event import new_id
from shared.persistence.sql import Moment, Upsert, WithList

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

_ADD = Upsert(receipts, lambda row: row.on_conflict_do_nothing().returning(receipts.c.id))


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a provider reports about a delivery.

    Attributes:
        provider: its name in the configuration.
        reference: the provider's own id of the delivery.
        status: what it reports.
        at: when that happened, as the provider says.
        reason: of a failure or return.
        received_at: business time.
    """

    provider: str
    reference: str
    status: ReceiptStatus
    at: datetime
    reason: str
    received_at: datetime


_OF_REFERENCES = WithList(
    lambda among: (
        select(*(receipts.c[name] for name in Receipt.__slots__))
        .where(receipts.c.provider == bindparam("provider"), among(receipts.c.reference, "references"))
        .order_by(receipts.c.at, receipts.c.id)
    )
)


def add_receipt(connection: Connection, receipt: Receipt) -> bool:
    """Writes a receipt; false if it is known already."""
    values = {name: getattr(receipt, name) for name in Receipt.__slots__}
    return connection.execute(_ADD.on(connection), values | {"id": new_id()}).first() is not None


def receipts_of(connection: Connection, provider: str, references: Collection[str]) -> Mapping[str, list[Receipt]]:
    """The receipts of a provider's references, by reference, oldest first."""
    found: dict[str, list[Receipt]] = defaultdict(list)
    of = {"provider": provider, "references": list(references)}
    for row in connection.execute(_OF_REFERENCES.on(connection), of):
        receipt = Receipt(row[0], row[1], ReceiptStatus(row[2]), *row[3:])
        found[receipt.reference].append(receipt)
    return found
