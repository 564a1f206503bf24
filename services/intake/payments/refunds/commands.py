"""Asking for a refund, deciding it, and paying it out. Each is done once, and each is a posting of the ledger."""

from __future__ import annotations

from typing import Any

from services.intake.dossiers.domain import Dossier
from services.intake.payments import store as payments
from services.intake.payments.closing.store import lock_open_day
from services.intake.payments.ledger.domain import METHOD_ACCOUNTS, Account, Posting, moved
from services.intake.payments.ledger.store import post
from services.intake.payments.receipt_numbers import VOUCHER, next_number
from services.intake.payments.refunds import store
from services.intake.payments.refunds.domain import (
    APPROVED,
    OPEN,
    PAID,
    REJECTED,
    NotRefundable,
    OwnRequest,
    Refund,
    RefundMovedOn,
    UnknownRefund,
)
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM


def request_refund(
    work: UnitOfWork, dossier: Dossier, payment: str, amount: int, reason: str, clerk: str
) -> dict[str, Any]:
    """Asks for the refund of a payment, in whole or in part; a leader decides.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        payment: the payment's identifier.
        amount: VND.
        reason: in words.
        clerk: the subject of the clerk's token.

    Raises:
        UnknownRefund: the dossier has no such payment.
        NotRefundable: more than what is left of the payment.
    """
    paid = payments.payment(work.connection, dossier.code, payment)
    if paid is None:
        raise UnknownRefund(payment)
    left = paid.amount - store.refunded(work.connection, payment)
    if not 0 < amount <= left:
        raise NotRefundable(left)
    refund = Refund(
        id=new_id(),
        dossier=dossier.code,
        desk=dossier.receiving_agency,
        payment=payment,
        obligation=paid.obligation,
        amount=amount,
        cause="requested",
        reason=reason,
        state=OPEN,
        requested_at=work.now,
        requested_by=clerk,
        decided_at=None,
        decided_by=None,
        decision=None,
        paid_at=None,
        paid_by=None,
        method=None,
        reference=None,
        series=None,
        number=None,
    )
    store.add(work.connection, refund)
    return {"id": refund.id}


def decide_refund(work: UnitOfWork, refund: Refund, approve: bool, reason: str, leader: str) -> None:
    """A leader's decision. Money that settles nothing is not ours, so its refund cannot be refused.

    Args:
        work: the transaction that has locked the refund.
        refund: as read.
        approve: whether it is paid out.
        reason: in words; needed to refuse.
        leader: the subject of the leader's token.

    Raises:
        RefundMovedOn: it was decided before, or is refused although the money is not ours.
        OwnRequest: the leader has asked for it.
    """
    if refund.state != OPEN or (refund.payment is None and not approve):
        raise RefundMovedOn(refund.state)
    if refund.requested_by == leader:
        raise OwnRequest
    state = APPROVED if approve else REJECTED
    values = {"decided_at": work.now, "decided_by": leader, "decision": reason}
    store.change(work.connection, refund.id, state=state, **values)
    if approve and refund.payment is not None:
        _post(work, refund, "refund_decided", "", Account.FEES, Account.REFUNDABLE, refund.desk)


def pay_out(work: UnitOfWork, refund: Refund, method: str, reference: str, clerk: str, desk: str) -> dict[str, Any]:
    """Records that an approved refund was paid out, with a voucher (phiếu chi).

    Args:
        work: the transaction that has locked the refund.
        refund: as read.
        method: ``cash`` or ``transfer``.
        reference: of the transfer.
        clerk: the subject of the token of who paid it.
        desk: from which desk's money.

    Returns:
        the voucher's series and number.

    Raises:
        RefundMovedOn: it is not approved, or was paid out before.
        services.intake.payments.closing.domain.DayClosed: cash, and the clerk has closed the day.
    """
    if refund.state != APPROVED:
        raise RefundMovedOn(refund.state)
    day = work.now.astimezone(VIETNAM).date()
    if method == "cash":
        lock_open_day(work.connection, desk, clerk, day)
    number = next_number(work, VOUCHER, desk)
    values = {"paid_at": work.now, "paid_by": clerk, "method": method, "reference": reference}
    store.change(
        work.connection, refund.id, state=PAID, desk=desk, series=number.series, number=number.number, **values
    )
    _post(
        work,
        refund,
        "refund_paid",
        clerk if method == "cash" else "",
        Account.REFUNDABLE,
        METHOD_ACCOUNTS[method],
        desk,
    )
    if refund.dossier:
        announced = {name: getattr(refund, name) for name in ("dossier", "payment", "obligation", "amount")}
        work.emit("fee.refunded", {**announced, "refund": refund.id, "refunded_at": work.now})
    return {"series": number.series, "number": number.number}


def _post(work: UnitOfWork, refund: Refund, kind: str, clerk: str, to: Account, of: Account, desk: str) -> None:
    day, lines = work.now.astimezone(VIETNAM).date(), moved(refund.amount, to, of)
    post(work.connection, Posting(kind, refund.id, desk, clerk, refund.dossier, day, work.now, lines))
