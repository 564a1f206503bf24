"""The JSON of a filing: what is handed in, and the receipt."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.schemas.common import (
    CODE,
    MAX_PAPERS,
    ApplicantSchema,
    PaperField,
    ProcedureRefSchema,
    StateSchema,
    moment,
)
from shared.contracts.intake import CHANNELS

MAX_CHOSEN = 50


class FilingSchema(Schema):
    """A dossier to be received."""

    procedure = fields.Str(required=True, validate=CODE)
    case = fields.Str(load_default=None, allow_none=True, validate=validate.Length(max=500))
    channel = fields.Str(required=True, validate=validate.OneOf(CHANNELS))
    receiving_agency = fields.Str(required=True, validate=CODE)
    applicant = fields.Nested(ApplicantSchema, required=True)
    papers = fields.List(PaperField(), required=True, validate=validate.Length(max=MAX_PAPERS))
    remote = fields.Bool(load_default=False)
    chosen = fields.List(fields.Str(validate=CODE), load_default=list, validate=validate.Length(max=MAX_CHOSEN))


class NoteSchema(Schema):
    """One sentence of the explanation of a promised time."""

    date = fields.Str()
    code = fields.Str()
    vi = fields.Str()
    en = fields.Str()


class FeeItemSchema(Schema):
    """One fee or charge in VND."""

    code = fields.Str()
    name = fields.Str()
    amount = fields.Int()


class LinkedSchema(Schema):
    """A linked procedure that belongs to the dossier."""

    code = fields.Str()
    name = fields.Str()


class ReceiptSchema(StateSchema):
    """What filing answers; the only place where the secret is ever shown."""

    code = fields.Str()
    secret = fields.Str()
    received_at = moment()
    promised_at = moment()
    explanation = fields.List(fields.Nested(NoteSchema))
    fee = fields.Int()
    fee_items = fields.List(fields.Nested(FeeItemSchema))
    procedure = fields.Nested(ProcedureRefSchema)
    field = fields.Str()
    case = fields.Str()
    case_name = fields.Str()
    chosen = fields.List(fields.Nested(LinkedSchema))
    receiving_agency = fields.Str()
    receiving_agency_name = fields.Str()
    regulation = fields.Str()
    lookup_url = fields.Str()
