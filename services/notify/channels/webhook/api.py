"""Takes receipts from gateways: checks the signature, stores, and answers at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import request

from services.notify.channels.config.model import ProviderReceipt
from services.notify.channels.domain import ReceiptStatus
from services.notify.channels.parts.commands import record_receipts
from services.notify.channels.providers import configured_providers
from services.notify.channels.webhook.schemas import ReceiptsSchema, ReceiptsTakenSchema
from shared.auth.message_signature import HEADER, BadSignature, check_signature
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.admission.request_kinds import vital
from shared.web.authorization import public
from shared.web.openapi import ApiBlueprint
from shared.web.problem import Problem
from shared.web.views import command, context

View = TypeVar("View", bound=Callable[..., Any])

api = ApiBlueprint("notify", "delivery_receipts", "Reports of providers about deliveries")


def authenticated(view: View) -> View:
    """Lets only reports, and SMS of citizens, pass that a configured provider has signed."""

    @wraps(view)
    def endpoint(**path: Any) -> Any:
        secrets = {one.name: one.secret for one in configured_providers() if one.reports}
        secret = secrets.get(path["provider"])
        if secret is None:
            raise Problem(404, "not-found")
        try:
            check_signature(secret, request.get_data(), request.headers.get(HEADER, ""), context().clock.wall())
        except BadSignature as error:
            raise Problem(401, "unauthenticated", detail_en=f"The report is refused: {error}") from error
        return view(**path)

    return cast(View, endpoint)


@api.post("/receipts/<provider>")
@vital
@authenticated
@public
@command(ReceiptsSchema, ReceiptsTakenSchema)
def take_receipts(work: UnitOfWork, body: dict[str, Any], provider: str) -> dict[str, Any]:
    """Takes a signed report (HMAC-SHA256 over time and body). Repeat it until it is answered with 200; duplicates do no harm."""
    now = work.clock.wall()
    receipts = [
        ProviderReceipt(
            one["reference"],
            ReceiptStatus(one["status"]),
            min(one["at"], now),
            f"gateway: {one['error']}" if one["error"] else "",
        )
        for one in sorted(body["receipts"], key=lambda one: one["reference"])
    ]
    record_receipts(work, provider, receipts)
    return {"stored": len(receipts)}
