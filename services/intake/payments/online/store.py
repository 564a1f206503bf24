"""The tables of orders, and of the money that providers have reported."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, String, Table, select, update

from services.intake.database import metadata
from services.intake.payments.online.domain import OPEN, PaymentOrder
from services.intake.payments.providers.port import Receipt
from shared.persistence.sql import Moment, insert

orders = Table(
    "payment_order",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("reference", String(20), nullable=False, unique=True),
    Column("dossier", String(60), nullable=False),
    Column("obligation", String(100)),  # NULL: the filing fee
    Column("amount", BigInteger, nullable=False),  # VND
    Column("created_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("state", String(10), nullable=False),
    Column("pay_url", String(2000), nullable=False),
    Column("payment", String(36)),
    Column("polls", Integer, nullable=False),
    Column("next_poll_at", Moment),
    Index("ix_payment_order_dossier", "dossier"),
    Index("ix_payment_order_next_poll_at", "next_poll_at"),
)

provider_receipts = Table(
    "provider_receipt",  # every movement of money that a provider has reported, once
    metadata,
    Column("provider", String(20), primary_key=True),
    Column("transaction", String(100), primary_key=True),
    Column("reference", String(100), nullable=False),
    Column("amount", BigInteger, nullable=False),  # VND
    Column("paid_at", Moment, nullable=False),  # as the provider says, real time
    Column("recorded_at", Moment, nullable=False),  # real time
    Column("outcome", String(10), nullable=False),  # paid, matched, refund
    Column("dossier", String(60), nullable=False),
    Column("payment", String(36)),
    Column("refund", String(36)),
    Index("ix_provider_receipt_paid_at", "provider", "paid_at"),
    Index("ix_provider_receipt_payment", "payment"),
)


def add_order(connection: Connection, order: PaymentOrder) -> None:
    """Adds an order."""
    connection.execute(orders.insert(), asdict(order))


def order(connection: Connection, **of: Any) -> PaymentOrder | None:
    """The order of an `id` or a `reference`; None when there is none."""
    conditions = [orders.c[name] == value for name, value in of.items()]
    row = connection.execute(select(orders).where(*conditions)).first()
    return None if row is None else PaymentOrder(*row)


def orders_of(connection: Connection, dossier: str) -> list[PaymentOrder]:
    """A dossier's orders in order of time."""
    found = select(orders).where(orders.c.dossier == dossier).order_by(orders.c.created_at, orders.c.id)
    return [PaymentOrder(*row) for row in connection.execute(found)]


def change_order(connection: Connection, identifier: str, **values: Any) -> None:
    """Changes an order of a locked dossier."""
    connection.execute(update(orders).where(orders.c.id == identifier).values(**values))


def to_poll(connection: Connection, now: datetime, limit: int) -> list[PaymentOrder]:
    """The orders of which the provider should be asked now (real time), the longest due first."""
    found = select(orders).where(orders.c.next_poll_at <= now).order_by(orders.c.next_poll_at).limit(limit)
    return [PaymentOrder(*row) for row in connection.execute(found)]


def open_order(connection: Connection, dossier: str, obligation: str | None, now: datetime) -> PaymentOrder | None:
    """An order for a debt that is still offered; None when there is none."""
    return next(
        (
            one
            for one in orders_of(connection, dossier)
            if one.obligation == obligation and one.state == OPEN and one.expires_at > now
        ),
        None,
    )


def add_receipt(connection: Connection, provider: str, receipt: Receipt, dossier: str, now: datetime) -> bool:
    """Records reported money; returns whether it is new. Waits for another transaction that records the same."""
    row = {**asdict(receipt), "provider": provider, "recorded_at": now, "outcome": "", "dossier": dossier}
    statement = insert(provider_receipts, connection).values(**row)
    statement = statement.on_conflict_do_nothing().returning(provider_receipts.c.transaction)
    return connection.execute(statement).first() is not None


def receipt(connection: Connection, provider: str, transaction: str) -> Any:
    """The row of reported money; None when there is none."""
    table = provider_receipts.c
    return connection.execute(
        select(provider_receipts).where(table.provider == provider, table.transaction == transaction)
    ).first()


def change_receipt(connection: Connection, provider: str, transaction: str, **values: Any) -> None:
    """Says what became of reported money."""
    table = provider_receipts.c
    statement = update(provider_receipts).where(table.provider == provider, table.transaction == transaction)
    connection.execute(statement.values(**values))


def transaction_of(connection: Connection, provider: str, refund: str, payment: str | None) -> str | None:
    """The provider's transaction whose money a refund gives back; None where the provider does not hold it.

    Args:
        connection: any.
        provider: its name.
        refund: for money that settled nothing.
        payment: for money that settled a debt.
    """
    table = provider_receipts.c
    mine = (table.payment == payment) & (table.outcome == "paid") if payment else table.refund == refund
    found = connection.execute(select(table.transaction).where(table.provider == provider, mine)).first()
    return None if found is None else str(found[0])


def is_matched(connection: Connection, payment: str) -> bool:
    """Whether reported money belongs to a payment."""
    found = select(provider_receipts.c.transaction).where(provider_receipts.c.payment == payment)
    return connection.execute(found).first() is not None
