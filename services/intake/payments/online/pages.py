"""The citizen's pages for paying: what is owed, the order with its QR code and the way to the provider, and how it stands.

A browser that has just looked a dossier up needs no second sign-in. An order's address cannot be guessed, and shows nothing personal:
the provider sends the browser back to it.
"""

from __future__ import annotations

import segno
from flask import Response, make_response, redirect, render_template, request, url_for

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import PAYABLE, Dossier
from services.intake.lookup.opened import MAX_TEXT, OWN, PLACE, TRIED, may_act, opened_filed
from services.intake.lookup.queries import WrongCodeOrSecret, find_by_secret
from services.intake.lookup.throttle import TooManyTries, count_wrong_try
from services.intake.payments import store as payments
from services.intake.payments.commands import owed_of
from services.intake.payments.online import store
from services.intake.payments.online.commands import announce, poll_order, start_order
from services.intake.payments.online.domain import OPEN, PaymentOrder
from services.intake.payments.providers.configured import account_of, can_pay_from_home, provider_of
from services.intake.payments.receipt_numbers import RECEIPT, written
from services.intake.payments.vietqr import vietqr
from services.intake.payments.waivers import store as waivers
from services.intake.problems import PROBLEMS, domain_errors_as_problems
from shared.web.authorization import public
from shared.web.carried_form import carried, carry
from shared.web.client_address import client_address
from shared.web.domain_errors import problem_for
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

pages = page_blueprint("intake", __name__, "pay_pages")


@pages.get("/pay")
@public
def owed() -> Response:
    """What the dossier that was looked up owes; the form for code and secret in a browser that has looked none up."""
    tried = carried(request, TRIED)
    if "secret" not in tried and OWN not in tried:
        return make_response(render_template("intake/pay_lookup.html", code=request.args.get("code", "")[:MAX_TEXT]))
    try:
        dossier = _opened()
    except Problem as problem:
        return _lookup_failed(tried.get("code", ""), problem)
    with context().store.read() as connection:
        items = owed_of(connection, dossier)
        asked = waivers.of_dossier(connection, dossier.code)
    return make_response(
        render_template(
            "intake/pay.html",
            code=dossier.code,
            items=items,
            fee=dossier.fee,
            payable=dossier.state in PAYABLE,
            waiver=asked[-1] if asked else None,
            waivable=bool(dossier.fee) and not dossier.fee_paid_at and dossier.state in PAYABLE and may_act(),
            possible=can_pay_from_home(context()),
        )
    )


@pages.post("/pay")
@public
def look_up() -> Response:
    """Opens a dossier by code and secret; both are carried in a cookie, in no address."""
    code, secret = (request.form.get(name, "").strip()[:MAX_TEXT] for name in ("code", "secret"))
    try:
        dossier = _dossier_of(code, secret)
    except Problem as problem:
        return _lookup_failed(code, problem)
    response = make_response(redirect(url_for("pay_pages.owed"), 303))
    secure = context().settings.public_url.startswith("https:")
    carry(response, TRIED, PLACE, {"code": dossier.code, "secret": secret}, secure)
    return response


@pages.post("/pay/start")
@public
@domain_errors_as_problems()
def start() -> Response:
    """Makes an order for one debt, or finds the one that is still offered; then shows it."""
    tried = carried(request, TRIED)
    if "secret" not in tried and OWN not in tried:
        return make_response(redirect(url_for("pay_pages.owed"), 303))
    code = _opened().code
    obligation = request.form.get("obligation", "")[:MAX_TEXT]
    order = context().store.run(
        lambda work: start_order(work, dossiers.lock(work.connection, code), obligation),
    )
    provider = provider_of(context())
    if provider is not None:
        announce(context(), provider, order)
    return make_response(redirect(url_for("pay_pages.order", order=order.id), 303))


@pages.get("/pay/orders/<order>")
@public
def order(order: str) -> Response:
    """An order: how to pay it while it is open, and what became of it. While it is open, the provider is asked."""
    here, provider = context(), provider_of(context())
    found = _order(order)
    due = found.next_poll_at is None or found.next_poll_at <= here.clock.wall()
    if provider is not None and found.state == OPEN and (due or "asked" in request.args):
        poll_order(here, provider, found, by_hand=not due)
        found = _order(order)
    if provider is not None:
        found = announce(here, provider, found)
    with here.store.read() as connection:
        dossier = dossiers.get(connection, found.dossier)
        payment = payments.payment(connection, found.dossier, found.payment) if found.payment else None
        names = {one.obligation: one for one in owed_of(connection, dossier)}
    account = account_of(here)
    code = vietqr(account, found.amount, found.reference) if account and found.state == OPEN else ""
    return make_response(
        render_template(
            "intake/pay_order.html",
            order=found,
            item=names.get(found.obligation or ""),
            account=account,
            qr=segno.make(code, error="m").svg_data_uri(scale=5, border=2) if code else "",
            provider=provider is not None,
            expired=found.expires_at <= here.clock.wall(),
            receipt=written(RECEIPT, payment.series, payment.number) if payment else "",
            payment=payment,
        )
    )


def _order(identifier: str) -> PaymentOrder:
    with context().store.read() as connection:
        found = store.order(connection, id=identifier[:40])
    if found is None:
        raise Problem(404, "not-found")
    return found


def _opened() -> Dossier:
    """The dossier that the browser has opened, by its secret or as one's own.

    Raises:
        Problem: it is none; a wrong secret is counted.
    """
    tried = carried(request, TRIED)
    if "secret" in tried:
        return _dossier_of(tried.get("code", ""), tried["secret"])
    with context().store.read() as connection:
        found = opened_filed(connection)
    if not isinstance(found, Dossier):
        raise problem_for(PROBLEMS, WrongCodeOrSecret(""))
    return found


def _dossier_of(code: str, secret: str) -> Dossier:
    """The dossier that code and secret open.

    Raises:
        Problem: they open none; the try is counted.
    """
    hash_key = context().settings.hash_key
    try:
        with context().store.read() as connection:
            return find_by_secret(connection, code[:MAX_TEXT], secret[:MAX_TEXT], hash_key)
    except WrongCodeOrSecret as error:
        try:
            count_wrong_try(context().store, error.code, client_address(), hash_key)
        except TooManyTries as too_many:
            raise problem_for(PROBLEMS, too_many) from error
        raise problem_for(PROBLEMS, error) from error


def _lookup_failed(code: str, problem: Problem) -> Response:
    page = render_template("intake/pay_lookup.html", code=code, problem=problem)
    response = make_response(page, problem.status)
    response.headers.extend(problem.headers)
    return response
