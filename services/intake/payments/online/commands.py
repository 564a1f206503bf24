"""Orders for payment, and what a provider reports of them. Money that came in is never lost: it settles a debt, or is to be refunded."""

from __future__ import annotations

import logging
import secrets
from datetime import timedelta
from typing import Any

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier
from services.intake.payments.commands import NewPayment, owed_of, take_payment
from services.intake.payments.domain import (
    AlreadyPaid,
    NothingOwed,
    NotPayable,
    UnknownObligation,
    WrongAmount,
    check_payment,
)
from services.intake.payments.ledger.domain import Account, Posting, moved
from services.intake.payments.ledger.store import post
from services.intake.payments.online import store
from services.intake.payments.online.domain import (
    CLOSED,
    OPEN,
    PAID,
    REFUND,
    VALID,
    ContradictoryReceipt,
    PaymentOrder,
    new_reference,
    next_poll,
    normalise_reference,
)
from services.intake.payments.providers.port import Order, Provider, ProviderError, Receipt
from services.intake.payments.refunds import store as refunds
from services.intake.payments.refunds.domain import OPEN as REFUND_OPEN
from services.intake.payments.refunds.domain import Refund
from services.intake.payments.transfers.commands import note_due
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context

log = logging.getLogger(__name__)
BATCH = 20
FIRST_POLL = timedelta(minutes=1)
_CAUSES = {
    NotPayable: "dossier_over",
    AlreadyPaid: "paid_twice",
    NothingOwed: "nothing_owed",
    WrongAmount: "wrong_amount",
}


def start_order(work: UnitOfWork, dossier: Dossier, obligation: str) -> PaymentOrder:
    """An order for a debt: the one that is still offered, or a new one.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        obligation: which; empty for the filing fee.

    Raises:
        UnknownObligation, NotPayable, NothingOwed, AlreadyPaid: as they say.
    """
    owed = next((one for one in owed_of(work.connection, dossier) if one.obligation == obligation), None)
    if owed is None:
        raise UnknownObligation(obligation) if obligation else NothingOwed
    check_payment(dossier.state, owed.debt, owed.debt.amount)
    now = work.clock.wall()
    found = store.open_order(work.connection, dossier.code, obligation or None, now)
    if found is not None and found.amount == owed.debt.amount:
        return found
    order = PaymentOrder(
        id=secrets.token_urlsafe(24),
        reference=new_reference(),
        dossier=dossier.code,
        obligation=obligation or None,
        amount=owed.debt.amount,
        created_at=now,
        expires_at=now + VALID,
        state=OPEN,
        pay_url="",
        payment=None,
        polls=0,
        next_poll_at=now + FIRST_POLL,
    )
    store.add_order(work.connection, order)
    return order


def announce(context: Context, provider: Provider, order: PaymentOrder) -> PaymentOrder:
    """Tells the provider of an order, unless it knows it; no transaction is open meanwhile.

    Returns:
        the order with the provider's page; without it if the provider does not answer.
    """
    if order.pay_url or order.state != OPEN:
        return order
    base = f"{context.settings.public_url}/intake"
    returns, notices = f"{base}/pay/orders/{order.id}", f"{base}/api/payment-notices/{provider.name}"
    wanted = Order(order.reference, order.amount, returns, notices, order.expires_at)
    try:
        taken = provider.create(wanted)
    except ProviderError as error:
        log.warning("order %s: the payment provider did not take it: %s", order.reference, error)
        return order
    context.store.run(lambda work: store.change_order(work.connection, order.id, pay_url=taken.pay_url))
    with context.store.read() as connection:
        return store.order(connection, id=order.id) or order


def record_receipt(work: UnitOfWork, provider: str, receipt: Receipt) -> str:
    """Records money that a provider reports: it settles its order's debt, or becomes a refund. Safe to repeat, in any order.

    Args:
        work: the transaction; nothing of the dossier is locked yet.
        provider: its name.
        receipt: authenticated.

    Returns:
        ``paid``, ``matched`` (a clerk had recorded the same transfer) or ``refund``.

    Raises:
        ContradictoryReceipt: another amount or reference of this transaction is known.
    """
    reference = normalise_reference(receipt.reference)
    order = store.order(work.connection, reference=reference) if reference else None
    dossier = dossiers.find(work.connection, order.dossier, lock=True) if order else None
    code = dossier.code if dossier else ""
    if not store.add_receipt(work.connection, provider, receipt, code, work.clock.wall()):
        known = store.receipt(work.connection, provider, receipt.transaction)
        if (known.reference, known.amount) != (receipt.reference, receipt.amount):
            raise ContradictoryReceipt(receipt.transaction)
        return str(known.outcome)
    order = store.order(work.connection, id=order.id) if order else None  # read again: the lock may have waited
    if order is None or dossier is None:
        return _to_refund(work, provider, receipt, None, None, "unknown_reference")
    if order.payment and order.amount == receipt.amount and not store.is_matched(work.connection, order.payment):
        store.change_receipt(work.connection, provider, receipt.transaction, outcome="matched", payment=order.payment)
        return "matched"
    new = NewPayment(order.obligation, receipt.amount, "online", order.reference, provider)
    try:
        taken = take_payment(work, dossier, new)
    except (NotPayable, AlreadyPaid, NothingOwed, WrongAmount) as error:
        return _to_refund(work, provider, receipt, dossier, order, _CAUSES[type(error)])
    store.change_receipt(work.connection, provider, receipt.transaction, outcome="paid", payment=taken["id"])
    store.change_order(work.connection, order.id, state=PAID, payment=taken["id"], next_poll_at=None)
    note_due(work, dossier, taken["id"], order.obligation, receipt.amount)
    return "paid"


