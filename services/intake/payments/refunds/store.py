"""The table of refunds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, String, Table, Text, func, or_, select, update

from services.intake.database import metadata
from services.intake.payments.refunds.domain import APPROVED, OPEN, PAID, REJECTED, SENDING, Refund
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment

refunds = Table(
    "refund",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("dossier", String(60), nullable=False),
    Column("desk", String(50), nullable=False),
    Column("payment", String(36)),
    Column("obligation", String(100)),
    Column("amount", BigInteger, nullable=False),  # VND
    Column("cause", String(20), nullable=False),
    Column("reason", PersonalText("refund.reason", row="id"), nullable=False),
    Column("state", String(10), nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("requested_by", String(200), nullable=False),
    Column("decided_at", Moment),
    Column("decided_by", String(200)),
    Column("decision", PersonalText("refund.decision", row="id")),
    Column("paid_at", Moment),
    Column("paid_by", String(200)),
    Column("method", String(10)),
    Column("reference", PersonalText("refund.reference", row="id")),
    Column("series", String(20)),
    Column("number", Integer),
    Column("handed_to", String(20)),
    Column("transaction", String(100)),
    Column("sendings", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt_at", Moment),
    Column("failure", Text, nullable=False),
    Index("ix_refund_dossier", "dossier"),
    Index("ix_refund_state", "state", "desk"),
    Index("ix_refund_next_attempt_at", "next_attempt_at"),
)


def add(connection: Connection, refund: Refund) -> None:
    """Adds a refund."""
    connection.execute(refunds.insert(), personal_values(refunds, asdict(refund)))


def find(connection: Connection, identifier: str) -> Refund | None:
    """A refund; None when there is none."""
    row = connection.execute(select(refunds).where(refunds.c.id == identifier)).first()
    return None if row is None else Refund(*row)


def lock(connection: Connection, identifier: str) -> Refund | None:
    """A refund, locked until the transaction ends; None when there is none."""
    row = connection.execute(select(refunds).where(refunds.c.id == identifier).with_for_update()).first()
    return None if row is None else Refund(*row)


def change(connection: Connection, identifier: str, **values: Any) -> None:
    """Changes a locked refund."""
    statement = update(refunds).where(refunds.c.id == identifier)
    connection.execute(statement.values(personal_values(refunds, values, identifier)))


def of_dossier(connection: Connection, dossier: str) -> list[Refund]:
    """A dossier's refunds in order of time."""
    found = select(refunds).where(refunds.c.dossier == dossier).order_by(refunds.c.requested_at, refunds.c.id)
    return [Refund(*row) for row in connection.execute(found)]


def to_send(connection: Connection, now: datetime, limit: int) -> list[Refund]:
    """The refunds about which the provider should be asked now (real time), the longest due first."""
    found = select(refunds).where(refunds.c.next_attempt_at <= now).order_by(refunds.c.next_attempt_at).limit(limit)
    return [Refund(*row) for row in connection.execute(found)]


def paid(connection: Connection, desks: Collection[str], limit: int) -> list[Refund]:
    """Refunds of some desks that were paid, the newest first."""
    found = select(refunds).where(refunds.c.state == PAID, refunds.c.desk.in_(desks))
    return [Refund(*row) for row in connection.execute(found.order_by(refunds.c.paid_at.desc()).limit(limit))]


def waiting(connection: Connection, desks: Collection[str], limit: int) -> list[Refund]:
    """Refunds of some desks, and of none, that wait for a decision or for being paid; the oldest first."""
    states = refunds.c.state.in_((OPEN, APPROVED, SENDING))
    found = select(refunds).where(states, or_(refunds.c.desk.in_(desks), refunds.c.desk == ""))
    return [
        Refund(*row) for row in connection.execute(found.order_by(refunds.c.requested_at, refunds.c.id).limit(limit))
    ]


def refunded(connection: Connection, payment: str) -> int:
    """How much of a payment is refunded, or asked for and not refused, in VND."""
    total = select(func.coalesce(func.sum(refunds.c.amount), 0))
    return int(connection.execute(total.where(refunds.c.payment == payment, refunds.c.state != REJECTED)).scalar_one())
