"""The web app of the trial gateway: the page on which nobody pays for real, and the calls of docs/payments.md."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from flask import Blueprint, Flask, Response, jsonify, make_response, redirect, render_template, request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from shared.auth import TokenVerifier
from shared.auth.message_signature import HEADER, BadSignature, check_signature, sign
from shared.payment_gateway.trial_book import Contradiction, GatewayOrder, TrialBook
from shared.runtime.clock import VIETNAM
from shared.runtime.http_call import NoAnswer, http_call
from shared.runtime.settings import TRIAL_GATEWAY, Settings
from shared.web.authorization import public
from shared.web.factory import bare_app, complete_app
from shared.web.form_redirect import may_end_at
from shared.web.own_host import own_browser
from shared.web.problem import Problem

log = logging.getLogger(__name__)
TIMEOUT = 8.0
"""Seconds for one report."""
DIFFERENCE = 1_000
"""VND that a wrong amount differs."""
TEXT = validate.Length(1, 2000)


class _OrderSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    reference = fields.Str(required=True, validate=validate.Length(1, 100))
    amount = fields.Int(required=True, strict=True, validate=validate.Range(1, 10**15))
    return_url = fields.Url(required=True, require_tld=False, validate=TEXT)
    notice_url = fields.Url(required=True, require_tld=False, validate=TEXT)
    expires_at = fields.AwareDateTime(required=True, format="iso")


class _RefundSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    id = fields.Str(required=True, validate=validate.Length(1, 100))
    transaction = fields.Str(required=True, validate=validate.Length(1, 100))
    amount = fields.Int(required=True, strict=True, validate=validate.Range(1, 10**15))


@dataclass(frozen=True, slots=True)
class Choice:
    """What a visitor can let happen.

    Attributes:
        vi, en: on the button.
        difference: VND more or less than asked for.
        times: how often the money comes in; 0 if the bank refuses.
        reported: whether the gateway reports it; else the platform has to ask.
    """

    vi: str
    en: str
    difference: int = 0
    times: int = 1
    reported: bool = True


CHOICES: Mapping[str, Choice] = {
    "pay": Choice("Nộp tiền (thử)", "Pay (trial)"),
    "decline": Choice("Ngân hàng từ chối", "The bank refuses", times=0),
    "less": Choice("Nộp thiếu 1.000 đồng", "Pay 1,000 VND too little", -DIFFERENCE),
    "more": Choice("Nộp thừa 1.000 đồng", "Pay 1,000 VND too much", DIFFERENCE),
    "twice": Choice("Nộp hai lần", "Pay twice", times=2),
    "unreported": Choice("Nộp, nhưng ngân hàng không báo", "Pay, but the bank does not report it", reported=False),
}


def create_trial_gateway(settings: Settings) -> Flask:
    """The gateway, below ``/payment-gateway``.

    Args:
        settings: of the platform, which uses this gateway.

    Raises:
        ValueError: in production, where money is real.
    """
    if settings.mode == "production" or not settings.payments.trial:
        raise ValueError("with the trial gateway nobody pays for real, so production must not run it")
    settings.data.mkdir(parents=True, exist_ok=True)
    book = TrialBook(settings.data / "payment_gateway.db")
    app = bare_app(TRIAL_GATEWAY, settings, f"/{TRIAL_GATEWAY}/static")
    app.register_blueprint(_pages(settings, book))
    app.register_blueprint(_calls(settings, book))
    complete_app(app, settings, TokenVerifier(settings.auth, settings.clock.wall), lambda *_: None)
    return app


def _pages(settings: Settings, book: TrialBook) -> Blueprint:
    pages = Blueprint("pages", __name__, url_prefix=f"/{TRIAL_GATEWAY}", template_folder="templates")

    def order_of(identifier: str) -> GatewayOrder:
        if not own_browser(request, settings.host):
            raise Problem(
                403, "not-this-machine", "Chỉ dùng được trên máy đang chạy hệ thống", "Only at this very machine"
            )
        found = book.order(identifier=identifier[:100])
        if found is None:
            raise Problem(404, "not-found")
        return found

    @pages.get("/pay/<order>")
    @public
    def choose(order: str) -> Response:
        """What can happen with an order, for the visitor to choose from."""
        found = order_of(order)
        late = datetime.fromisoformat(found.expires_at) <= settings.clock.wall()
        paid = book.receipts(found.reference)
        page = render_template("payment_gateway/pay.html", order=found, choices=CHOICES, late=late, paid=paid)
        return may_end_at(make_response(page), found.return_url)

    @pages.post("/pay/<order>")
    @public
    def act(order: str) -> Response:
        """Lets it happen, reports it, and sends the browser back."""
        found, choice = order_of(order), CHOICES.get(request.form.get("choice", ""))
        if choice is None:
            raise Problem(400, "bad-request")
        at = settings.clock.wall().astimezone(VIETNAM).isoformat()
        amount = max(1, found.amount + choice.difference)
        received = [book.add_receipt(found.reference, amount, at) for _ in range(choice.times)]
        if choice.times == 0:
            failed = {
                "transaction": f"FAILED-{found.id}",
                "reference": found.reference,
                "amount": amount,
                "paid_at": at,
            }
            _report(settings, found, failed | {"status": "failed"})
        for receipt in received if choice.reported else ():
            _report(settings, found, receipt | {"status": "succeeded"})
        return make_response(redirect(found.return_url, 303))

    return pages


def _calls(settings: Settings, book: TrialBook) -> Blueprint:
    calls = Blueprint("calls", __name__, url_prefix=f"/{TRIAL_GATEWAY}")

    @calls.before_request
    def authenticate() -> None:
        path = request.full_path.rstrip("?").removeprefix(f"/{TRIAL_GATEWAY}")
        signed = f"{request.method} {path}\n".encode() + request.get_data()
        given = request.headers.get(HEADER, "")
        try:
            check_signature(settings.payments.gateway_key, signed, given, settings.clock.wall())
        except BadSignature as error:
            raise Problem(401, "unauthenticated", detail_en=str(error)) from error

    @calls.post("/orders")
    @public
    def take_order() -> Response:
        """Takes an order."""
        asked = _read(_OrderSchema())
        try:
            order = book.take_order(**asked | {"expires_at": asked["expires_at"].isoformat()})
        except Contradiction as error:
            raise Problem(409, "bad-request") from error
        return _created(id=order.id, pay_url=f"{settings.public_url}/{TRIAL_GATEWAY}/pay/{order.id}")

    @calls.get("/orders/<reference>/receipts")
    @public
    def receipts(reference: str) -> Response:
        """The money that came in for an order."""
        return jsonify(receipts=book.receipts(reference[:100]))

    @calls.get("/statement")
    @public
    def statement() -> Response:
        """The money that came in on a day."""
        return jsonify(receipts=book.statement(request.args.get("day", "")[:10]))

    @calls.post("/refunds")
    @public
    def take_refund() -> Response:
        """Takes a refund, and says how it stands."""
        asked = _read(_RefundSchema())
        try:
            return _created(**book.take_refund(asked["id"], asked["transaction"], asked["amount"]))
        except Contradiction as error:
            raise Problem(409, "bad-request") from error

    return calls


def _read(schema: Schema) -> dict[str, Any]:
    try:
        data: dict[str, Any] = schema.loads(request.get_data())
    except (ValidationError, ValueError) as error:
        raise Problem(422, "invalid", detail_en=str(error)[:200]) from error
    return data


def _created(**data: Any) -> Response:
    response = jsonify(data)
    response.status_code = 201
    return response


def _report(settings: Settings, order: GatewayOrder, report: Mapping[str, Any]) -> None:
    """Reports to the platform once; what is lost the platform asks for."""
    body = orjson.dumps(report)
    headers = {
        HEADER: sign(settings.payments.gateway_key, body, settings.clock.wall()),
        "Content-Type": "application/json",
    }
    try:
        status = http_call("POST", order.notice_url, headers, body, TIMEOUT).status
    except NoAnswer as error:
        log.warning("the report about order %s was not taken: %s", order.reference, error)
        return
    if status != 200:
        log.warning("the report about order %s was answered with %d", order.reference, status)