def take_at_desk(work: UnitOfWork, dossier: Dossier, new: NewPayment) -> dict[str, Any]:
    """Records a payment that a clerk takes. Where its reference is that of an order, the bank's own report will find it paid.

    Args, returns and raises: as :func:`services.intake.payments.commands.take_payment`.
    """
    taken = take_payment(work, dossier, new)
    reference = normalise_reference(new.reference)
    order = store.order(work.connection, reference=reference) if reference else None
    if order is not None and (order.dossier, order.obligation, order.state) == (dossier.code, new.obligation, OPEN):
        store.change_order(work.connection, order.id, state=PAID, payment=taken["id"], next_poll_at=None)
    return taken


def _to_refund(
    work: UnitOfWork, provider: str, receipt: Receipt, dossier: Dossier | None, order: PaymentOrder | None, cause: str
) -> str:
    """Money that settles nothing is owed back to who paid it; a leader decides how."""
    refund = new_id()
    row = Refund(
        id=refund,
        dossier=dossier.code if dossier else "",
        desk=dossier.receiving_agency if dossier else "",
        payment=None,
        obligation=order.obligation if order else None,
        amount=receipt.amount,
        cause=cause,
        reason="",
        state=REFUND_OPEN,
        requested_at=work.now,
        requested_by=provider,
    )
    refunds.add(work.connection, row)
    day, lines = work.now.astimezone(VIETNAM).date(), moved(receipt.amount, Account.PROVIDER, Account.REFUNDABLE)
    post(work.connection, Posting("excess", refund, row.desk, "", row.dossier, day, work.now, lines))
    store.change_receipt(work.connection, provider, receipt.transaction, outcome="refund", refund=refund)
    if order is not None and order.state == OPEN and cause != "wrong_amount":
        store.change_order(work.connection, order.id, state=REFUND)
    log.warning("money of transaction %s settles nothing (%s): refund %s", receipt.transaction, cause, refund)
    return "refund"


def poll_orders(context: Context, provider: Provider | None) -> int:
    """Asks the provider for money whose report was lost; returns how many orders were asked for.

    Args:
        context: intake's.
        provider: None where there is none.
    """
    if provider is None:
        return 0
    with context.store.read() as connection:
        due = store.to_poll(connection, context.clock.wall(), BATCH)
    for order in due:
        poll_order(context, provider, order)
    return len(due)


def poll_order(context: Context, provider: Provider, order: PaymentOrder, by_hand: bool = False) -> None:
    """Asks the provider for the money of one order, and records what there is.

    Args:
        context: intake's.
        provider: that has the order.
        order: as read.
        by_hand: whether the payer asks; that does not make the sweep ask later.
    """
    try:
        found = provider.receipts(order.reference)
    except ProviderError as error:
        log.warning("order %s: the payment provider did not answer: %s", order.reference, error)
        found = ()
    for receipt in found:
        record_safely(context, provider.name, receipt)

    def schedule(work: UnitOfWork) -> None:
        dossiers.find(work.connection, order.dossier, lock=True)
        now, known = work.clock.wall(), store.order(work.connection, id=order.id)
        if known is not None and known.state == OPEN and by_hand:
            return
        if known is not None and known.state == OPEN:
            at = next_poll(known.polls, known.expires_at, now)
            state = OPEN if at else CLOSED
            store.change_order(work.connection, known.id, polls=known.polls + 1, next_poll_at=at, state=state)
        elif known is not None:
            store.change_order(work.connection, known.id, next_poll_at=None)

    context.store.run(schedule)


def record_safely(context: Context, provider: str, receipt: Receipt) -> None:
    """Records money in a transaction of its own; a contradiction is logged and changes nothing, so that others go on."""
    try:
        context.store.run(lambda work: record_receipt(work, provider, receipt))
    except ContradictoryReceipt:
        log.warning("the payment provider contradicts itself about transaction %s", receipt.transaction)
