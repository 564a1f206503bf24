"""An order: one amount to be paid online or by transfer, found again by its reference."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PREFIX, LENGTH = "MC", 12
"""A reference is ``MC`` and twelve letters and digits: 60 bits, and short enough for the text of a transfer."""

OPEN, PAID, REFUND, CLOSED = "open", "paid", "refund", "closed"
VALID = timedelta(minutes=30)
"""How long an order is offered for payment. Money that comes later counts all the same, if it is still owed."""
WATCHED = timedelta(days=3)
"""How long after that the provider is still asked for money that it did not report."""
_DELAYS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 360))


class ContradictoryReceipt(ValueError):
    """The provider said something else of this transaction before."""


@dataclass(frozen=True, slots=True)
class PaymentOrder:
    """A row of `payment_order`; the fields are the columns, in their order.

    Attributes:
        id: in the address of the citizen's page; cannot be guessed.
        reference: what provider and transfers carry.
        dossier: its code.
        obligation: what it is for; None for the filing fee.
        amount: VND.
        created_at, expires_at: real time.
        state: ``open``, ``paid``, ``refund`` (what came in is paid back) or ``closed``.
        pay_url: the provider's page for paying; empty before the provider has taken the order.
        payment: the payment that settled the debt.
        polls: how often the provider was asked.
        next_poll_at: when to ask again, real time; None for no more.
    """

    id: str
    reference: str
    dossier: str
    obligation: str | None
    amount: int
    created_at: datetime
    expires_at: datetime
    state: str
    pay_url: str
    payment: str | None
    polls: int
    next_poll_at: datetime | None


def new_reference() -> str:
    """A new reference, from the operating system's random source."""
    return PREFIX + "".join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(LENGTH))


def normalise_reference(text: str) -> str:
    """A reference as a bank gives it back: letters may be small, and words may stand around it."""
    words = "".join(char if char.isascii() and char.isalnum() else " " for char in text.upper()).split()
    return next((word for word in words if len(word) == len(PREFIX) + LENGTH and word.startswith(PREFIX)), "")


def next_poll(polls: int, expires_at: datetime, now: datetime) -> datetime | None:
    """When to ask the provider again: soon at first, then more and more rarely; None when it is long over.

    Args:
        polls: how often it was asked.
        expires_at: of the order.
        now: all in real time.
    """
    at = now + _DELAYS[min(polls, len(_DELAYS) - 1)]
    return at if now < expires_at + WATCHED else None
