"""The JSON of waivers."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.schemas import moment


class WaiverDecisionSchema(Schema):
    """A clerk's decision about a waiver of the filing fee, by the paper that they have seen."""

    category = fields.Str(required=True, validate=validate.Length(1, 30))
    evidence = fields.Str(required=True, validate=validate.Length(1, 500))
    grant = fields.Bool(required=True)
    reason = fields.Str(load_default="", validate=validate.Length(max=500))


class WaiverSchema(Schema):
    """A waiver of the filing fee."""

    id = fields.Str()
    dossier = fields.Str()
    category = fields.Str()
    state = fields.Str(metadata={"description": "asked, granted or refused"})
    fee = fields.Int(metadata={"description": "VND that were owed"})
    waived = fields.Int(metadata={"description": "VND that need not be paid"})
    asked_at = moment()
    decided_at = moment(allow_none=True)
