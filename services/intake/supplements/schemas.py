"""The JSON of supplements."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.schemas import StateSchema, moment
from services.intake.filing.domain.applicant import MAX_NOTE
from services.intake.filing.schemas import MAX_PAPERS, FiledPaperSchema, PaperField


class SupplementSchema(Schema):
    """Requested papers that are handed in."""

    papers = fields.List(PaperField(), required=True, validate=validate.Length(1, MAX_PAPERS))
    note = fields.Str(load_default="", validate=validate.Length(max=MAX_NOTE))


class SupplementedSchema(StateSchema):
    """The papers were taken; `papers` are those handed in now."""

    code = fields.Str()
    supplemented_at = moment()
    papers = fields.List(fields.Nested(FiledPaperSchema))


class SupplementRequestSchema(Schema):
    """What an agency requests, and until when; `until` is null where the regulation sets no limit."""

    agency = fields.Str()
    agency_name = fields.Str()
    reason = fields.Str()
    papers = fields.List(fields.Str())
    requested_at = moment()
    until = moment(allow_none=True)
    supplemented_at = moment(allow_none=True)
