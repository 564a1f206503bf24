"""The JSON API of messages: staff read what a dossier's citizen was sent. Each reading is recorded."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from services.notify import access
from services.notify.channels.domain import Channel
from services.notify.channels.sms_segments import count_segments
from services.notify.contacts.domain import mask_address
from services.notify.messages.queries import DeliveryRow, agencies_of_dossier, deliveries_of_dossier
from services.notify.messages.schemas import MessagesQuerySchema, MessagesSchema
from services.notify.problems import domain_errors_as_problems
from services.notify.templates.domain import fill_public_url
from shared.web.authorization import principal, roles, scope_checked
from shared.web.openapi import ApiBlueprint
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context, query

api = ApiBlueprint("notify", description="Messages to citizens")


@api.get("/messages")
@roles(*access.MESSAGE_READERS, agency="record")
@audited
@query(MessagesQuerySchema, MessagesSchema)
def messages(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """All messages of a dossier that concerns the caller's agency, by every channel that was tried, with masked addresses."""
    dossier, here = arguments["dossier"], context()
    concerned = agencies_of_dossier(connection, dossier)
    with domain_errors_as_problems():
        access.require_message_reader(principal(), concerned, here.reference.agencies, here.clock.now().date())
    scope_checked()
    record_reading("messages", dossier)
    return {"dossier": dossier, "messages": [_message(row) for row in deliveries_of_dossier(connection, dossier)]}


def _message(row: DeliveryRow) -> dict[str, Any]:
    text = fill_public_url(row.text, context().settings.public_url)
    segments = count_segments(text)
    is_sms = row.channel == Channel.SMS
    return asdict(row) | {
        "address": mask_address(row.channel, row.address) if row.address else None,
        "text": text,
        "encoding": segments.encoding if is_sms else "",
        "segments": segments.count if is_sms else row.segments,
    }
