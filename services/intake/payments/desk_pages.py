"""The desk's pages of a dossier's payments: what is owed and paid, taking a payment, and the receipt to print."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

import segno
from flask import Response, make_response, render_template, request, url_for
from sqlalchemy import Connection

from services.intake import access
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import BADGES, PAYABLE, Dossier
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.applicant import MAX_NOTE, InvalidField, plain_text
from services.intake.foreign_access.guard import require_reader
from services.intake.payments import store
from services.intake.payments.commands import NewPayment, owed_of
from services.intake.payments.domain import DESK_METHODS, Owed, UnknownObligation
from services.intake.payments.online import store as online
from services.intake.payments.online.commands import start_order, take_at_desk
from services.intake.payments.providers.configured import account_of
from services.intake.payments.receipt_numbers import RECEIPT, written
from services.intake.payments.refunds import store as refunds
from services.intake.payments.refunds.domain import CAUSES
from services.intake.payments.vietqr import vietqr
from services.intake.payments.waivers import store as waivers
from services.intake.problem_parts import invalid_fields
from services.intake.problems import PROBLEMS, domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.domain_errors import problem_for
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

METHOD_LABELS = {
    "cash": ("Tiền mặt", "Cash"),
    "transfer": ("Chuyển khoản", "Bank transfer"),
    "online": ("Trực tuyến", "Online"),
}
LABELS = {"method": ("Cách nộp", "Method"), "reference": ("Số giao dịch", "Transaction")}

pages = page_blueprint("intake", __name__, "desk_payment_pages")


@pages.get("/dossiers/<code>/payments")
@roles("clerk", "leader", agency="record")
@audited
@domain_errors_as_problems()
def overview(code: str) -> str:
    """What is owed, what was paid with its receipts, and what is refunded."""
    with context().store.read() as connection:
        dossier = dossiers.get(connection, code)
        require_reader(connection, dossier)
        record_reading("payments", code)
        return render_template(
            "intake/desk_payments.html",
            caller=caller(principal()),
            dossier=dossier,
            badge_kind=BADGES[dossier.state],
            serves=_serves(dossier),
            payable=dossier.state in PAYABLE,
            items=owed_of(connection, dossier),
            payments=store.payments_of(connection, code),
            refunds=refunds.of_dossier(connection, code),
            orders=online.orders_of(connection, code),
            waivers=waivers.of_dossier(connection, code),
            methods=METHOD_LABELS,
            causes=CAUSES,
            written=written,
            saved=one_time_notice(),
        )


@pages.get("/dossiers/<code>/payments/take")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def take_form(code: str) -> str:
    """The form for taking one payment; with the QR code of a transfer where the desk has an account."""
    obligation = request.args.get("obligation", "")[:100]
    with context().store.read() as connection:
        dossier = _servable(dossiers.get(connection, code))
        item = _item(connection, dossier, obligation)
    return _take_page(dossier, item)


@pages.post("/dossiers/<code>/payments/take")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def take(code: str) -> Response:
    """Records the payment once, and goes on to its receipt; or first makes the QR code of a transfer."""
    obligation = request.form.get("obligation", "")[:100]
    with context().store.read() as connection:
        dossier = _servable(dossiers.get(connection, code))
        item = _item(connection, dossier, obligation)
    if "qr" in request.form:
        context().store.run(lambda work: start_order(work, dossiers.lock(work.connection, code), obligation))
        return redirect_with_notice(
            url_for("desk_payment_pages.take_form", code=code), "qr", urlencode({"obligation": obligation})
        )
    try:
        form = _checked(request.form.get("method", ""), request.form.get("reference", ""))
        taken = once_per_form(lambda work: _take(work, code, item, *form))
    except Problem as problem:
        return make_response(_take_page(dossier, item, problem), problem.status)
    except tuple(PROBLEMS) as error:
        refused = problem_for(PROBLEMS, error)
        return make_response(_take_page(dossier, item, refused), refused.status)
    place = url_for("desk_payment_pages.overview", code=code)
    return redirect_with_notice(place, str(taken["id"]))


@pages.get("/dossiers/<code>/payments/<payment>/receipt")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def receipt(code: str, payment: str) -> str:
    """The receipt (biên lai thu) to print."""
    with context().store.read() as connection:
        dossier = _servable(dossiers.get(connection, code))
        found = store.payment(connection, code, payment)
        if found is None:
            raise Problem(404, "not-found")
        names = {one.obligation: one.name for one in owed_of(connection, dossier)}
    record_reading("payments", code)
    return render_template(
        "intake/payment_receipt.html",
        dossier=dossier,
        payment=found,
        number=written(RECEIPT, found.series, found.number),
        name=names.get(found.obligation or "", ""),
        method=METHOD_LABELS[found.method][0],
    )


def _serves(dossier: Dossier) -> bool:
    here = context()
    today = here.clock.now().date()
    return principal().has("clerk") and access.may_serve_at_desk(principal(), dossier, here.reference.agencies, today)


def _servable(dossier: Dossier) -> Dossier:
    """The dossier, if the caller serves at the desk that received it."""
    access.require(_serves(dossier))
    return dossier


def _item(connection: Connection, dossier: Dossier, obligation: str) -> Owed:
    found = next((one for one in owed_of(connection, dossier) if one.obligation == obligation), None)
    if found is None:
        raise UnknownObligation(obligation)
    return found


def _checked(method: str, reference: str) -> tuple[str, str]:
    """Method and reference as typed.

    Raises:
        Problem: 422, with all faults.
    """
    faults = []
    if method not in DESK_METHODS:
        faults.append(InvalidField("method", "Chọn một cách nộp.", "Choose one."))
    try:
        reference = plain_text(reference, "reference", MAX_NOTE)
    except InvalidField as fault:
        faults.append(fault)
    if method == "transfer" and not reference:
        faults.append(
            InvalidField("reference", "Nhập số giao dịch của ngân hàng.", "Enter the bank's transaction number.")
        )
    if faults:
        raise invalid_fields(faults)
    return method, reference


def _take(work: UnitOfWork, code: str, item: Owed, method: str, reference: str) -> dict[str, Any]:
    dossier = _servable(dossiers.lock(work.connection, code))
    new = NewPayment(item.obligation or None, item.debt.amount, method, reference, principal().subject)
    return {"id": take_at_desk(work, dossier, new)["id"]}


def _take_page(dossier: Dossier, item: Owed, problem: Problem | None = None) -> str:
    here = context()
    record_reading("payments", dossier.code)
    with here.store.read() as connection:
        order = online.open_order(connection, dossier.code, item.obligation or None, here.clock.wall())
    account = account_of(here)
    code = vietqr(account, order.amount, order.reference) if account and order else ""
    return render_template(
        "intake/take_payment.html",
        caller=caller(principal()),
        code=dossier.code,
        item=item,
        account=account,
        order=order if code else None,
        qr=segno.make(code, error="m").svg_data_uri(scale=5, border=2) if code else "",
        methods=[(method, METHOD_LABELS[method]) for method in DESK_METHODS],
        labels=LABELS,
        limit=MAX_NOTE,
        problem=problem,
        form_key=secrets.token_urlsafe(),
    )
