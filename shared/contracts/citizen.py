"""The events of notify: messages sent, failed or skipped; contacts erased."""

from __future__ import annotations

from marshmallow import fields

from shared.contracts.base import EventSchema, EventType, time_field


class MessageSent(EventSchema):
    dossier = fields.Str(required=True)
    message = fields.Str(required=True)
    kind = fields.Str(required=True)
    channel = fields.Str(required=True)
    segments = fields.Int(required=True)
    sent_at = time_field()


class MessageFailed(EventSchema):
    dossier = fields.Str(required=True)
    message = fields.Str(required=True)
    kind = fields.Str(required=True)
    channel = fields.Str(required=True)
    reason = fields.Str(required=True)
    failed_at = time_field()


class MessageSkipped(EventSchema):
    dossier = fields.Str(required=True)
    message = fields.Str(required=True)
    kind = fields.Str(required=True)
    channel = fields.Str(required=True)
    reason = fields.Str(required=True)
    skipped_at = time_field()


class MessageDelivered(EventSchema):
    dossier = fields.Str(required=True)
    message = fields.Str(required=True)
    kind = fields.Str(required=True)
    channel = fields.Str(required=True)
    delivered_at = time_field()


class MessageReturned(EventSchema):
    dossier = fields.Str(required=True)
    message = fields.Str(required=True)
    kind = fields.Str(required=True)
    channel = fields.Str(required=True)
    reason = fields.Str(required=True)
    returned_at = time_field()


class ContactErased(EventSchema):
    dossier = fields.Str(required=True)
    erased_at = time_field()


_CODE = "000.00.14.H57-251120-0118"
_MESSAGE = "0198f0a2-4a3c-7c11-8d60-0c6f2a8a2b11"

EVENTS = (
    EventType(
        name="message.sent",
        owner="notify",
        subscribers=("intake", "stats"),
        schema=MessageSent(),
        title=(
            "Tin nhắn đã gửi",
            "A message was handed to a provider for the first time, by whichever channel; once for each message",
        ),
        example={
            "dossier": _CODE,
            "message": _MESSAGE,
            "kind": "received",
            "channel": "sms",
            "segments": 1,
            "sent_at": "2025-11-20T08:15:04+07:00",
        },
    ),
    EventType(
        name="message.failed",
        owner="notify",
        subscribers=("stats",),
        schema=MessageFailed(),
        title=("Tin nhắn không gửi được", "A message failed by the last channel that could reach the citizen"),
        example={
            "dossier": _CODE,
            "message": _MESSAGE,
            "kind": "received",
            "channel": "sms",
            "reason": "provider refused the number",
            "failed_at": "2025-11-20T09:15:04+07:00",
        },
    ),
    EventType(
        name="message.skipped",
        owner="notify",
        subscribers=("stats",),
        schema=MessageSkipped(),
        title=("Tin nhắn được bỏ qua, có lý do", "A message was sent by no channel, with the reason of the first one"),
        example={
            "dossier": _CODE,
            "message": _MESSAGE,
            "kind": "received",
            "channel": "sms",
            "reason": "not a mobile number",
            "skipped_at": "2025-11-20T08:15:04+07:00",
        },
    ),
    EventType(
        name="message.delivered",
        owner="notify",
        subscribers=("stats",),
        schema=MessageDelivered(),
        title=("Tin nhắn đã đến người dân", "A provider reports that a message has reached the citizen"),
        example={
            "dossier": _CODE,
            "message": _MESSAGE,
            "kind": "received",
            "channel": "sms",
            "delivered_at": "2025-11-20T08:15:09+07:00",
        },
    ),
    EventType(
        name="message.returned",
        owner="notify",
        subscribers=("stats",),
        schema=MessageReturned(),
        title=("Tin nhắn bị trả lại", "A message came back: an e-mail was rejected later, a letter was undeliverable"),
        example={
            "dossier": _CODE,
            "message": _MESSAGE,
            "kind": "received",
            "channel": "email",
            "reason": "mailbox unknown",
            "returned_at": "2025-11-20T08:20:00+07:00",
        },
    ),
    EventType(
        name="contact.erased",
        owner="notify",
        subscribers=("intake", "stats"),
        schema=ContactErased(),
        title=(
            "Đã xóa dữ liệu liên hệ và nội dung tin nhắn của hồ sơ",
            "The contact and the messages of a dossier were erased, as intake had erased it",
        ),
        example={"dossier": _CODE, "erased_at": "2031-12-03T02:00:01+07:00"},
    ),
)
