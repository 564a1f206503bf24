"""Postings of the ledger: each moves an amount between accounts, and its lines always add up to nothing (double entry)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

MAX_AMOUNT = 10**15
"""VND."""


class Account(StrEnum):
    """Where money is, or for what. What is received is positive where it is, and negative for what it is."""

    CASH = "cash"  # in a clerk's drawer
    BANK = "bank"  # on the desk's bank account
    PROVIDER = "provider"  # at the provider of online payments, or the bank that it collects for
    TREASURY = "treasury"  # paid on: cash handed in, online fees paid to the budget
    FEES = "fees"  # collected for fees and obligations
    REFUNDABLE = "refundable"  # owed back to citizens
    CASH_DIFFERENCE = "cash_difference"  # counted more or less than recorded


METHOD_ACCOUNTS = {"cash": Account.CASH, "transfer": Account.BANK, "online": Account.PROVIDER}
"""Where the money of each method of payment arrives, and from where it is refunded."""


class Unbalanced(ValueError):
    """The lines of a posting do not add up to nothing, or move nothing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a posting.

    Attributes:
        account: which.
        amount: VND; positive: debit, negative: credit.
    """

    account: Account
    amount: int


@dataclass(frozen=True, slots=True)
class Posting:
    """A balanced change of accounts, for one cause.

    Attributes:
        kind: ``payment``, ``excess``, ``refund_decided``, ``refund_paid``, ``day_closed`` or ``budget_transfer``.
        cause: identifier of the payment, refund, closing or transfer; one posting of each kind for a cause.
        desk: the desk's code; empty for money that belongs to no known dossier.
        clerk: whose drawer it is; empty where no cash moves.
        dossier: its code; empty where it is of several or none.
        day: the business day.
        at: business time.
        lines: at least two.
    """

    kind: str
    cause: str
    desk: str
    clerk: str
    dossier: str
    day: date
    at: datetime
    lines: tuple[Line, ...]

    def __post_init__(self) -> None:
        amounts = [line.amount for line in self.lines]
        if len(amounts) < 2 or sum(amounts) != 0 or 0 in amounts:
            raise Unbalanced(f"{self.kind} {self.cause}")


def moved(amount: int, to: Account, of: Account) -> tuple[Line, Line]:
    """The two lines that move an amount.

    Args:
        amount: VND, above 0.
        to: debited.
        of: credited.
    """
    return Line(to, amount), Line(of, -amount)


def balance(lines: Iterable[Line], account: Account) -> int:
    """An account's balance in VND, debits above 0."""
    return sum(line.amount for line in lines if line.account is account)
