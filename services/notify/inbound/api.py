"""Takes SMS of citizens from gateways: checks the signature, stores, and answers at once; the worker replies."""

from __future__ import annotations

from typing import Any

from flask import request

from services.notify.channels.webhook.api import authenticated
from services.notify.inbound.commands import take
from services.notify.inbound.schemas import InboundSmsSchema, InboundTakenSchema
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.admission.request_kinds import vital
from shared.web.authorization import public
from shared.web.openapi import ApiBlueprint
from shared.web.views import command

MAX_BODY_BYTES = 16 * 1024
"""The longest text with each character escaped needs less than 13 kB."""

api = ApiBlueprint("notify", "inbound_sms", "SMS of citizens")


def limit_body() -> None:
    """Limits the size of the request body."""
    request.max_content_length = MAX_BODY_BYTES


api.before_request(limit_body)


@api.post("/inbound/<provider>")
@vital
@authenticated
@public
@command(InboundSmsSchema, InboundTakenSchema)
def take_sms(work: UnitOfWork, body: dict[str, Any], provider: str) -> dict[str, Any]:
    """Takes a citizen's SMS, signed as a report. Repeat it until it is answered with 200; duplicates do no harm."""
    new = take(work, provider, body["sender"], body["recipient"], body["text"], body["sent_at"], body["message"])
    return {"new": new}
