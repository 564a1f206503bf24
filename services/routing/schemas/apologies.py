"""Requests and responses of routing's API about apologies."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.routing.schemas.steps import moment
from shared.text.limits import NOTE


class ApologiesQuerySchema(Schema):
    """Which page of the letters to sign."""

    cursor = fields.Str(load_default="", validate=validate.Length(max=100))
    limit = fields.Int(load_default=50, validate=validate.Range(1, 200))


class SignatureSchema(Schema):
    """What the letter says where its draft says nothing yet."""

    cause = fields.Str(
        load_default="", validate=validate.Length(max=30), metadata={"description": "One of data/apologies.json"}
    )
    reason = fields.Str(load_default="", validate=validate.Length(max=NOTE))
    new_due_at = moment(load_default=None, allow_none=True)


class ApologySchema(Schema):
    """A letter of apology (form 04)."""

    id = fields.Str(required=True)
    dossier = fields.Str(required=True)
    kind = fields.Str(required=True, metadata={"description": "extension (announced before the due time), late"})
    state = fields.Str(required=True, metadata={"description": "draft, signed, withdrawn"})
    agency = fields.Str(required=True, metadata={"description": "The responsible agency"})
    missed_at = moment(required=True)
    cause = fields.Str(required=True)
    reason = fields.Str(required=True)
    new_due_at = moment(required=True, allow_none=True)
    written_number = fields.Str(required=True, metadata={"description": "Empty before the signature"})
    signed_at = moment(required=True, allow_none=True)
    signed_by = fields.Str(required=True, allow_none=True)
    reports = fields.Int(required=True, metadata={"description": "On how many days the letter was reported as missing"})


class ApologyPageSchema(Schema):
    """A page of the letters to sign, the longest lateness first."""

    items = fields.List(fields.Nested(ApologySchema), required=True)
    total = fields.Int(required=True)
    next = fields.Str(required=True, metadata={"description": "The cursor of the next page; empty on the last"})
