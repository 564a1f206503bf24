"""The JSON of what the desk does with a dossier after filing."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.payments.domain import METHODS
from services.intake.schemas.common import MAX_PAPERS, GivenPaperSchema, PaperField, StateSchema, moment

MAX_MONEY = 10**15


class PaymentSchema(Schema):
    """Money taken; without an obligation it is the filing fee."""

    obligation = fields.Str(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    amount = fields.Int(required=True, strict=True, validate=validate.Range(1, MAX_MONEY))
    method = fields.Str(required=True, validate=validate.OneOf(METHODS))
    reference = fields.Str(load_default="", validate=validate.Length(max=200))


class PaymentRecordSchema(Schema):
    """A payment that was recorded."""

    id = fields.Str()
    dossier = fields.Str()
    obligation = fields.Str(allow_none=True)
    amount = fields.Int()
    method = fields.Str()
    reference = fields.Str()
    paid_at = moment()


class PaymentTakenSchema(PaymentRecordSchema, StateSchema):
    """A payment, and the dossier's state after it."""


class SupplementSchema(Schema):
    """The papers that were asked for are handed in."""

    papers = fields.List(PaperField(), required=True, validate=validate.Length(1, MAX_PAPERS))
    note = fields.Str(load_default="", validate=validate.Length(max=1000))


class SupplementedSchema(StateSchema):
    """The papers were taken; `papers` are those of now."""

    code = fields.Str()
    supplemented_at = moment()
    papers = fields.List(fields.Nested(GivenPaperSchema))


class WithdrawalSchema(Schema):
    """The citizen takes his dossier back."""

    reason = fields.Str(load_default="", validate=validate.Length(max=1000))


class WithdrawnSchema(StateSchema):
    """The withdrawal was noted."""

    code = fields.Str()
    withdrawn_at = moment()


class ReturnSchema(Schema):
    """The result is handed over."""

    receiver_name = fields.Str(load_default="", validate=validate.Length(max=1000))
    note = fields.Str(load_default="", validate=validate.Length(max=1000))
    told = fields.Bool(
        load_default=False,
        metadata={
            "description": "The clerk has told the citizen that the result is there, by telephone or at the desk."
        },
    )


class ReturnedSchema(StateSchema):
    """The result was handed over."""

    code = fields.Str()
    returned_at = moment()
