"""The call-back of the provider of online payments."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g, request
from marshmallow import EXCLUDE, Schema, fields

from services.intake.payments.online.commands import record_receipt
from services.intake.payments.providers.configured import provider_of
from services.intake.payments.providers.port import Notice, NoticeRefused
from services.intake.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.admission.request_kinds import vital
from shared.web.authorization import public
from shared.web.openapi import ApiBlueprint
from shared.web.problem import Problem
from shared.web.views import command, context

View = TypeVar("View", bound=Callable[..., Any])

api = ApiBlueprint("intake", "payment_notices", "Reports of the provider of online payments")


class NoticeSchema(Schema):
    """A report; the provider's adapter reads it, once its signature is checked."""

    class Meta:
        unknown = EXCLUDE

    transaction = fields.Str()
    reference = fields.Str()
    amount = fields.Int()
    status = fields.Str(metadata={"description": "succeeded or failed"})
    paid_at = fields.AwareDateTime(format="iso")


class NoticeTakenSchema(Schema):
    """That the report was taken; the same again gets the same."""

    outcome = fields.Str(metadata={"description": "paid, matched, refund, or none if no money came in"})


def authenticated(view: View) -> View:
    """Lets only reports pass that the provider has signed."""

    @wraps(view)
    def endpoint(**path: Any) -> Any:
        provider, here = provider_of(context()), context()
        if provider is None or path["provider"] != provider.name:
            raise Problem(404, "not-found")
        try:
            g.motcua_payment_notice = provider.read_notice(dict(request.headers), request.get_data(), here.clock.wall())
        except NoticeRefused as error:
            raise Problem(401, "unauthenticated", detail_en=f"The report is refused: {error}") from error
        return view(**path)

    return cast(View, endpoint)


@api.post("/payment-notices/<provider>")
@vital
@authenticated
@public
@command(NoticeSchema, NoticeTakenSchema)
@domain_errors_as_problems()
def take_notice(work: UnitOfWork, body: dict[str, Any], provider: str) -> dict[str, Any]:
    """Takes a signed report of the provider (HMAC-SHA256 over time and body). Repeat it until it is answered with 200."""
    notice: Notice = g.motcua_payment_notice
    return {"outcome": record_receipt(work, provider, notice.receipt) if notice.succeeded else "none"}
