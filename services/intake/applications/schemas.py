"""The JSON of applications."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.applications.domain import CHANNELS, DELIVERIES, Status
from services.intake.dossiers.schemas import CODE, MAX_PAGE, ProcedureRefSchema, StateSchema, moment
from services.intake.filing.domain.applicant import MAX_ADDRESS, MAX_NOTE
from services.intake.filing.schemas import (
    MAX_PAPERS,
    CoApplicantSchema,
    FiledPaperSchema,
    FilingSchema,
    LinkedSchema,
    PaperField,
    RepresentativeSchema,
    ToldApplicantSchema,
)
from shared.text.limits import DOSSIER_CODE


class StatusSchema(StateSchema):
    """Where an application stands; its state is the national portal's."""

    code = fields.Str()
    status = fields.Str(metadata={"enum": list(Status)})
    status_label = fields.Str()
    status_label_en = fields.Str()


class ApplicationSummarySchema(StatusSchema):
    """An application without personal data."""

    procedure = fields.Nested(ProcedureRefSchema)
    case = fields.Str()
    case_name = fields.Str()
    channel = fields.Str(metadata={"enum": list(CHANNELS)})
    receiving_agency = fields.Str()
    receiving_agency_name = fields.Str()
    filed_at = moment()
    waiting_since = moment(metadata={"description": "Since when the desk has to answer"})
    alert_at = moment(allow_none=True, metadata={"description": "When the desk is alerted (article 17.2)"})
    answer_by = moment(allow_none=True, metadata={"description": "Until when the desk answers (article 17.2c)"})
    alerted = fields.Bool()
    overdue = fields.Bool()
    parcel_number = fields.Str()


class ApplicationItemSchema(ApplicationSummarySchema):
    """One line of a list."""

    applicant_name = fields.Str()


class ApplicationListSchema(Schema):
    """A page of applications, the one that has waited longest first."""

    items = fields.List(fields.Nested(ApplicationItemSchema))
    next = fields.Str(allow_none=True, metadata={"description": "`after` of the next page; null on the last page"})


class ApplicationQuerySchema(Schema):
    """Which applications; by default those that wait for the desk."""

    status = fields.Str(load_default="", validate=validate.OneOf(["", *Status]))
    channel = fields.Str(load_default="", validate=validate.OneOf(["", *CHANNELS]))
    agency = fields.Str(load_default="", validate=validate.Length(max=60))
    after = fields.Str(load_default="", validate=validate.Length(max=DOSSIER_CODE))
    limit = fields.Int(load_default=50, validate=validate.Range(1, MAX_PAGE))


class UploadSchema(Schema):
    """An uploaded file."""

    key = fields.Str()
    sha256 = fields.Str()
    size = fields.Int(metadata={"description": "In bytes"})
    media_type = fields.Str()
    name = fields.Str()


class ApplicationPaperSchema(FiledPaperSchema):
    """A paper with its files."""

    uploads = fields.List(fields.Nested(UploadSchema))


class AskedSchema(Schema):
    """The papers that the desk asked for, which it may do once."""

    papers = fields.List(fields.Str())
    reason = fields.Str()
    requested_at = moment()
    until = moment(allow_none=True, metadata={"description": "Null where the regulation sets no end"})
    supplemented_at = moment(allow_none=True)


class AnswerFields(Schema):
    """What the desk has answered."""

    supplement = fields.Nested(AskedSchema, allow_none=True)
    decided_at = moment(allow_none=True)
    refusal_reason = fields.Str()
    return_parcel = fields.Str()


class ApplicationSchema(ApplicationItemSchema, AnswerFields):
    """An application in full."""

    chosen = fields.List(fields.Nested(LinkedSchema))
    remote = fields.Bool()
    fee = fields.Int()
    papers = fields.List(fields.Nested(ApplicationPaperSchema))
    applicant = fields.Nested(ToldApplicantSchema)
    representative = fields.Nested(RepresentativeSchema, allow_none=True)
    co_applicants = fields.List(fields.Nested(CoApplicantSchema))
    delivery = fields.Str(metadata={"enum": list(DELIVERIES)})
    delivery_address = fields.Str()
    note = fields.Str()
    parcel_sender = fields.Str()
    withdrawal_reason = fields.Str()


class PublicApplicationSchema(ApplicationSummarySchema, AnswerFields):
    """An application for the holder of its code and secret: no personal data."""


class ParcelSchema(Schema):
    """A parcel of the public post."""

    number = fields.Str(required=True, validate=validate.Length(1, 60))
    sender = fields.Str(required=True, validate=validate.Length(1, MAX_ADDRESS))


class DeliverySchema(Schema):
    """How the applicant wants to get the result."""

    by = fields.Str(load_default="desk", validate=validate.OneOf(DELIVERIES))
    address = fields.Str(load_default="", validate=validate.Length(max=MAX_ADDRESS))


class ParcelFilingSchema(FilingSchema):
    """What came in a parcel; papers may be missing."""

    class Meta:
        exclude = ("channel", "insist")

    receiving_agency = fields.Str(required=True, validate=CODE)
    parcel = fields.Nested(ParcelSchema, required=True)
    delivery = fields.Nested(DeliverySchema, load_default=lambda: {"by": "desk", "address": ""})
    note = fields.Str(load_default="", validate=validate.Length(max=MAX_NOTE))


class FiledSchema(StateSchema):
    """The receipt of an application; the secret appears nowhere else."""

    code = fields.Str()
    secret = fields.Str()
    filed_at = moment()
    answer_by = moment(allow_none=True)
    fee = fields.Int()
    procedure = fields.Nested(ProcedureRefSchema)
    case = fields.Str()
    case_name = fields.Str()
    channel = fields.Str()
    receiving_agency = fields.Str()
    receiving_agency_name = fields.Str()


class AcceptedSchema(StateSchema):
    """The application is received; its time limit runs."""

    code = fields.Str()
    received_at = moment()
    promised_at = moment()
    fee = fields.Int()


class ApplicationSupplementSchema(Schema):
    """Which papers are asked for, and why."""

    papers = fields.List(
        fields.Str(validate=validate.Length(1, MAX_NOTE)), required=True, validate=validate.Length(1, 20)
    )
    reason = fields.Str(required=True, validate=validate.Length(1, MAX_NOTE))


class SupplementPapersSchema(Schema):
    """Papers that came to the desk by post or were handed in."""

    papers = fields.List(PaperField(), required=True, validate=validate.Length(1, MAX_PAPERS))
    channel = fields.Str(load_default="post", validate=validate.OneOf(["post", "counter"]))


class RefusalSchema(Schema):
    """Why an application is refused, and in which parcel its papers go back."""

    reason = fields.Str(required=True, validate=validate.Length(1, MAX_NOTE))
    return_parcel = fields.Str(load_default="", validate=validate.Length(max=60))


class ReturnParcelSchema(Schema):
    """In which parcel the papers of a refused application went back."""

    number = fields.Str(required=True, validate=validate.Length(1, 60))
