"""The schemas of SMS that a gateway posts to us."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

MAX_NUMBER, MAX_TEXT = 40, 2000


class InboundSmsSchema(Schema):
    """One SMS of a citizen. A gateway may add fields of its own."""

    class Meta:
        unknown = EXCLUDE

    message = fields.Str(
        required=True,
        validate=validate.Regexp(r"[\x21-\x7e]{1,150}\Z"),
        metadata={"description": "The gateway's own id of the message, the same whenever it is posted again"},
    )
    sender = fields.Str(required=True, validate=validate.Length(1, MAX_NUMBER))
    recipient = fields.Str(required=True, validate=validate.Length(1, MAX_NUMBER))
    text = fields.Str(
        required=True,
        validate=validate.Length(max=MAX_TEXT),
        metadata={"description": "The whole text, its parts put together"},
    )
    sent_at = fields.AwareDateTime(
        required=True,
        format="iso",
        default_timezone=None,
        metadata={"description": "When it was sent, with its offset"},
    )


class InboundTakenSchema(Schema):
    """That the message is stored."""

    new = fields.Bool(required=True, metadata={"description": "Whether it was not known before"})
