"""Pages of refunds: the clerk asks for one, a leader decides, a clerk pays it out."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from services.intake import access
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.applicant import MAX_NOTE, InvalidField, plain_text
from services.intake.payments import store as payments
from services.intake.payments.domain import DESK_METHODS, Payment
from services.intake.payments.providers.configured import provider_of
from services.intake.payments.receipt_numbers import RECEIPT, VOUCHER, written
from services.intake.payments.refunds import store
from services.intake.payments.refunds.commands import decide_refund, pay_out, request_refund, send_again
from services.intake.payments.refunds.domain import CAUSES, HANDED_TO, PAID, UnknownRefund
from services.intake.problem_parts import invalid_fields
from services.intake.problems import PROBLEMS, domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.domain_errors import problem_for
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import just_saved, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

LIMIT = 100
PAID_LIMIT = 20
ACTIONS = {"approve": "leader", "refuse": "leader", "pay": "clerk", "resend": "clerk"}
"""What is done with a refund, and by whom."""
LABELS = {
    "amount": ("Số tiền hoàn trả", "Amount"),
    "reason": ("Lý do", "Reason"),
    "method": ("Cách chi trả", "Method"),
    "reference": ("Số giao dịch", "Transaction"),
    "handed_to": ("Người đã ký nhận tiền", "Who has signed for the cash"),
}

pages = page_blueprint("intake", __name__, "refund_pages")


@pages.get("/dossiers/<code>/payments/<payment>/refund")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def request_form(code: str, payment: str) -> str:
    """The form that asks for a refund of one payment."""
    return _request_page(*_payment(code, payment))


@pages.post("/dossiers/<code>/payments/<payment>/refund")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def ask(code: str, payment: str) -> Response:
    """Asks for a refund; once."""
    dossier, paid = _payment(code, payment)
    try:
        amount, reason = _checked_request(request.form.get("amount", ""), request.form.get("reason", ""))
        once_per_form(lambda work: _request(work, code, payment, amount, reason))
    except Problem as problem:
        return make_response(_request_page(dossier, paid, problem), problem.status)
    except tuple(PROBLEMS) as error:
        refused = problem_for(PROBLEMS, error)
        return make_response(_request_page(dossier, paid, refused), refused.status)
    return redirect_with_notice(url_for("desk_payment_pages.overview", code=code))


@pages.get("/payments/refunds")
@roles("clerk", "leader", agency="record")
@audited
def waiting() -> str:
    """The refunds of the desk that wait for a leader's decision, or for being paid out."""
    return _list_page()


@pages.get("/payments/refunds/<refund>/voucher")
@roles("clerk", "leader", agency="record")
@audited
@domain_errors_as_problems()
def voucher(refund: str) -> str:
    """The voucher (phiếu chi) of a refund that was paid, to print and sign."""
    with context().store.read() as connection:
        found = store.find(connection, refund)
        if found is None or found.state != PAID:
            raise UnknownRefund(refund)
        access.require(found.desk in _desks())
        dossier = dossiers.find(connection, found.dossier) if found.dossier else None
    record_reading("payments", found.dossier or found.desk)
    return render_template(
        "intake/refund_voucher.html",
        refund=found,
        applicant=dossier.applicant_name if dossier else "",
        number=written(VOUCHER, found.series or "", found.number or 0),
        cause=CAUSES[found.cause][0],
        handed_to=HANDED_TO[found.handed_to][0] if found.handed_to else "",
    )


@pages.post("/payments/refunds/<refund>")
@roles("clerk", "leader", agency="record")
@domain_errors_as_problems()
def act(refund: str) -> Response:
    """Approves, refuses or pays out a refund; once."""
    action = request.form.get("action", "").partition("-")[0]
    desks = _desks()
    access.require(action in ACTIONS and principal().has(ACTIONS[action]) and bool(desks))
    try:
        once_per_form(lambda work: _act(work, refund, action, desks))
    except Problem as problem:
        return make_response(_list_page(problem), problem.status)
    except tuple(PROBLEMS) as error:
        refused = problem_for(PROBLEMS, error)
        return make_response(_list_page(refused), refused.status)
    return redirect_with_notice(url_for("refund_pages.waiting"))


