"""The schemas of reported receipts."""

from __future__ import annotations

from marshmallow import EXCLUDE, Schema, fields, validate

from services.notify.channels.domain import ReceiptStatus

MOST_RECEIPTS = 500


class ReceiptSchema(Schema):
    """What became of one delivery. A gateway may add fields of its own."""

    class Meta:
        unknown = EXCLUDE

    reference = fields.Str(
        required=True,
        validate=validate.Regexp(r"[\x21-\x7e]{1,150}\Z"),
        metadata={"description": "The id that the gateway gave when it took the message"},
    )
    status = fields.Str(required=True, validate=validate.OneOf([*ReceiptStatus]))
    at = fields.AwareDateTime(
        required=True,
        format="iso",
        default_timezone=None,
        metadata={"description": "When it happened, with its offset"},
    )
    error = fields.Str(
        load_default="",
        validate=validate.Regexp(r"(?!\d{9})[A-Za-z0-9_.-]{0,40}\Z"),
        metadata={"description": "The gateway's own code of a failure; never a number or the text"},
    )


class ReceiptsSchema(Schema):
    """A report of one or more receipts, in any order."""

    receipts = fields.List(fields.Nested(ReceiptSchema), required=True, validate=validate.Length(1, MOST_RECEIPTS))


class ReceiptsTakenSchema(Schema):
    """That the report is stored."""

    stored = fields.Int(required=True, metadata={"description": "How many receipts it had, those known before too"})
