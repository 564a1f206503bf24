"""The JSON that intake's API takes and gives."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.intake.domain.payment import METHODS
from services.intake.domain.states import State
from shared.contracts.intake import CHANNELS

MAX_PAPERS = 100
MAX_COPIES = 99
MAX_PAGE = 200
MAX_MONEY = 10**15

_CODE = validate.Length(1, 60)


def _moment(**options: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", **options)


class PaperField(fields.Raw):
    """A paper: its code or exact name, or ``{"code": …, "copies": n}``. Loads as text and number of copies."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, int]:
        text, copies = (
            (value.get("code", value.get("name")), value.get("copies", 1)) if isinstance(value, dict) else (value, 1)
        )
        if not isinstance(text, str) or not 0 < len(text.strip()) <= 500:
            raise ValidationError("Phải là mã hoặc tên giấy tờ.")
        if isinstance(value, dict) and not value.keys() <= {"code", "name", "copies"}:
            raise ValidationError("Unknown field.")
        if type(copies) is not int or not 1 <= copies <= MAX_COPIES:
            raise ValidationError(f"Số bản phải từ 1 đến {MAX_COPIES}.")
        return text, copies


class ApplicantSchema(Schema):
    """Who hands in; the domain checks the texts."""

    name = fields.Str(required=True, validate=validate.Length(max=1000))
    id_number = fields.Str(required=True, validate=validate.Length(max=50))
    phone = fields.Str(required=True, validate=validate.Length(max=50))
    email = fields.Str(load_default="", validate=validate.Length(max=300))
    address = fields.Str(load_default="", validate=validate.Length(max=1000))


class FilingSchema(Schema):
    """A dossier to be received."""

    procedure = fields.Str(required=True, validate=_CODE)
    case = fields.Str(load_default=None, allow_none=True, validate=validate.Length(max=500))
    channel = fields.Str(required=True, validate=validate.OneOf(CHANNELS))
    receiving_agency = fields.Str(required=True, validate=_CODE)
    applicant = fields.Nested(ApplicantSchema, required=True)
    papers = fields.List(PaperField(), required=True, validate=validate.Length(max=MAX_PAPERS))
    remote = fields.Bool(load_default=False)


class ProcedureRefSchema(Schema):
    """Which version of which procedure."""

    code = fields.Str()
    name = fields.Str()
    version = fields.Int()


class StateSchema(Schema):
    """A state: the national portal's number, 1 to 10, and its labels."""

    state = fields.Int(metadata={"enum": [int(state) for state in State]})
    state_label = fields.Str()
    state_label_en = fields.Str()


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


class ReceiptSchema(StateSchema):
    """What filing answers; the only place where the secret is ever shown."""

    code = fields.Str()
    secret = fields.Str()
    received_at = _moment()
    promised_at = _moment()
    explanation = fields.List(fields.Nested(NoteSchema))
    fee = fields.Int()
    fee_items = fields.List(fields.Nested(FeeItemSchema))
    procedure = fields.Nested(ProcedureRefSchema)
    field = fields.Str()
    case = fields.Str()
    case_name = fields.Str()
    receiving_agency = fields.Str()
    receiving_agency_name = fields.Str()
    regulation = fields.Str()
    lookup_url = fields.Str()