def _act(work: UnitOfWork, identifier: str, action: str, desks: frozenset[str]) -> dict[str, Any]:
    refund = store.lock(work.connection, identifier)
    if refund is None or (refund.desk and refund.desk not in desks):
        raise UnknownRefund(identifier)
    if action == "pay":
        method, reference, handed_to = _checked_payout()
        desk = refund.desk or principal().agency
        pay_out(work, refund, method, reference, principal().subject, desk, handed_to)
        return {"id": identifier}
    if action == "resend":
        send_again(work, refund)
        return {}
    reason = plain_text(request.form.get("reason", ""), "reason", MAX_NOTE)
    if not reason:
        raise InvalidField("reason", "Phải nêu lý do.", "The reason is missing.")
    provider = provider_of(context())
    name = provider.name if provider else ""
    decide_refund(work, refund, action == "approve", reason, principal().subject, name)
    return {}


def _request(work: UnitOfWork, code: str, payment: str, amount: int, reason: str) -> dict[str, Any]:
    dossier = _servable(dossiers.lock(work.connection, code))
    return request_refund(work, dossier, payment, amount, reason, principal().subject)


def _checked_request(amount: str, reason: str) -> tuple[int, str]:
    """Amount and reason as typed.

    Raises:
        Problem: 422, with all faults.
    """
    faults = []
    digits = amount.translate(str.maketrans("", "", " .,₫đ\u00a0"))
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        faults.append(InvalidField("amount", "Nhập số tiền bằng chữ số.", "Enter the amount in digits."))
    try:
        reason = plain_text(reason, "reason", MAX_NOTE)
        if not reason:
            faults.append(InvalidField("reason", "Phải nêu lý do hoàn trả.", "The reason is missing."))
    except InvalidField as fault:
        faults.append(fault)
    if faults:
        raise invalid_fields(faults)
    return int(digits), reason


def _checked_payout() -> tuple[str, str, str | None]:
    """How it was paid out, by which transfer, and who signed for cash, as typed.

    Raises:
        Problem: 422, with all faults.
    """
    faults = []
    method, handed_to = request.form.get("method", ""), request.form.get("handed_to", "")
    reference = plain_text(request.form.get("reference", ""), "reference", MAX_NOTE)
    if method not in DESK_METHODS:
        faults.append(InvalidField("method", "Chọn một cách chi trả.", "Choose one."))
    if method == "transfer" and not reference:
        faults.append(
            InvalidField("reference", "Nhập số giao dịch của ngân hàng.", "Enter the bank's transaction number.")
        )
    if method == "cash" and handed_to not in HANDED_TO:
        faults.append(InvalidField("handed_to", "Chọn người đã ký nhận tiền.", "Choose who has signed for the cash."))
    if faults:
        raise invalid_fields(faults)
    return method, reference, handed_to if method == "cash" else None


def _desks() -> frozenset[str]:
    here = context()
    return access.listable_desks(principal(), "", here.reference.agencies, here.clock.now().date())


def _servable(dossier: Dossier) -> Dossier:
    here = context()
    today = here.clock.now().date()
    access.require(access.may_serve_at_desk(principal(), dossier, here.reference.agencies, today))
    return dossier


def _payment(code: str, payment: str) -> tuple[Dossier, Payment]:
    with context().store.read() as connection:
        dossier = _servable(dossiers.get(connection, code))
        paid = payments.payment(connection, code, payment)
    if paid is None:
        raise UnknownRefund(payment)
    return dossier, paid


def _request_page(dossier: Dossier, paid: Payment, problem: Problem | None = None) -> str:
    record_reading("payments", dossier.code)
    with context().store.read() as connection:
        left = paid.amount - store.refunded(connection, paid.id)
    return render_template(
        "intake/request_refund.html",
        caller=caller(principal()),
        code=dossier.code,
        payment=paid,
        left=left,
        number=written(RECEIPT, paid.series, paid.number),
        labels=LABELS,
        limit=MAX_NOTE,
        problem=problem,
        form_key=secrets.token_urlsafe(),
    )


def _list_page(problem: Problem | None = None) -> str:
    desks = _desks()
    access.require(bool(desks))
    record_reading("payments", principal().agency)
    with context().store.read() as connection:
        found = store.waiting(connection, desks, LIMIT)
        paid = store.paid(connection, desks, PAID_LIMIT)
    return render_template(
        "intake/refunds.html",
        caller=caller(principal()),
        refunds=found,
        paid=paid,
        written=written,
        voucher=VOUCHER,
        handed_to=HANDED_TO,
        causes=CAUSES,
        leads=principal().has("leader"),
        pays=principal().has("clerk"),
        labels=LABELS,
        limit=MAX_NOTE,
        saved=just_saved(),
        problem=problem,
        keys=[secrets.token_urlsafe() for _ in found],
    )
