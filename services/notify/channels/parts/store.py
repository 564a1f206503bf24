"""The table of parts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, Index, Integer, String, Table, Text, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.notify.channels.domain import ReceiptStatus
from services.notify.channels.receipt_store import receipts
from services.notify.database import metadata
from shared.persistence.sql import Moment

parts = Table(
    "delivery_part",
    metadata,
    Column("provider", String(40), primary_key=True),
    Column("reference", String(200), primary_key=True),  # of the part
    Column("whole", String(200), nullable=False),  # reference of the delivery
    Column("number", Integer, nullable=False),
    Column("status", String(10)),  # what its receipts say; None: none came
    Column("at", Moment),  # when that happened
    Column("reason", Text, nullable=False),
    Column("sent_at", Moment, nullable=False),  # real time
    Index("ix_delivery_part_whole", "provider", "whole"),
)

_ADD = {
    "sqlite": sqlite.insert(parts).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(parts).on_conflict_do_nothing(),
}
_FINAL = (ReceiptStatus.DELIVERED, ReceiptStatus.FAILED, ReceiptStatus.RETURNED)


def add_parts(connection: Connection, provider: str, wholes: Mapping[str, Sequence[str]], at: datetime) -> None:
    """Writes the parts of deliveries.

    Args:
        connection: inside a transaction.
        provider: its name.
        wholes: reference of a delivery → references of its parts.
        at: real time.
    """
    rows = [
        {"provider": provider, "reference": reference, "whole": whole, "number": number, "reason": "", "sent_at": at}
        for whole, references in wholes.items()
        for number, reference in enumerate(references, 1)
    ]
    connection.execute(_ADD[connection.dialect.name], rows)


def wholes_of(connection: Connection, provider: str, references: Collection[str]) -> dict[str, str]:
    """Reference of a part → reference of its delivery; only those that are parts."""
    found = select(parts.c.reference, parts.c.whole).where(
        parts.c.provider == provider, parts.c.reference.in_(references)
    )
    return {row.reference: row.whole for row in connection.execute(found)}


_MARK = (
    update(parts)
    .where(
        parts.c.provider == bindparam("of_provider"),
        parts.c.reference == bindparam("of_reference"),
        parts.c.status.is_(None) | (parts.c.status == ReceiptStatus.FAILED),
    )
    .values(status=bindparam("is_status"), at=bindparam("is_at"), reason=bindparam("is_reason"))
)


def mark_part(
    connection: Connection, provider: str, reference: str, status: ReceiptStatus, at: datetime, reason: str
) -> None:
    """Notes what a receipt says of a part; only a late delivery replaces an earlier end."""
    connection.execute(
        _MARK,
        {
            "of_provider": provider,
            "of_reference": reference,
            "is_status": status,
            "is_at": at,
            "is_reason": reason,
        },
    )


def parts_of(
    connection: Connection, provider: str, wholes: Collection[str]
) -> dict[str, list[tuple[ReceiptStatus | None, datetime | None, str]]]:
    """Reference of a delivery → status, time and reason of each of its parts. The rows are locked, so that two receipts of one
    delivery do not overlook each other."""
    found: dict[str, list[tuple[ReceiptStatus | None, datetime | None, str]]] = {}
    rows = (
        select(parts.c.whole, parts.c.status, parts.c.at, parts.c.reason)
        .where(parts.c.provider == provider, parts.c.whole.in_(wholes))
        .order_by(parts.c.whole, parts.c.number)
        .with_for_update()
    )
    for row in connection.execute(rows):
        found.setdefault(row.whole, []).append((row.status and ReceiptStatus(row.status), row.at, row.reason))
    return found


def unmarked(
    connection: Connection, since: datetime, limit: int
) -> list[tuple[str, str, ReceiptStatus, datetime, str]]:
    """Receipts of parts that are not noted at these yet: they came before the parts were known.

    Args:
        connection: a transaction.
        since: real time; parts sent before are left.
        limit: the most receipts.
    """
    own = (parts.c.provider == receipts.c.provider) & (parts.c.reference == receipts.c.reference)
    rows = (
        select(receipts.c.provider, receipts.c.reference, receipts.c.status, receipts.c.at, receipts.c.reason)
        .join(parts, own)
        .where(parts.c.status.is_(None), parts.c.sent_at >= since, receipts.c.status.in_(_FINAL))
        .limit(limit)
    )
    return [(row[0], row[1], ReceiptStatus(row[2]), row[3], row[4]) for row in connection.execute(rows)]
