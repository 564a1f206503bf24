"""The JSON of legal holds."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.schemas import moment
from services.intake.filing.domain.applicant import MAX_NOTE


class LegalHoldSchema(Schema):
    """Whether a dossier's personal data must be kept beyond their time, and why."""

    held = fields.Bool(required=True)
    reason = fields.Str(
        load_default="",
        validate=validate.Length(max=MAX_NOTE),
        metadata={"description": "The complaint, the case or the inspection; required to hold"},
    )
    until = fields.Date(
        load_default=None,
        allow_none=True,
        metadata={"description": "The last day of the period; without it, until somebody ends the hold"},
    )


class HeldSchema(Schema):
    """How it is now."""

    code = fields.Str()
    held = fields.Bool()
    changed_at = moment()
