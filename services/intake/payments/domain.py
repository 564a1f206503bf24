"""What is owed, and whether a payment settles it: the filing fee, or a financial obligation (nghĩa vụ tài chính)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from services.intake.dossiers.domain import SUCCEEDING, State

METHODS = ("cash", "transfer", "online")


class NotPayable(ValueError):
    """The dossier is in a state in which no money may be taken."""

    def __init__(self, state: State) -> None:
        super().__init__(f"no payment in state {state.value}")
        self.state = state


class NothingOwed(ValueError):
    """The procedure costs nothing, so there is no fee to pay."""


class AlreadyPaid(ValueError):
    """It was paid before; taking it twice would be wrong."""

    def __init__(self, paid_at: datetime) -> None:
        super().__init__(f"paid at {paid_at.isoformat()}")
        self.paid_at = paid_at


class WrongAmount(ValueError):
    """The amount is not what is owed; there are no part payments."""

    def __init__(self, owed: int) -> None:
        super().__init__(f"{owed} VND are owed")
        self.owed = owed


@dataclass(frozen=True)
class Debt:
    """One thing to be paid.

    Attributes:
        amount: VND.
        paid_at: when it was; None while it is owed.
    """

    amount: int
    paid_at: datetime | None


def check_payment(state: State, debt: Debt, amount: int) -> None:
    """Makes sure that a payment settles a debt.

    Args:
        state: the dossier's.
        debt: the filing fee or one obligation.
        amount: what is paid, VND.

    Raises:
        NotPayable: the dossier was refused, withdrawn or stopped.
        NothingOwed: the amount of the debt is 0.
        AlreadyPaid: it was paid before.
        WrongAmount: less or more than is owed.
    """
    if state not in SUCCEEDING:
        raise NotPayable(state)
    if debt.amount == 0:
        raise NothingOwed
    if debt.paid_at is not None:
        raise AlreadyPaid(debt.paid_at)
    if amount != debt.amount:
        raise WrongAmount(debt.amount)