class PaymentSchema(Schema):
    """Money taken; without an obligation it is the filing fee."""

    obligation = fields.Str(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    amount = fields.Int(required=True, strict=True, validate=validate.Range(1, MAX_MONEY))
    method = fields.Str(required=True, validate=validate.OneOf(METHODS))
    reference = fields.Str(load_default="", validate=validate.Length(max=200))


class PaymentRecordSchema(Schema):
    """A payment that was recorded."""

    id = fields.Str()
    dossier = fields.Str()
    obligation = fields.Str(allow_none=True)
    amount = fields.Int()
    method = fields.Str()
    reference = fields.Str()
    paid_at = _moment()


class PaymentTakenSchema(PaymentRecordSchema, StateSchema):
    """A payment, and the dossier's state after it."""


class ReturnSchema(Schema):
    """The result is handed over."""

    receiver_name = fields.Str(load_default="", validate=validate.Length(max=1000))
    note = fields.Str(load_default="", validate=validate.Length(max=1000))


class ReturnedSchema(StateSchema):
    """The result was handed over."""

    code = fields.Str()
    returned_at = _moment()


class PlaceSchema(Schema):
    """Where a dossier lies now."""

    agency = fields.Str()
    agency_name = fields.Str()
    step = fields.Str()
    due_at = _moment()


class ChangeSchema(StateSchema):
    """A change of state."""

    at = _moment()


class OwedSchema(Schema):
    """Something to be paid."""

    kind = fields.Str()
    name = fields.Str()
    amount = fields.Int()


class ObligationSchema(OwedSchema):
    """A financial obligation."""

    id = fields.Str()
    agency = fields.Str()
    requested_at = _moment()
    paid_at = _moment(allow_none=True)


class GivenPaperSchema(Schema):
    """A paper handed in."""

    code = fields.Str()
    name = fields.Str()
    kind = fields.Str()
    copies = fields.Int()


class _ProgressSchema(StateSchema):
    code = fields.Str()
    procedure = fields.Nested(ProcedureRefSchema)
    receiving_agency = fields.Str()
    receiving_agency_name = fields.Str()
    received_at = _moment()
    promised_at = _moment()
    due_at = _moment()
    paused = fields.Bool()
    resolved_at = _moment(allow_none=True)
    returned_at = _moment(allow_none=True)
    place = fields.Nested(PlaceSchema)
    history = fields.List(fields.Nested(ChangeSchema))


class DossierSchema(_ProgressSchema):
    """A dossier in full, for staff."""

    case = fields.Str()
    case_name = fields.Str()
    field = fields.Str()
    channel = fields.Str()
    remote = fields.Bool()
    regulation = fields.Str()
    explanation = fields.List(fields.Nested(NoteSchema))
    fee = fields.Int()
    fee_items = fields.List(fields.Nested(FeeItemSchema))
    fee_paid_at = _moment(allow_none=True)
    outcome = fields.Str(allow_none=True)
    receiver_name = fields.Str(allow_none=True)
    return_note = fields.Str(allow_none=True)
    papers = fields.List(fields.Nested(GivenPaperSchema))
    applicant = fields.Nested(ApplicantSchema)
    obligations = fields.List(fields.Nested(ObligationSchema))
    payments = fields.List(fields.Nested(PaymentRecordSchema))


class LookupQuerySchema(Schema):
    """Code and secret as printed on the receipt."""

    code = fields.Str(required=True, validate=validate.Length(1, 100))
    secret = fields.Str(required=True, validate=validate.Length(1, 100))


class LookupSchema(_ProgressSchema):
    """What the public sees; no personal data."""

    fee_unpaid = fields.Int()
    obligations_unpaid = fields.List(fields.Nested(OwedSchema))


class WorklistQuerySchema(Schema):
    """Which dossiers: by default all that are not over."""

    state = fields.Int(load_default=None, validate=validate.OneOf([int(state) for state in State]))
    agency = fields.Str(load_default="", validate=validate.Length(max=60))
    after = fields.Str(load_default="", validate=validate.Length(max=60))
    limit = fields.Int(load_default=50, validate=validate.Range(1, MAX_PAGE))


class WorklistItemSchema(StateSchema):
    """One line of the worklist."""

    code = fields.Str()
    procedure = fields.Nested(ProcedureRefSchema)
    channel = fields.Str()
    receiving_agency = fields.Str()
    received_at = _moment()
    promised_at = _moment()
    due_at = _moment()
    paused = fields.Bool()
    resolved_at = _moment(allow_none=True)
    place_agency = fields.Str()
    place_agency_name = fields.Str()
    applicant_name = fields.Str()


class WorklistSchema(Schema):
    """A page of the worklist; `next` is the `after` of the next page."""

    items = fields.List(fields.Nested(WorklistItemSchema))
    next = fields.Str(allow_none=True)


class ProcedureQuerySchema(Schema):
    """Which procedures: all words of `q` in name or code, without regard to diacritics."""

    q = fields.Str(load_default="", validate=validate.Length(max=200))
    field = fields.Str(load_default="", validate=validate.Length(max=60))
    offset = fields.Int(load_default=0, validate=validate.Range(min=0))
    limit = fields.Int(load_default=50, validate=validate.Range(1, MAX_PAGE))


class CaseRefSchema(Schema):
    """A case of a procedure."""

    code = fields.Str()
    name = fields.Str()


class ProcedureItemSchema(ProcedureRefSchema):
    """One line of the list of procedures."""

    field = fields.Str()
    field_name = fields.Str()
    cases = fields.List(fields.Nested(CaseRefSchema))


class ProceduresSchema(Schema):
    """A page of procedures, and how many there are in all."""

    items = fields.List(fields.Nested(ProcedureItemSchema))
    total = fields.Int()
