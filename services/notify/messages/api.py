"""Notify's JSON API: what a dossier's citizen was told, for staff. Every look is written down."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, after_this_request
from sqlalchemy import Connection

from services.notify.channels.sms_segments import segments
from services.notify.contacts.domain import masked
from services.notify.messages import store
from services.notify.messages.schemas import MessagesQuerySchema, MessagesSchema
from services.notify.templates.domain import fill_public_url
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.views import context, query

api = ApiBlueprint("notify", description="Messages to citizens")


# Any centre takes any procedure (NĐ 118/2025, Điều 14.2), so the desk that a citizen asks need not be the one that received his
# dossier: the roles may look, and who looked is kept.
@api.get("/messages")
@roles("clerk", "leader", agency="any")
@query(MessagesQuerySchema, MessagesSchema)
def messages(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """All messages of a dossier, with masked phone numbers."""
    dossier = arguments["dossier"]
    _record_reading(dossier)
    return {"dossier": dossier, "messages": [_shown(row) for row in store.messages_of(connection, dossier)]}


def _record_reading(dossier: str) -> None:
    """Keeps who reads, after the read's own transaction and before anything is handed out; no record, no answer."""
    here, reader = context(), principal()
    audit = {
        "subject": reader.subject,
        "agency": reader.agency,
        "action": "messages",
        "dossier": dossier,
        "at": here.clock.now(),
    }

    @after_this_request
    def keep(response: Response) -> Response:
        here.store.run(lambda work: store.add_audit(work.connection, audit))
        return response


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    text = fill_public_url(row["text"], context().settings.public_url)
    counted = segments(text)
    phone = masked(row["phone"]) if row["phone"] else None
    return dict(row) | {"phone": phone, "text": text, "encoding": counted.encoding, "segments": counted.count}
