"""The JSON of waivers."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.schemas import moment
from services.intake.payments.waivers.domain import MAX_NUMBER, SEEN, SEEN_FILE

SHOWN_AT_DESK = [way for way in SEEN if way != SEEN_FILE]


class WaiverDecisionSchema(Schema):
    """A clerk's decision about a waiver of the filing fee that was asked for at the desk, by the paper that they have seen there."""

    category = fields.Str(required=True, validate=validate.Length(1, 30))
    evidence = fields.Str(
        required=True, validate=validate.Length(1, 500), metadata={"description": "The kind of the paper"}
    )
    number = fields.Str(
        load_default="", validate=validate.Length(max=MAX_NUMBER), metadata={"description": "Of the paper"}
    )
    seen = fields.Str(
        load_default="",
        validate=validate.OneOf(["", *SHOWN_AT_DESK]),
        metadata={"description": "How the paper was seen, needed to grant: shown and given back, or a copy is kept"},
    )
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
    seen = fields.Str(allow_none=True, metadata={"description": "shown, copy or file"})
    asked_at = moment()
    decided_at = moment(allow_none=True)
