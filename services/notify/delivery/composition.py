"""Makes a delivery of a message: its text, its address, and why there is none; and what of it a provider gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import orjson

from services.notify.channels.domain import Channel
from services.notify.channels.email.frame import frame
from services.notify.channels.plan_loader import channel_plans
from services.notify.channels.plans import channels_in_text
from services.notify.channels.port import ChatContent, Content, EmailContent, LetterContent, Outgoing, SmsContent
from services.notify.channels.sms_segments import count_segments
from services.notify.contacts.domain import Contact, NotReachable
from services.notify.delivery.claims import ClaimedDelivery
from services.notify.delivery.states import State, delivery_id
from services.notify.delivery.store import NewDelivery
from services.notify.inbound.stopped import refuses_sms
from services.notify.messages.store import Message
from services.notify.templates.domain import ComposedParts, compose, fill_public_url
from services.notify.templates.queries import effective_template
from shared.persistence.unit_of_work import UnitOfWork

BESIDES = -1
"""The position of a delivery that is sent besides, whatever becomes of the others."""


def new_delivery(
    work: UnitOfWork, message: Message, contact: Contact, channel: Channel, cause: str = "", besides: bool = False
) -> NewDelivery:
    """A delivery of a message, `queued`, or `skipped` with the reason.

    Args:
        work: the transaction.
        message: with its variables.
        contact: of its recipient.
        channel: by which it is sent.
        cause: why it is sent through this channel once more; empty the first time.
        besides: whether it is sent whatever becomes of the others.
    """
    plan = channels_in_text(message.plan)
    position = BESIDES if besides else plan.index(channel)
    last = besides or position == len(plan) - 1
    wait = None if last else channel_plans().of(message.kind).waits.get(channel)
    address, reason = _address(contact, channel)
    if channel is Channel.SMS and address and refuses_sms(work, address, message.kind, message.template):
        address, reason = None, "the recipient has stopped SMS"
    shown, secret, version = _texts(work, message, channel, contact)
    if not version:
        address, reason = None, "no text for this channel"
    queued = address is not None
    return NewDelivery(
        id=delivery_id(message.id, channel, cause),
        message=message.id,
        dossier=message.dossier,
        kind=message.kind,
        agency=message.agency,
        channel=channel,
        language=message.language,
        position=position,
        wait_seconds=None if wait is None else round(wait / timedelta(seconds=1)),
        state=State.QUEUED if queued else State.SKIPPED,
        address=address,
        text=shown.pop("text", ""),
        parts=_json(shown),
        secret_parts=_json(secret) if queued else None,
        template_version=version,
        reason=reason,
        created_at=work.now,
        urgent=message.urgent,
        due_at=work.clock.wall(),
        finished_at=None if queued else work.now,
    )


def _address(contact: Contact, channel: Channel) -> tuple[str | None, str]:
    try:
        return contact.reached_at(channel), ""
    except NotReachable as error:
        return None, str(error)


def _texts(
    work: UnitOfWork, message: Message, channel: Channel, contact: Contact
) -> tuple[dict[str, Any], dict[str, Any], str]:
    """The parts as shown, as sent if these differ, and the template's version; empty if the channel has no text."""
    template = effective_template(work, message.agency, channel, message.language, message.template)
    if template is None:
        return {}, {}, ""
    composed = compose(template, read_variables(message.variables or "{}"))
    recipient = {"name": contact.name} if channel is Channel.LETTER else {}
    secret = _filled(composed.secret) | recipient if composed.secret else {}
    return _filled(composed.shown) | recipient, secret, template.version


def _filled(parts: ComposedParts) -> dict[str, Any]:
    return {name: value for name, value in asdict(parts).items() if value}


def _json(parts: Mapping[str, Any]) -> str | None:
    return orjson.dumps(parts).decode() if parts else None


def write_variables(values: Mapping[str, object], names: frozenset[str]) -> str:
    """The values of a message's placeholders as JSON, so that another channel can be composed later.

    Args:
        values: as in :func:`services.notify.templates.domain.compose`.
        names: the placeholders.
    """
    kept = {name: value for name, value in values.items() if name in names}
    marked = {name: {"at": value} if isinstance(value, datetime) else value for name, value in kept.items()}
    return orjson.dumps(marked).decode()


def read_variables(text: str) -> dict[str, object]:
    """The values that :func:`write_variables` has written."""
    values: dict[str, object] = orjson.loads(text)
    return {
        name: datetime.fromisoformat(value["at"]) if isinstance(value, dict) else value
        for name, value in values.items()
    }


def outgoing(delivery: ClaimedDelivery, public_url: str) -> Outgoing:
    """A claimed delivery as a provider gets it.

    Args:
        delivery: with its secrets.
        public_url: address of the platform, for links.
    """
    channel = Channel(delivery.channel)
    shown: dict[str, Any] = orjson.loads(delivery.parts or "{}") | {"text": delivery.text}
    parts = orjson.loads(delivery.secret_parts) if delivery.secret_parts else shown
    return Outgoing(
        id=delivery.id,
        dossier=delivery.dossier,
        kind=delivery.kind,
        agency=delivery.agency,
        address="" if channel is Channel.LETTER else delivery.address,
        content=content_of(channel, parts, delivery.kind, delivery.language, delivery.address, public_url),
        language=delivery.language,
    )


def content_of(
    channel: Channel, parts: Mapping[str, Any], kind: str, language: str, address: str, public_url: str
) -> Content:
    """The content of a delivery.

    Args:
        channel: by which it is sent.
        parts: `text`, and what else the channel needs.
        kind: of the message; a chat service fills in its own template of this name.
        language: ``vi`` or ``en``.
        address: of a letter, on one line.
        public_url: address of the platform, for links.
    """
    text, subject = (fill_public_url(str(parts.get(name, "")), public_url) for name in ("text", "subject"))
    if channel is Channel.SMS:
        segments = count_segments(text)
        return SmsContent(text, segments.encoding, segments.count)
    if channel is Channel.EMAIL:
        html = fill_public_url(str(parts.get("html", "")), public_url)
        return EmailContent(subject, text, frame(subject, html, language, public_url, kind))
    if channel is Channel.LETTER:
        lines = tuple(line.strip() for line in address.split(",") if line.strip())
        return LetterContent(str(parts.get("name", "")), lines, subject, text)
    variables = {name: fill_public_url(value, public_url) for name, value in (parts.get("variables") or {}).items()}
    return ChatContent(f"{kind}.{language}", variables, text)
