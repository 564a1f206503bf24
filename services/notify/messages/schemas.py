"""The schemas of notify's API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate


class MessagesQuerySchema(Schema):
    """The query: the messages of which dossier."""

    dossier = fields.Str(required=True, validate=validate.Length(1, 100))


class MessageSchema(Schema):
    """A message as staff may see it."""

    id = fields.Str(required=True)
    kind = fields.Str(required=True)
    channel = fields.Str(required=True)
    state = fields.Str(required=True, metadata={"description": "queued, sending, sent, failed or skipped"})
    phone = fields.Str(
        required=True, allow_none=True, metadata={"description": "Masked; null if there is no mobile number"}
    )
    text = fields.Str(
        required=True, metadata={"description": "As sent, except that a one-time code is shown as asterisks"}
    )
    encoding = fields.Str(required=True, metadata={"description": "gsm-7 or ucs-2"})
    segments = fields.Int(required=True, metadata={"description": "How many segments the text needs"})
    attempts = fields.Int(required=True)
    reason = fields.Str(required=True, metadata={"description": "Why it was skipped, has failed or is tried again"})
    created_at = fields.AwareDateTime(required=True)
    finished_at = fields.AwareDateTime(required=True, allow_none=True)


class MessagesSchema(Schema):
    """All messages of a dossier, oldest first."""

    dossier = fields.Str(required=True)
    messages = fields.List(fields.Nested(MessageSchema), required=True)
