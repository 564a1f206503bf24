"""The JSON of corrections of an applicant's data."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.schemas import moment
from services.intake.filing.domain.applicant import MAX_NOTE, Sex
from services.intake.filing.domain.identity_document import DocumentKind
from services.intake.filing.domain.preferences import LANGUAGES, MESSAGE_CHANNELS
from services.intake.filing.schemas import ToldApplicantSchema


def _text(longest: int) -> fields.Str:
    return fields.Str(load_default=None, validate=validate.Length(max=longest))


class ApplicantCorrectionSchema(Schema):
    """The fields to put right; what is missing stays."""

    name = _text(1000)
    id_number = _text(50)
    id_kind = fields.Str(load_default="", validate=validate.OneOf(["", *DocumentKind]))
    phone = _text(50)
    email = _text(300)
    address = _text(1000)
    birth_date = _text(50)
    sex = fields.Str(load_default=None, validate=validate.OneOf(["", *Sex]))
    old_id_number = _text(50)
    language = fields.Str(load_default=None, validate=validate.OneOf(list(LANGUAGES)))
    channels = fields.List(
        fields.Str(validate=validate.OneOf(list(MESSAGE_CHANNELS))),
        load_default=None,
        validate=validate.Length(max=len(MESSAGE_CHANNELS)),
    )
    chat_user = _text(300)
    reason = fields.Str(required=True, validate=validate.Length(1, MAX_NOTE))


class ApplicantCorrectedSchema(Schema):
    """The data as they are now."""

    code = fields.Str()
    corrected_at = moment()
    applicant = fields.Nested(ToldApplicantSchema)
    changed = fields.List(fields.Str())
    secret = fields.Str(
        allow_none=True,
        metadata={"description": "The new look-up secret, if the phone changed: print the receipt again"},
    )
    sms_possible = fields.Bool()


class CorrectionSchema(Schema):
    """One correction, with the old values of the fields that it changed."""

    corrected_at = moment()
    corrected_by = fields.Str()
    reason = fields.Str()
    was = fields.Dict(keys=fields.Str(), values=fields.Str())


class CorrectionsSchema(Schema):
    """A dossier's corrections in order of time."""

    items = fields.List(fields.Nested(CorrectionSchema))
