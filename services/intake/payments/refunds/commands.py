"""Asking for a refund, deciding it, and paying it out. Each is done once, and each is a posting of the ledger."""

from __future__ import annotations

import logging
from typing import Any

from services.intake.dossiers.domain import Dossier
from services.intake.payments import store as payments
from services.intake.payments.closing.store import lock_drawer
from services.intake.payments.ledger.domain import METHOD_ACCOUNTS, Account, Posting, moved
from services.intake.payments.ledger.store import post
from services.intake.payments.online.store import transaction_of
from services.intake.payments.providers.port import Provider, ProviderError, RefundAnswer, RefundOrder
from services.intake.payments.receipt_numbers import VOUCHER, next_number
from services.intake.payments.refunds import store
from services.intake.payments.refunds.domain import (
    APPROVED,
    OPEN,
    PAID,
    REJECTED,
    SENDING,
    NotRefundable,
    OwnRequest,
    Refund,
    RefundMovedOn,
    UnknownRefund,
    next_attempt,
)
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context

log = logging.getLogger(__name__)
BATCH = 20


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
    )
    store.add(work.connection, refund)
    return {"id": refund.id}


def decide_refund(
    work: UnitOfWork, refund: Refund, approve: bool, reason: str, leader: str, provider: str = ""
) -> None:
    """A leader's decision. Money that settles nothing is not ours, so its refund cannot be refused.

    Args:
        work: the transaction that has locked the refund.
        refund: as read.
        approve: whether it is paid out.
        reason: in words; needed to refuse.
        leader: the subject of the leader's token.
        provider: the name of the provider of online payments, which pays back what it has received; empty for none.

    Raises:
        RefundMovedOn: it was decided before, or is refused although the money is not ours.
        OwnRequest: the leader has asked for it.
    """
    if refund.state != OPEN or (refund.payment is None and not approve):
        raise RefundMovedOn(refund.state)
    if refund.requested_by == leader:
        raise OwnRequest
    state = APPROVED if approve else REJECTED
    values: dict[str, Any] = {"decided_at": work.now, "decided_by": leader, "decision": reason}
    transaction = transaction_of(work.connection, provider, refund.id, refund.payment) if approve and provider else None
    if transaction is not None:
        state = SENDING
        values |= {"transaction": transaction, "sendings": 1, "next_attempt_at": work.clock.wall()}
    store.change(work.connection, refund.id, state=state, **values)
    if approve and refund.payment is not None:
        day, lines = work.now.astimezone(VIETNAM).date(), moved(refund.amount, Account.FEES, Account.REFUNDABLE)
        post(
            work.connection, Posting("refund_decided", refund.id, refund.desk, "", refund.dossier, day, work.now, lines)
        )


def send_again(work: UnitOfWork, refund: Refund) -> None:
    """Tells the provider once more to pay back what it could not.

    Args:
        work: the transaction that has locked the refund.
        refund: as read.

    Raises:
        RefundMovedOn: it does not wait for being paid out, or the provider does not hold the money.
    """
    if refund.state != APPROVED or refund.transaction is None:
        raise RefundMovedOn(refund.state)
    again = {"sendings": refund.sendings + 1, "attempts": 0, "next_attempt_at": work.clock.wall(), "failure": ""}
    store.change(work.connection, refund.id, state=SENDING, **again)


def pay_out(
    work: UnitOfWork,
    refund: Refund,
    method: str,
    reference: str,
    clerk: str,
    desk: str,
    handed_to: str | None = None,
) -> dict[str, Any]:
    """Records that an approved refund was paid out by the desk, with a voucher (phiếu chi).

    Args:
        work: the transaction that has locked the refund.
        refund: as read.
        method: ``cash`` or ``transfer``.
        reference: of the transfer.
        clerk: the subject of the token of who paid it.
        desk: from which desk's money.
        handed_to: who signed for cash.

    Returns:
        the voucher's series and number.

    Raises:
        RefundMovedOn: it is not approved, or was paid out before.
    """
    if refund.state != APPROVED:
        raise RefundMovedOn(refund.state)
    return _paid(work, refund, method, reference, clerk, desk, handed_to)


def record_answer(work: UnitOfWork, refund: Refund, answer: RefundAnswer | None, provider: str) -> None:
    """Records what the provider says of a refund. What it could not pay back, the desk pays out.

    Args:
        work: the transaction that has locked the refund.
        refund: as read, being sent.
        answer: None where there was none.
        provider: its name.
    """
    if answer is not None and answer.state == "succeeded":
        _paid(work, refund, "online", refund.transaction or "", provider, refund.desk, None)
    elif answer is not None and answer.state == "failed":
        values = {"state": APPROVED, "failure": answer.reason or "?", "next_attempt_at": None}
        store.change(work.connection, refund.id, **values)
    else:
        at = next_attempt(refund.attempts, work.clock.wall())
        store.change(work.connection, refund.id, attempts=refund.attempts + 1, next_attempt_at=at)


def send_refunds(context: Context, provider: Provider | None) -> int:
    """Tells the provider to pay back, and asks how that stands; returns about how many refunds.

    Args:
        context: intake's.
        provider: None where there is none.
    """
    if provider is None:
        return 0
    with context.store.read() as connection:
        due = store.to_send(connection, context.clock.wall(), BATCH)
    for refund in due:
        _send(context, provider, refund)
    return len(due)


def _send(context: Context, provider: Provider, refund: Refund) -> None:
    """One call, with no transaction open; a crash after it changes nothing, because the same call is sent again."""
    answer = None
    try:
        answer = provider.refund(RefundOrder(f"{refund.id}-{refund.sendings}", refund.transaction or "", refund.amount))
    except ProviderError as error:
        log.warning("refund %s: the payment provider did not answer: %s", refund.id, error)

    def record(work: UnitOfWork) -> None:
        known = store.lock(work.connection, refund.id)
        if known is not None and (known.state, known.sendings) == (SENDING, refund.sendings):
            record_answer(work, known, answer, provider.name)

    context.store.run(record)


def _paid(
    work: UnitOfWork, refund: Refund, method: str, reference: str, by: str, desk: str, handed_to: str | None
) -> dict[str, Any]:
    number = next_number(work, VOUCHER, desk)
    values = {"paid_at": work.now, "paid_by": by, "method": method, "reference": reference, "handed_to": handed_to}
    values |= {"desk": desk, "series": number.series, "number": number.number, "failure": "", "next_attempt_at": None}
    store.change(work.connection, refund.id, state=PAID, **values)
    day, clerk = work.now.astimezone(VIETNAM).date(), ""
    if method == "cash":
        day, clerk = lock_drawer(work.connection, desk, by, day), by
    lines = moved(refund.amount, Account.REFUNDABLE, METHOD_ACCOUNTS[method])
    post(work.connection, Posting("refund_paid", refund.id, desk, clerk, refund.dossier, day, work.now, lines))
    if refund.dossier:
        announced = {name: getattr(refund, name) for name in ("dossier", "payment", "obligation", "amount")}
        work.emit("fee.refunded", {**announced, "refund": refund.id, "refunded_at": work.now})
    return {"series": number.series, "number": number.number}
