"""The JSON of payments and obligations."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.schemas import StateSchema, moment
from services.intake.payments.domain import DESK_METHODS
from services.intake.payments.ledger.domain import MAX_AMOUNT


class PaymentSchema(Schema):
    """A payment taken; without an obligation it is for the filing fee."""

    obligation = fields.Str(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    amount = fields.Int(required=True, strict=True, validate=validate.Range(1, MAX_AMOUNT))
    method = fields.Str(required=True, validate=validate.OneOf(DESK_METHODS))
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
    series = fields.Str(metadata={"description": "Of the receipt's number: the year"})
    number = fields.Int(metadata={"description": "Of the receipt, without gaps for each desk and series"})


class PaymentTakenSchema(PaymentRecordSchema, StateSchema):
    """A payment, and the dossier's state after it."""


class OwedSchema(Schema):
    """An amount to be paid."""

    kind = fields.Str()
    name = fields.Str()
    amount = fields.Int()


class ObligationSchema(OwedSchema):
    """A financial obligation."""

    id = fields.Str()
    agency = fields.Str()
    requested_at = moment()
    paid_at = moment(allow_none=True)
