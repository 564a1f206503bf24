"""What moved through a clerk's drawer on a business day, for the page and the printed closing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy import Connection, case, func, select

from services.intake.payments.ledger.domain import Account
from services.intake.payments.ledger.store import ledger
from services.intake.payments.receipt_numbers import RECEIPT, VOUCHER, written
from services.intake.payments.refunds.store import refunds
from services.intake.payments.store import payments
from shared.runtime.clock import VIETNAM


@dataclass(frozen=True, slots=True)
class Movement:
    """Cash that came in or went out.

    Attributes:
        paper: number of the receipt or the voucher.
        dossier: its code; empty if it is not known.
        amount: VND; below 0 for what was paid back.
        at: business time.
    """

    paper: str
    dossier: str
    amount: int
    at: datetime


def movements(connection: Connection, desk: str, clerk: str, day: date) -> list[Movement]:
    """The receipts and vouchers of a drawer's day, in order of time."""
    column = ledger.c
    mine = (column.desk == desk, column.clerk == clerk, column.day == day, column.account == str(Account.CASH))
    paid = column.kind == "payment"
    found = (
        select(
            case((paid, RECEIPT), else_=VOUCHER),
            func.coalesce(payments.c.series, refunds.c.series),
            func.coalesce(payments.c.number, refunds.c.number),
            column.dossier,
            column.amount,
            column.at,
        )
        .select_from(
            ledger.outerjoin(payments, paid & (payments.c.id == column.cause)).outerjoin(
                refunds, ~paid & (refunds.c.id == column.cause)
            )
        )
        .where(*mine, column.kind.in_(("payment", "refund_paid")))
        .order_by(column.id)
    )
    return [
        Movement(written(kind, series, number), dossier, int(amount), at)
        for kind, series, number, dossier, amount, at in connection.execute(found)
    ]


def opening(connection: Connection, desk: str, clerk: str, day: date) -> int:
    """With how much a drawer's day opened, in VND: cash that moved after the day before was closed."""
    column = ledger.c
    mine = (column.desk == desk, column.clerk == clerk, column.day == day, column.account == str(Account.CASH))
    total = select(func.coalesce(func.sum(column.amount), 0)).where(
        *mine, column.at < datetime.combine(day, time(), VIETNAM)
    )
    return int(connection.execute(total).scalar_one())
