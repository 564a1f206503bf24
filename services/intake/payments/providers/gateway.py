"""The adapter of a payment gateway that speaks signed JSON over HTTPS.

``POST /orders`` announces an order, ``GET /orders/<reference>/receipts`` and ``GET /statement?day=`` list what came in, ``POST /refunds``
pays back, and the gateway reports by a POST to ours. All messages in both directions are signed, see
:mod:`shared.auth.message_signature`; a call of ours signs method, path and a line feed before its body. docs/payments.md describes it
for whoever connects a bank.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote, urlsplit

import orjson
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from services.intake.payments.ledger.domain import MAX_AMOUNT
from services.intake.payments.providers.port import (
    Notice,
    NoticeRefused,
    Order,
    ProviderError,
    ProviderOrder,
    Receipt,
    RefundAnswer,
    RefundOrder,
)
from shared.auth.message_signature import HEADER, BadSignature, check_signature, sign
from shared.runtime.http_call import NoAnswer, http_call

TIMEOUT = 8.0
"""Seconds for one call."""
TEXT = validate.Regexp(r"[\x21-\x7e]{1,100}")


class _ReceiptSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    transaction = fields.Str(required=True, validate=TEXT)
    reference = fields.Str(required=True, validate=validate.Length(max=100))
    amount = fields.Int(required=True, strict=True, validate=validate.Range(1, MAX_AMOUNT))
    paid_at = fields.AwareDateTime(required=True, format="iso", default_timezone=None)


class _NoticeSchema(_ReceiptSchema):
    status = fields.Str(required=True, validate=validate.OneOf(["succeeded", "failed"]))


class _ReceiptsSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    receipts = fields.List(fields.Nested(_ReceiptSchema), required=True)


class _OrderSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    id = fields.Str(required=True, validate=TEXT)
    pay_url = fields.Str(required=True, validate=validate.Length(1, 2000))


class _RefundSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    state = fields.Str(required=True, validate=validate.OneOf(["pending", "succeeded", "failed"]))
    reason = fields.Str(load_default="", validate=validate.Length(max=500))


_NOTICE, _RECEIPTS, _ORDER, _REFUND = _NoticeSchema(), _ReceiptsSchema(), _OrderSchema(), _RefundSchema()


class Gateway:
    """A payment gateway; an implementation of :class:`services.intake.payments.providers.port.Provider`.

    Args:
        url: its address, without a slash at the end.
        key: signs messages in both directions.
        now: gives real time.
    """

    name = "gateway"

    def __init__(self, url: str, key: str, now: Callable[[], datetime]) -> None:
        self._url, self._key, self._now = url, key, now

    def create(self, order: Order) -> ProviderOrder:
        """Announces an order; see the port."""
        body = {
            "reference": order.reference,
            "amount": order.amount,
            "return_url": order.return_url,
            "notice_url": order.notice_url,
            "expires_at": order.expires_at.isoformat(),
        }
        taken = self._call("POST", "/orders", orjson.dumps(body), _ORDER)
        if urlsplit(taken["pay_url"]).scheme != urlsplit(self._url).scheme:
            raise ProviderError("the page for paying has another scheme than the gateway")
        return ProviderOrder(taken["id"], taken["pay_url"])

    def receipts(self, reference: str) -> Sequence[Receipt]:
        """All money that came in for an order; see the port."""
        return self._receipts(f"/orders/{quote(reference, safe='')}/receipts")

    def statement(self, day: date) -> Sequence[Receipt]:
        """All money that came in on a day; see the port."""
        return self._receipts(f"/statement?day={day.isoformat()}")

    def refund(self, order: RefundOrder) -> RefundAnswer:
        """Pays money back, or says how that stands; see the port."""
        body = {"id": order.id, "transaction": order.transaction, "amount": order.amount}
        return RefundAnswer(**self._call("POST", "/refunds", orjson.dumps(body), _REFUND))

    def read_notice(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Notice:
        """Authenticates a call-back and reads it; see the port."""
        try:
            check_signature(self._key, body, headers.get(HEADER, ""), now)
            data: dict[str, Any] = _NOTICE.loads(body)
        except (BadSignature, ValidationError, ValueError) as error:
            raise NoticeRefused(str(error)) from error
        return Notice(data.pop("status") == "succeeded", Receipt(**data))

    def _receipts(self, path: str) -> Sequence[Receipt]:
        return [Receipt(**one) for one in self._call("GET", path, None, _RECEIPTS)["receipts"]]

    def _call(self, method: str, path: str, body: bytes | None, schema: Schema) -> dict[str, Any]:
        signed = f"{method} {path}\n".encode() + (body or b"")
        headers = {HEADER: sign(self._key, signed, self._now().astimezone(UTC)), "Content-Type": "application/json"}
        try:
            answer = http_call(method, f"{self._url}{path}", headers, body, TIMEOUT)
        except NoAnswer as error:
            raise ProviderError(str(error)) from error
        if answer.status not in (200, 201):
            raise ProviderError(f"{method} was answered with {answer.status}")
        try:
            data: dict[str, Any] = schema.loads(answer.body)
        except (ValidationError, ValueError) as error:
            raise ProviderError(f"the answer cannot be read: {error}") from error
        return data
