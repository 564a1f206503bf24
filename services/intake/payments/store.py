"""Queries about financial obligations and payments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, exists, select, update

from services.intake.database import obligations, payments
from shared.persistence.sql import insert


def add_obligation(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Records an obligation; says whether it was new."""
    statement = insert(obligations, connection).values(**values).on_conflict_do_nothing().returning(obligations.c.id)
    return connection.execute(statement).first() is not None


def of_dossier(connection: Connection, code: str) -> Sequence[Row[Any]]:
    """A dossier's obligations in the order in which they were requested."""
    statement = select(obligations).where(obligations.c.dossier == code)
    return connection.execute(statement.order_by(obligations.c.requested_at, obligations.c.id)).all()


def owes(connection: Connection, code: str) -> bool:
    """Whether an obligation of a dossier is not paid."""
    unpaid = exists().where(obligations.c.dossier == code, obligations.c.paid_at.is_(None))
    return bool(connection.execute(select(unpaid)).scalar_one())


def pay_obligation(connection: Connection, obligation: str, at: datetime) -> bool:
    """Marks an obligation as paid if it is not; says whether it was."""
    statement = update(obligations).where(obligations.c.id == obligation, obligations.c.paid_at.is_(None))
    return connection.execute(statement.values(paid_at=at)).rowcount == 1


def add_payment(connection: Connection, values: Mapping[str, Any]) -> None:
    """Records a payment."""
    connection.execute(payments.insert(), values)


def payments_of(connection: Connection, code: str) -> Sequence[Row[Any]]:
    """A dossier's payments in order of time."""
    statement = select(payments).where(payments.c.dossier == code)
    return connection.execute(statement.order_by(payments.c.paid_at, payments.c.id)).all()
