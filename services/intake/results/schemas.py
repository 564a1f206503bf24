"""The JSON of handing over a result."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.schemas import StateSchema, moment
from services.intake.filing.domain.applicant import MAX_NAME, MAX_NOTE
from services.intake.results.domain import MAX_DOCUMENT, MAX_ORIGINALS, IdentityCheck, Method
from shared.text.limits import PAPER


class ReturnSchema(Schema):
    """The result is handed over."""

    method = fields.Str(load_default=str(Method.COUNTER), validate=validate.OneOf([str(one) for one in Method]))
    identity = fields.Str(
        load_default="",
        validate=validate.OneOf(["", *(str(one) for one in IdentityCheck)]),
        metadata={"description": "How the one who takes it was identified; required at the counter"},
    )
    document = fields.Str(
        load_default="",
        validate=validate.Length(max=MAX_DOCUMENT),
        metadata={"description": "Number and day of the authorisation"},
    )
    originals = fields.List(
        fields.Str(validate=validate.Length(1, PAPER)),
        load_default=list,
        validate=validate.Length(max=MAX_ORIGINALS),
        metadata={"description": "The papers that are given back with the result"},
    )
    parcel = fields.Str(
        load_default="",
        validate=validate.Length(max=50),
        metadata={"description": "The parcel's number; required by post"},
    )
    one_time_code = fields.Str(
        load_default="",
        validate=validate.Length(max=20),
        metadata={"description": "As the receiver read it from their telephone"},
    )
    receiver_name = fields.Str(load_default="", validate=validate.Length(max=MAX_NAME))
    note = fields.Str(load_default="", validate=validate.Length(max=MAX_NOTE))
    citizen_notified = fields.Bool(
        load_default=False,
        metadata={"description": "The clerk has notified the citizen of the result, by telephone or at the desk."},
    )


class CodeIssuedSchema(Schema):
    """A one-time code is on its way to the applicant's telephone."""

    code = fields.Str(metadata={"description": "The dossier's code, not the one-time code"})
    minutes = fields.Int(metadata={"description": "How long the one-time code is valid"})


class ReturnedSchema(StateSchema):
    """The result was handed over."""

    code = fields.Str()
    returned_at = moment()
