"""What is owed, and whether a payment settles it: the filing fee, or a financial obligation (nghĩa vụ tài chính)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.intake.dossiers.domain import PAYABLE, State

DESK_METHODS = ("cash", "transfer")
"""How clerks take money; payments online are recorded when their provider reports them."""


class UnknownObligation(LookupError):
    """The dossier has no such obligation."""


class NotPayable(ValueError):
    """No payment is taken in this state of the dossier."""

    def __init__(self, state: State) -> None:
        super().__init__(f"no payment in state {state.value}")
        self.state = state


class NothingOwed(ValueError):
    """The procedure costs nothing, so there is no fee to pay."""


class AlreadyPaid(ValueError):
    """It is paid already."""

    def __init__(self, paid_at: datetime) -> None:
        super().__init__(f"paid at {paid_at.isoformat()}")
        self.paid_at = paid_at


class WrongAmount(ValueError):
    """The amount is not the amount owed; there are no part payments."""

    def __init__(self, owed: int) -> None:
        super().__init__(f"{owed} VND are owed")
        self.owed = owed


@dataclass(frozen=True, slots=True)
class Debt:
    """An amount owed: the filing fee or one obligation.

    Attributes:
        amount: VND.
        paid_at: when it was paid; None while it is owed.
    """

    amount: int
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class Obligation:
    """A row of `obligation`; the fields are the columns, in their order.

    Attributes:
        id: routing's identifier.
        dossier: its code.
        kind: ``tax`` or another kind of the contract `obligation.requested`.
        name: in words.
        amount: VND.
        agency: who requests it.
        requested_at: business time.
        paid_at: when it was paid; None while it is owed.
    """

    id: str
    dossier: str
    kind: str
    name: str
    amount: int
    agency: str
    requested_at: datetime
    paid_at: datetime | None

    @property
    def debt(self) -> Debt:
        """What is owed."""
        return Debt(self.amount, self.paid_at)


@dataclass(frozen=True, slots=True)
class Payment:
    """A row of `payment`; the fields are the columns, in their order.

    Attributes:
        id: a UUID.
        dossier: its code.
        obligation: which obligation it settles; None for the filing fee.
        amount: VND.
        method: ``cash``, ``transfer`` or ``online``.
        reference: the number of the receipt slip or transfer.
        paid_at: business time.
        received_by: the subject of the clerk's token; the provider's name for a payment online.
        desk: that the money is for.
        series, number: of its receipt (biên lai), see `receipt_numbers`.
    """

    id: str
    dossier: str
    obligation: str | None
    amount: int
    method: str
    reference: str
    paid_at: datetime
    received_by: str
    desk: str
    series: str
    number: int


@dataclass(frozen=True, slots=True)
class Owed:
    """One amount that a dossier has to pay, or has paid.

    Attributes:
        obligation: its identifier; empty for the filing fee.
        name, name_en: what it is for.
        debt: the amount, and when it was paid.
    """

    obligation: str
    name: str
    name_en: str
    debt: Debt


def check_payment(state: State, debt: Debt, amount: int) -> None:
    """Checks that a payment settles a debt.

    Args:
        state: the dossier's.
        debt: the filing fee or one obligation.
        amount: what is paid, VND.

    Raises:
        NotPayable: the dossier was refused, withdrawn or stopped.
        NothingOwed: the amount of the debt is 0.
        AlreadyPaid: it is paid already.
        WrongAmount: less or more than is owed.
    """
    if state not in PAYABLE:
        raise NotPayable(state)
    if debt.amount == 0:
        raise NothingOwed
    if debt.paid_at is not None:
        raise AlreadyPaid(debt.paid_at)
    if amount != debt.amount:
        raise WrongAmount(debt.amount)
