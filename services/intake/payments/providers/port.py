"""The port of providers of online payments: what a provider does, what it says, and which errors it may raise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid.

    Attributes:
        reference: ours; the same reference is the same order, however often it is sent.
        amount: VND.
        return_url: where the citizen comes back to.
        notice_url: where the provider reports.
        expires_at: real time after which the provider takes no payment for it.
    """

    reference: str
    amount: int
    return_url: str
    notice_url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ProviderOrder:
    """An order as the provider took it.

    Attributes:
        id: the provider's.
        pay_url: the page on which the citizen pays.
    """

    id: str
    pay_url: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that a provider says it has received.

    Attributes:
        transaction: the provider's identifier, unique for each movement of money.
        reference: as the payer gave it; normally that of an order.
        amount: VND.
        paid_at: real time.
    """

    transaction: str
    reference: str
    amount: int
    paid_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """What a call-back says.

    Attributes:
        succeeded: whether money came in; else the citizen gave up or their bank refused.
        receipt: which money; with `succeeded` false only its reference counts.
    """

    succeeded: bool
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """Money that goes back to who paid it.

    Attributes:
        id: ours; the same is the same refund, however often it is sent.
        transaction: the provider's, of the payment.
        amount: VND, at most what was paid.
    """

    id: str
    transaction: str
    amount: int


@dataclass(frozen=True, slots=True)
class RefundAnswer:
    """How a refund stands with the provider.

    Attributes:
        state: ``pending``, ``succeeded`` or ``failed``; the last two are final.
        reason: why it failed; empty otherwise.
    """

    state: str
    reason: str


class ProviderError(Exception):
    """The provider gave no usable answer. A later attempt may succeed."""


class NoticeRefused(ValueError):
    """A call-back is not authentic, too old, or says nothing that can be read."""


class Provider(Protocol):
    """Takes payments online. Called with no transaction open; each call ends within bounded time."""

    @property
    def name(self) -> str:
        """Short, as in addresses and tables."""
        ...

    def create(self, order: Order) -> ProviderOrder:
        """Announces an order; the same again gives the same.

        Raises:
            ProviderError: as it says.
        """
        ...

    def receipts(self, reference: str) -> Sequence[Receipt]:
        """All money that came in for an order; normally none or one.

        Raises:
            ProviderError: as it says.
        """
        ...

    def statement(self, day: date) -> Sequence[Receipt]:
        """All money that came in on a day.

        Raises:
            ProviderError: as it says.
        """
        ...

    def refund(self, order: RefundOrder) -> RefundAnswer:
        """Pays money back, or says how that stands; the same again moves nothing twice.

        Raises:
            ProviderError: as it says.
        """
        ...

    def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Authenticates a call-back and reads it.

        Args:
            headers: of the request.
            body: as it came.
            now: real time.

        Raises:
            NoticeRefused: as it says.
        """
        ...
