"""The tables of financial obligations and payments."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    exists,
    select,
    update,
)

from services.intake.database import metadata
from services.intake.payments.domain import Obligation, Payment
from shared.messaging.records import add_once
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment

obligations = Table(
    "obligation",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("dossier", String(60), nullable=False, index=True),
    Column("kind", String(20), nullable=False),
    Column("name", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),  # VND
    Column("agency", String(50), nullable=False),
    Column("requested_at", Moment, nullable=False),
    Column("paid_at", Moment),
)

payments = Table(
    "payment",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("dossier", String(60), nullable=False, index=True),
    Column("obligation", String(100)),  # NULL: the filing fee
    Column("amount", BigInteger, nullable=False),  # VND
    Column("method", String(10), nullable=False),
    Column("reference", PersonalText("payment.reference", row="id"), nullable=False),
    Column("paid_at", Moment, nullable=False),
    Column("received_by", String(200), nullable=False),
    Column("desk", String(50), nullable=False),
    Column("series", String(20), nullable=False),
    Column("number", Integer, nullable=False),
    UniqueConstraint("desk", "series", "number", name="uq_payment_number"),
)

_OBLIGATIONS = (
    select(obligations)
    .where(obligations.c.dossier == bindparam("of_code"))
    .order_by(obligations.c.requested_at, obligations.c.id)
)
_HAS_UNPAID = select(exists().where(obligations.c.dossier == bindparam("of_code"), obligations.c.paid_at.is_(None)))
_PAYMENTS = (
    select(payments).where(payments.c.dossier == bindparam("of_code")).order_by(payments.c.paid_at, payments.c.id)
)
_ADD_PAYMENT = payments.insert()


def add_obligation(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Records an obligation; returns whether it is new.

    Raises:
        shared.messaging.errors.Conflict: another obligation of this id is known.
    """
    return add_once(connection, obligations, values)


def obligations_of(connection: Connection, dossier: str) -> list[Obligation]:
    """A dossier's obligations in the order in which they were requested."""
    return [Obligation(*row) for row in connection.execute(_OBLIGATIONS, {"of_code": dossier})]


def has_unpaid_obligation(connection: Connection, dossier: str) -> bool:
    """Whether an obligation of a dossier is unpaid."""
    return bool(connection.execute(_HAS_UNPAID, {"of_code": dossier}).scalar_one())


def mark_obligation_paid(connection: Connection, obligation: str, at: datetime) -> bool:
    """Marks an obligation as paid; returns whether it was unpaid."""
    statement = update(obligations).where(obligations.c.id == obligation, obligations.c.paid_at.is_(None))
    return connection.execute(statement.values(paid_at=at)).rowcount == 1


def add_payment(connection: Connection, payment: Payment) -> None:
    """Records a payment."""
    values = {name: getattr(payment, name) for name in Payment.__slots__}
    connection.execute(_ADD_PAYMENT, personal_values(payments, values))


def payments_of(connection: Connection, dossier: str) -> list[Payment]:
    """A dossier's payments in order of time."""
    return [Payment(*row) for row in connection.execute(_PAYMENTS, {"of_code": dossier})]


def payment(connection: Connection, dossier: str, identifier: str) -> Payment | None:
    """One payment of a dossier; None when there is none of this identifier."""
    return next((one for one in payments_of(connection, dossier) if one.id == identifier), None)
