"""The table of payments that are paid on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Connection, Index, String, Table, cast, func, select, update

from services.intake.database import metadata
from services.intake.payments.refunds.domain import PAID, SENDING
from services.intake.payments.refunds.store import refunds
from services.intake.payments.transfers.domain import Overdue, Transfer
from shared.persistence.sql import Moment

transfers = Table(
    "fee_transfer",
    metadata,
    Column("payment", String(36), primary_key=True),
    Column("desk", String(50), nullable=False),
    Column("recipient", String(50), nullable=False),
    Column("dossier", String(60), nullable=False),
    Column("amount", BigInteger, nullable=False),  # VND
    Column("paid_at", Moment, nullable=False),
    Column("due_at", Moment),
    Column("transferred_at", Moment),
    Column("transferred_by", String(200)),
    Column("reference", String(200)),
    Column("transferred", BigInteger),  # VND
    Index("ix_fee_transfer_desk", "desk", "transferred_at"),
    Index("ix_fee_transfer_due_at", "transferred_at", "due_at"),
)
_WAITING = transfers.c.transferred_at.is_(None)


def add(connection: Connection, transfer: Transfer) -> None:
    """Adds a payment that has to be paid on."""
    connection.execute(transfers.insert(), asdict(transfer))


def waiting(
    connection: Connection, desks: Collection[str] | None, before: datetime | None, limit: int
) -> list[Transfer]:
    """Payments that wait for being paid on, the most urgent first.

    Args:
        connection: any.
        desks: codes; None for all.
        before: only those due before; None for all.
        limit: how many at most.
    """
    conditions: list[ColumnElement[bool]] = [_WAITING]
    if desks is not None:
        conditions.append(transfers.c.desk.in_(desks))
    if before is not None:
        conditions.append(transfers.c.due_at < before)
    found = select(transfers).where(*conditions).order_by(transfers.c.due_at, transfers.c.payment).limit(limit)
    return [Transfer(*row) for row in connection.execute(found)]


def done(connection: Connection, desks: Collection[str], limit: int) -> list[Transfer]:
    """Payments of some desks that were paid on, the newest first."""
    found = select(transfers).where(transfers.c.desk.in_(desks), transfers.c.transferred_at.is_not(None))
    newest = found.order_by(transfers.c.transferred_at.desc(), transfers.c.payment).limit(limit)
    return [Transfer(*row) for row in connection.execute(newest)]


def count(connection: Connection, desks: Collection[str]) -> int:
    """How many payments of some desks wait for being paid on."""
    found = select(func.count()).where(transfers.c.desk.in_(desks), _WAITING)
    return int(connection.execute(found).scalar_one())


def overdue_by_desk(connection: Connection, desks: Collection[str] | None, now: datetime) -> list[Overdue]:
    """What desks should have paid on by now; desks where nothing is overdue are left out. The longest overdue comes first.

    Args:
        connection: any.
        desks: codes; None for all.
        now: business time.
    """
    oldest = func.min(transfers.c.due_at, type_=Moment())
    mine = [_WAITING, transfers.c.due_at < now] + ([] if desks is None else [transfers.c.desk.in_(desks)])
    amount = cast(func.sum(transfers.c.amount), BigInteger)
    found = select(transfers.c.desk, func.count(), amount, oldest).where(*mine).group_by(transfers.c.desk)
    return [Overdue(*row) for row in connection.execute(found.order_by(oldest, transfers.c.desk))]


def lock_waiting(connection: Connection, payments: Collection[str], desks: Collection[str]) -> list[Transfer]:
    """Those of some payments that wait at some desks, locked until the transaction ends."""
    mine = (transfers.c.payment.in_(payments), transfers.c.desk.in_(desks), _WAITING)
    found = select(transfers).where(*mine).order_by(transfers.c.payment).with_for_update()
    return [Transfer(*row) for row in connection.execute(found)]


def change(connection: Connection, payment: str, **values: Any) -> None:
    """Changes a locked row."""
    connection.execute(update(transfers).where(transfers.c.payment == payment).values(**values))


def sent_back(connection: Connection, payment: str) -> int:
    """How much of a payment the provider has paid back, or is paying back, in VND: that is no longer there to be paid on."""
    total = select(func.coalesce(func.sum(refunds.c.amount), 0)).where(
        refunds.c.payment == payment,
        (refunds.c.state == SENDING) | ((refunds.c.state == PAID) & (refunds.c.method == "online")),
    )
    return int(connection.execute(total).scalar_one())
