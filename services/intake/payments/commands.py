"""Taking a payment at the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier, State, state_fields
from services.intake.payments import store
from services.intake.payments.closing.store import lock_drawer
from services.intake.payments.domain import AlreadyPaid, Debt, Owed, Payment, UnknownObligation, check_payment
from services.intake.payments.ledger.domain import METHOD_ACCOUNTS, Account, Posting, moved
from services.intake.payments.ledger.store import post
from services.intake.payments.receipt_numbers import RECEIPT, next_number
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM


@dataclass(frozen=True, slots=True)
class NewPayment:
    """A payment taken in cash at the desk, or seen on the account.

    Attributes:
        obligation: which obligation it settles; None for the filing fee.
        amount: VND.
        method: ``cash``, ``transfer`` or ``online``.
        reference: the number of the receipt slip or transfer.
        clerk: the subject of the clerk's token; the provider's name for a payment online.
    """

    obligation: str | None
    amount: int
    method: str
    reference: str
    clerk: str


def take_payment(work: UnitOfWork, dossier: Dossier, new: NewPayment) -> dict[str, Any]:
    """Records a payment for the filing fee or an obligation. After the last unpaid obligation, processing goes on.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        new: what was paid.

    Returns:
        the payment and the dossier's state afterwards.

    Raises:
        services.intake.payments.domain.UnknownObligation: no such obligation.
        services.intake.payments.domain.NotPayable, .NothingOwed, .AlreadyPaid, .WrongAmount: as they say.
    """
    state = dossier.state
    if new.obligation is None:
        check_payment(state, Debt(dossier.fee, dossier.fee_paid_at), new.amount)
        dossiers.change(work, dossier, fee_paid_at=work.now)
    else:
        state = _settle_obligation(work, dossier, new.obligation, new.amount)
    number = next_number(work, RECEIPT, dossier.receiving_agency)
    day = work.now.astimezone(VIETNAM).date()
    if new.method == "cash":
        day = lock_drawer(work.connection, dossier.receiving_agency, new.clerk, day)
    payment = Payment(
        id=new_id(),
        dossier=dossier.code,
        obligation=new.obligation,
        amount=new.amount,
        method=new.method,
        reference=new.reference,
        paid_at=work.now,
        received_by=new.clerk,
        desk=dossier.receiving_agency,
        series=number.series,
        number=number.number,
    )
    store.add_payment(work.connection, payment)
    post(work.connection, _posting(payment, day))
    paid = {"obligation": payment.obligation, "amount": payment.amount, "paid_at": payment.paid_at}
    online = {"online": True} if payment.method == "online" else {}
    work.emit("fee.paid", {"dossier": dossier.code, "payment": payment.id, **paid, **online})
    answer: dict[str, Any] = {
        "id": payment.id,
        "dossier": dossier.code,
        "method": payment.method,
        "reference": payment.reference,
    }
    answer |= {"series": payment.series, "number": payment.number}
    return answer | paid | state_fields(state)


def owed_of(connection: Connection, dossier: Dossier) -> list[Owed]:
    """What a dossier has to pay or has paid: the filing fee if there is one, then the obligations."""
    fee = Owed("", "Phí, lệ phí", "Fees and charges", Debt(dossier.fee, dossier.fee_paid_at))
    obligations = store.obligations_of(connection, dossier.code)
    return ([fee] if dossier.fee else []) + [Owed(one.id, one.name, one.name, one.debt) for one in obligations]


def _posting(payment: Payment, day: date) -> Posting:
    """The money is where it was paid, for fees; `day` is that of the books."""
    account = METHOD_ACCOUNTS[payment.method]
    return Posting(
        kind="payment",
        cause=payment.id,
        desk=payment.desk,
        clerk=payment.received_by if payment.method == "cash" else "",
        dossier=payment.dossier,
        day=day,
        at=payment.paid_at,
        lines=moved(payment.amount, account, Account.FEES),
    )


def _settle_obligation(work: UnitOfWork, dossier: Dossier, obligation: str, amount: int) -> State:
    """Marks an obligation as paid; returns the dossier's state afterwards."""
    known = {one.id: one for one in store.obligations_of(work.connection, dossier.code)}
    paid = known.get(obligation)
    if paid is None:
        raise UnknownObligation(obligation)
    check_payment(dossier.state, paid.debt, amount)
    if not store.mark_obligation_paid(work.connection, obligation, work.now):
        raise AlreadyPaid(work.now)
    others_unpaid = any(one.paid_at is None for one in known.values() if one.id != obligation)
    if dossier.state is State.OBLIGATION_REQUESTED and not others_unpaid:
        dossiers.change(work, dossier, State.PROCESSING, work.now)
        return State.PROCESSING
    return dossier.state
