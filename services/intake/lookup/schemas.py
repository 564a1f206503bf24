"""The JSON of the public look-up."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.applications.schemas import PublicApplicationSchema
from services.intake.dossiers.detail_schemas import PlaceSchema, ProgressSchema
from services.intake.dossiers.schemas import moment
from services.intake.payments.schemas import OwedSchema


class LookupQuerySchema(Schema):
    """Code and secret as printed on the receipt."""

    code = fields.Str(required=True, validate=validate.Length(1, 100))
    secret = fields.Str(required=True, validate=validate.Length(1, 100))


class RefusedSchema(Schema):
    """A refusal in writing (NĐ 118/2025, article 19.3)."""

    agency = fields.Str(metadata={"description": "Which agency refused; empty until its reasons have come"})
    agency_name = fields.Str()
    document = fields.Str(metadata={"description": "Its number"})
    reason = fields.Str()


class LookupSchema(ProgressSchema):
    """What the public sees: no personal data."""

    received_at = moment(allow_none=True, metadata={"description": "Null until it is received"})
    promised_at = moment(allow_none=True)
    due_at = moment(allow_none=True)
    place = fields.Nested(PlaceSchema, allow_none=True)
    fee_unpaid = fields.Int()
    obligations_unpaid = fields.List(fields.Nested(OwedSchema))
    refusal = fields.Nested(
        RefusedSchema, allow_none=True, metadata={"description": "The written refusal that is the result; else null"}
    )
    application = fields.Nested(
        PublicApplicationSchema,
        allow_none=True,
        metadata={"description": "What was filed online or by post and is not received; null for a dossier"},
    )
