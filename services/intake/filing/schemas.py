"""The JSON of a filing: what is handed in, and the receipt."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.intake.dossiers.schemas import CODE, ProcedureRefSchema, StateSchema, moment
from services.intake.filing.domain.applicant import Sex
from services.intake.filing.domain.assessment import HandedPaper, PaperForm
from services.intake.filing.domain.identity_document import DocumentKind
from services.intake.filing.domain.parties import MAX_CO_APPLICANTS, Relation
from services.intake.filing.domain.preferences import DEFAULT_LANGUAGE, LANGUAGES, MESSAGE_CHANNELS
from shared.contracts.intake import CHANNELS

MAX_PAPERS = 100
MAX_COPIES = 99
MAX_CHOSEN = 50


class PaperField(fields.Raw):
    """A paper: its code or exact name, or ``{"code": …, "copies": n, "form": …, "kept": …}``. Loads as a `HandedPaper`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> HandedPaper:
        text, copies = (
            (value.get("code", value.get("name")), value.get("copies", 1)) if isinstance(value, dict) else (value, 1)
        )
        if not isinstance(text, str) or not 0 < len(text.strip()) <= 500:
            raise ValidationError("Phải là mã hoặc tên giấy tờ.")
        if isinstance(value, dict) and not value.keys() <= {"code", "name", "copies", "form", "kept"}:
            raise ValidationError("Unknown field.")
        if type(copies) is not int or not 1 <= copies <= MAX_COPIES:
            raise ValidationError(f"Số bản phải từ 1 đến {MAX_COPIES}.")
        if not isinstance(value, dict):
            return HandedPaper(text)
        form, kept = value.get("form", ""), value.get("kept", False)
        if form not in ("", *PaperForm):
            raise ValidationError(f"Phải là một trong các giá trị: {', '.join(PaperForm)}.")
        if type(kept) is not bool or (kept and form != PaperForm.ORIGINAL):
            raise ValidationError("Chỉ giữ bản chính để trả lại sau.")
        return HandedPaper(text, copies, str(form), kept)


class FiledPaperSchema(Schema):
    """A paper handed in."""

    code = fields.Str()
    name = fields.Str()
    kind = fields.Str()
    copies = fields.Int()
    form = fields.Str(
        metadata={"enum": list(PaperForm), "description": "As what it was handed in; missing if nobody said"}
    )
    kept = fields.Bool(metadata={"description": "An original in the desk's custody; missing for any other"})
    given_back_at = fields.Str(metadata={"description": "When it was given back, ISO 8601; missing until then"})


def _birth_date() -> fields.Str:
    return fields.Str(
        load_default="",
        validate=validate.Length(max=50),
        metadata={"description": "31/01/1990 or 1990-01-31, or the year alone; answered as 1990-01-31 or the year"},
    )


def _sex() -> fields.Str:
    return fields.Str(load_default="", validate=validate.OneOf(["", *Sex]))


class PersonSchema(Schema):
    """Name and identity document of a person or an organisation; the domain checks the texts."""

    name = fields.Str(required=True, validate=validate.Length(max=1000))
    id_number = fields.Str(required=True, validate=validate.Length(max=50))
    id_kind = fields.Str(
        load_default="",
        validate=validate.OneOf(["", *DocumentKind]),
        metadata={"description": "The kind of identity document; empty to infer it from the number"},
    )


class ApplicantSchema(PersonSchema):
    """The applicant: a person, or an organisation with its tax code."""

    phone = fields.Str(required=True, validate=validate.Length(max=50))
    email = fields.Str(load_default="", validate=validate.Length(max=300))
    address = fields.Str(load_default="", validate=validate.Length(max=1000))
    birth_date = _birth_date()
    sex = _sex()
    old_id_number = fields.Str(
        load_default="",
        validate=validate.Length(max=50),
        metadata={"description": "The 9 digits of an earlier identity card"},
    )


class ToldApplicantSchema(ApplicantSchema):
    """The applicant, and how they want to be told about the dossier."""

    language = fields.Str(
        load_default=DEFAULT_LANGUAGE,
        validate=validate.OneOf(list(LANGUAGES)),
        metadata={"description": "Of the messages to the applicant"},
    )
    channels = fields.List(
        fields.Str(validate=validate.OneOf(list(MESSAGE_CHANNELS))),
        load_default=list,
        validate=validate.Length(max=len(MESSAGE_CHANNELS)),
        metadata={
            "description": "By which messages come, the best first; each needs its address. Empty for the usual order"
        },
    )
    chat_user = fields.Str(
        load_default="",
        validate=validate.Length(max=300),
        metadata={"description": "The applicant's id in the chat service"},
    )


class RepresentativeSchema(PersonSchema):
    """Who acts for the applicant."""

    relation = fields.Str(required=True, validate=validate.OneOf(list(Relation)))
    authority = fields.Str(
        load_default="",
        validate=validate.Length(max=1000),
        metadata={"description": "Number and date of the authorisation, and who certified it"},
    )
    phone = fields.Str(load_default="", validate=validate.Length(max=50))


class CoApplicantSchema(PersonSchema):
    """One who applies together with the applicant."""

    birth_date = _birth_date()
    sex = _sex()
    address = fields.Str(load_default="", validate=validate.Length(max=1000))


class FilingSchema(Schema):
    """A dossier to be received."""

    procedure = fields.Str(required=True, validate=CODE)
    case = fields.Str(load_default=None, allow_none=True, validate=validate.Length(max=500))
    channel = fields.Str(required=True, validate=validate.OneOf(CHANNELS))
    receiving_agency = fields.Str(required=True, validate=CODE)
    applicant = fields.Nested(ToldApplicantSchema, required=True)
    representative = fields.Nested(RepresentativeSchema, load_default=None, allow_none=True)
    co_applicants = fields.List(
        fields.Nested(CoApplicantSchema), load_default=list, validate=validate.Length(max=MAX_CO_APPLICANTS)
    )
    papers = fields.List(
        PaperField(metadata={"type": ["string", "object"]}), required=True, validate=validate.Length(max=MAX_PAPERS)
    )
    remote = fields.Bool(load_default=False)
    insist = fields.Bool(
        load_default=False, metadata={"description": "File although the same was filed less than a minute ago"}
    )
    finish = fields.Bool(
        load_default=False,
        metadata={
            "description": "The result is handed over at once; only where the desk alone does every step of the case"
        },
    )
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
    """The answer to a filing; the secret appears nowhere else."""

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
    sms_possible = fields.Bool(
        metadata={"description": "False: the number is a fixed line or foreign, so no SMS will come"}
    )
