"""The schemas of notify's API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate


class MessagesQuerySchema(Schema):
    """The query: the messages of which dossier."""

    dossier = fields.Str(required=True, validate=validate.Length(1, 100))


class MessageSchema(Schema):
    """A message by one channel, as staff may see it."""

    id = fields.Str(required=True)
    message = fields.Str(required=True, metadata={"description": "The same for all channels that were tried"})
    dossier = fields.Str(required=True)
    kind = fields.Str(required=True)
    agency = fields.Str(required=True, metadata={"description": "Whose act it tells"})
    channel = fields.Str(required=True, metadata={"description": "chat, sms, email or letter"})
    language = fields.Str(required=True)
    state = fields.Str(
        required=True,
        metadata={"description": "queued, sending, sent, delivered, retrying, failed, skipped or returned"},
    )
    address = fields.Str(required=True, allow_none=True, metadata={"description": "Masked; null if there is none"})
    text = fields.Str(
        required=True, metadata={"description": "As sent, except that a one-time code is shown as asterisks"}
    )
    encoding = fields.Str(required=True, metadata={"description": "Of an SMS: gsm-7 or ucs-2"})
    segments = fields.Int(required=True, metadata={"description": "Of an SMS: how many segments the text needs"})
    provider = fields.Str(required=True, metadata={"description": "Through which it went last"})
    attempts = fields.Int(required=True)
    doubts = fields.Int(
        required=True, metadata={"description": "How often a provider may have taken it without our knowing"}
    )
    reason = fields.Str(required=True, metadata={"description": "Why it was skipped, has failed or is tried again"})
    created_at = fields.AwareDateTime(required=True)
    sent_at = fields.AwareDateTime(required=True, allow_none=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)


class MessagesSchema(Schema):
    """All messages of a dossier by all channels, oldest first."""

    dossier = fields.Str(required=True)
    messages = fields.List(fields.Nested(MessageSchema), required=True)
