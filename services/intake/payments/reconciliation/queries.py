"""Money that a provider has reported, by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, or_, select

from services.intake.payments.online.store import provider_receipts
from shared.runtime.clock import VIETNAM


def recorded(connection: Connection, provider: str, day: date, stated: Sequence[str]) -> dict[str, int]:
    """Transaction → amount of what is recorded for a day, and of what a statement names.

    Args:
        connection: any.
        provider: its name.
        day: by the provider's time of payment, in Vietnam.
        stated: transactions of the statement; one near midnight may be recorded for another day.
    """
    table, begins = provider_receipts.c, datetime.combine(day, time(), VIETNAM)
    of_day = (table.paid_at >= begins) & (table.paid_at < begins + timedelta(days=1))
    found = select(table.transaction, table.amount).where(
        table.provider == provider, or_(of_day, table.transaction.in_(stated))
    )
    return {transaction: int(amount) for transaction, amount in connection.execute(found)}
