"""The JSON of the public look-up."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.detail_schemas import ProgressSchema
from services.intake.payments.schemas import OwedSchema


class LookupQuerySchema(Schema):
    """Code and secret as printed on the receipt."""

    code = fields.Str(required=True, validate=validate.Length(1, 100))
    secret = fields.Str(required=True, validate=validate.Length(1, 100))


class LookupSchema(ProgressSchema):
    """What the public sees: no personal data."""

    fee_unpaid = fields.Int()
    obligations_unpaid = fields.List(fields.Nested(OwedSchema))
