"""The JSON of payments that are paid on."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.schemas import moment


class TransferQuerySchema(Schema):
    """Which payments are listed."""

    state = fields.Str(load_default="waiting", validate=validate.OneOf(["waiting", "overdue", "done"]))


class TransferSchema(Schema):
    """A payment online that is paid on to an agency's account (NĐ 118/2025, article 24.3)."""

    payment = fields.Str()
    dossier = fields.Str()
    desk = fields.Str()
    recipient = fields.Str(metadata={"description": "The agency to whose account it goes"})
    amount = fields.Int(metadata={"description": "VND that were paid"})
    paid_at = moment()
    due_at = moment(allow_none=True)
    transferred_at = moment(allow_none=True)
    transferred = fields.Int(allow_none=True, metadata={"description": "VND that were paid on"})
    reference = fields.Str(allow_none=True)


class TransferListSchema(Schema):
    """At most 200 payments."""

    items = fields.List(fields.Nested(TransferSchema))


class TransferDoneSchema(Schema):
    """Payments that were paid on by one order of the bank."""

    payments = fields.List(fields.Str(validate=validate.Length(1, 36)), required=True, validate=validate.Length(1, 200))
    reference = fields.Str(required=True, validate=validate.Length(1, 200))


class TransferredSchema(Schema):
    """What was paid on."""

    payments = fields.Int()
    amount = fields.Int()
