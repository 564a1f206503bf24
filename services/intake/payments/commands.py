"""What the desk does with a dossier after filing: money taken, the result handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import State, may_follow, shown_state
from services.intake.payments import store as money
from services.intake.payments.domain import AlreadyPaid, Debt, check_payment
from services.intake.results.domain import check_early_return
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork


class UnknownObligation(LookupError):
    """The dossier has no such obligation."""


class NotReturnable(ValueError):
    """There is no result to hand over: not yet, or no more."""

    def __init__(self, state: State) -> None:
        super().__init__(f"no result to return in state {state.value}")
        self.state = state


@dataclass(frozen=True)
class Payment:
    """Money taken at the desk or seen on the account.

    Attributes:
        obligation: which obligation it settles; None for the filing fee.
        amount: VND.
        method: ``cash``, ``transfer`` or ``online``.
        reference: the number of the slip or of the transfer.
        clerk: the subject of the clerk's token.
    """

    obligation: str | None
    amount: int
    method: str
    reference: str
    clerk: str


@dataclass(frozen=True)
class ResultHandOver:
    """A result given out.

    Attributes:
        receiver_name: who took it, if not the applicant.
        note: anything worth keeping.
        told: whether the clerk has told the citizen that the result is there, by telephone or at the desk.
        clerk: the subject of the clerk's token.
    """

    receiver_name: str
    note: str
    told: bool
    clerk: str


def take_payment(work: UnitOfWork, row: Row[Any], payment: Payment) -> dict[str, Any]:
    """Records a payment that settles the filing fee or an obligation; when nothing is owed any more, the work goes on.

    Args:
        work: the transaction.
        row: the dossier, locked.
        payment: what was paid.

    Returns:
        the payment and the dossier's state afterwards.

    Raises:
        UnknownObligation: no such obligation.
        services.intake.payments.domain.NotPayable, .NothingOwed, .AlreadyPaid, .WrongAmount: as they say.
    """
    state = State(row.state)
    id_ = new_id()
    if payment.obligation is None:
        check_payment(state, Debt(row.fee, row.fee_paid_at), payment.amount)
        dossiers.change(work.connection, row, fee_paid_at=work.now)
    else:
        state = _settle_obligation(work, row, state, payment.obligation, payment.amount)
    money.add_payment(
        work.connection,
        {
            "id": id_,
            "dossier": row.code,
            "obligation": payment.obligation,
            "amount": payment.amount,
            "method": payment.method,
            "reference": payment.reference,
            "paid_at": work.now,
            "received_by": payment.clerk,
        },
    )
    paid = {"obligation": payment.obligation, "amount": payment.amount, "paid_at": work.now}
    work.emit("fee.paid", {"dossier": row.code, "payment": id_, **paid})
    taken = {"id": id_, "dossier": row.code, "method": payment.method, "reference": payment.reference}
    return taken | paid | shown_state(state)


def _settle_obligation(work: UnitOfWork, row: Row[Any], state: State, obligation: str, amount: int) -> State:
    known = {one.id: one for one in money.of_dossier(work.connection, row.code)}
    wanted = known.get(obligation)
    if wanted is None:
        raise UnknownObligation(obligation)
    check_payment(state, Debt(wanted.amount, wanted.paid_at), amount)
    if not money.pay_obligation(work.connection, obligation, work.now):
        raise AlreadyPaid(work.now)
    others = any(one.paid_at is None for one in known.values() if one.id != obligation)
    if state is State.OBLIGATION_REQUESTED and not others:
        dossiers.change(work.connection, row, State.PROCESSING, work.now)
        return State.PROCESSING
    return state


def return_result(work: UnitOfWork, row: Row[Any], hand_over: ResultHandOver) -> dict[str, Any]:
    """Hands the result to the citizen, or to whom he has sent.

    Args:
        work: the transaction.
        row: the dossier, locked.
        hand_over: to whom, and how.

    Returns:
        code, state and time.

    Raises:
        NotReturnable: the dossier is in any state but "resolved".
        services.intake.results.domain.EarlyReturnNotAllowed: it is before its time, and the citizen was not told.
    """
    state = State(row.state)
    if not may_follow(state, State.RETURNED):
        raise NotReturnable(state)
    kept: dict[str, Any] = {
        "returned_at": work.now,
        "receiver_name": hand_over.receiver_name or None,
        "return_note": hand_over.note or None,
        **_told_now(row, hand_over, work.now),
    }
    regulation = work.reference.regulations.get(row.regulation)
    check_early_return(regulation, row.due_at, work.now, kept.get("result_told_at", row.result_told_at))
    dossiers.change(work.connection, row, State.RETURNED, work.now, **kept)
    work.emit(
        "dossier.returned",
        {
            "dossier": row.code,
            "procedure": row.procedure,
            "field": row.field,
            "receiving_agency": row.receiving_agency,
            "returned_at": work.now,
        },
    )
    return {"code": row.code, "returned_at": work.now, **shown_state(State.RETURNED)}


def _told_now(row: Row[Any], hand_over: ResultHandOver, now: datetime) -> dict[str, Any]:
    """What is kept if the clerk has told the citizen, and no message had before."""
    if not hand_over.told or (row.result_told_at is not None and row.result_told_at <= now):
        return {}
    return {"result_told_at": now, "result_told_by": hand_over.clerk}
