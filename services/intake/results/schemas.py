"""The JSON of handing over a result."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.schemas import StateSchema, moment
from services.intake.filing.domain.applicant import MAX_NAME, MAX_NOTE


class ReturnSchema(Schema):
    """The result is handed over."""

    receiver_name = fields.Str(load_default="", validate=validate.Length(max=MAX_NAME))
    note = fields.Str(load_default="", validate=validate.Length(max=MAX_NOTE))
    citizen_notified = fields.Bool(
        load_default=False,
        metadata={"description": "The clerk has notified the citizen of the result, by telephone or at the desk."},
    )


class ReturnedSchema(StateSchema):
    """The result was handed over."""

    code = fields.Str()
    returned_at = moment()
