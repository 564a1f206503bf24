"""The JSON of dossiers for staff: one in full, and worklists."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.domain import State
from services.intake.dossiers.schemas import MAX_PAGE, ProcedureRefSchema, StateSchema, moment
from services.intake.filing.schemas import (
    CoApplicantSchema,
    FeeItemSchema,
    FiledPaperSchema,
    LinkedSchema,
    NoteSchema,
    RepresentativeSchema,
    ToldApplicantSchema,
)
from services.intake.payments.schemas import ObligationSchema, PaymentRecordSchema
from services.intake.supplements.schemas import SupplementRequestSchema
from shared.contracts.routing import STOP_CAUSES
from shared.text.limits import DOSSIER_CODE


class PlaceSchema(Schema):
    """Where a dossier is now."""

    agency = fields.Str()
    agency_name = fields.Str()
    step = fields.Str()
    due_at = moment(allow_none=True)


class ChangeSchema(StateSchema):
    """A change of state."""

    at = moment()


class ReappointmentSchema(Schema):
    """An apology, and the new promised time."""

    agency = fields.Str()
    agency_name = fields.Str()
    reason = fields.Str()
    was_due_at = moment()
    due_at = moment()
    extended_at = moment()
    number = fields.Str(metadata={"description": "Of the letter (form 04) in its agency's register"})
    late = fields.Bool(metadata={"description": "The due time had passed, and stays; else it was moved"})


class StopSchema(Schema):
    """Why and when a dossier ended without a result."""

    cause = fields.Str(metadata={"enum": list(STOP_CAUSES)})
    cause_label = fields.Str()
    cause_label_en = fields.Str()
    reason = fields.Str()
    stopped_at = moment()


class MovedDeadlineSchema(Schema):
    """A deadline that ends later, because its last day was declared off."""

    deadline = fields.Str(metadata={"description": "result or supplement"})
    was_at = moment()
    moved_to = moment()
    moved_at = moment()


class OverdueSchema(Schema):
    """By how much a dossier is overdue now."""

    since = moment(metadata={"description": "The due time that has passed"})
    working_days = fields.Int(metadata={"description": "Working days begun since the due day; 0 on the due day itself"})


class ProgressSchema(StateSchema):
    """How a dossier stands, without personal data."""

    code = fields.Str()
    procedure = fields.Nested(ProcedureRefSchema)
    receiving_agency = fields.Str()
    receiving_agency_name = fields.Str()
    received_at = moment()
    promised_at = moment()
    due_at = moment()
    paused = fields.Bool()
    overdue = fields.Nested(OverdueSchema, allow_none=True, metadata={"description": "Null while it is not overdue"})
    resolved_at = moment(allow_none=True)
    returned_at = moment(allow_none=True)
    place = fields.Nested(PlaceSchema)
    chosen = fields.List(fields.Nested(LinkedSchema))
    supplement_requests = fields.List(fields.Nested(SupplementRequestSchema))
    reappointments = fields.List(fields.Nested(ReappointmentSchema))
    moved_deadlines = fields.List(fields.Nested(MovedDeadlineSchema))
    stop = fields.Nested(StopSchema, allow_none=True)
    history = fields.List(fields.Nested(ChangeSchema))


class DossierSchema(ProgressSchema):
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
    fee_paid_at = moment(allow_none=True)
    outcome = fields.Str(allow_none=True)
    result_notified_at = moment(allow_none=True)
    result_notified_by = fields.Str(allow_none=True)
    receiver_name = fields.Str(allow_none=True)
    return_note = fields.Str(allow_none=True)
    withdrawn_at = moment(allow_none=True)
    withdrawal_reason = fields.Str(allow_none=True)
    supplemented_at = moment(allow_none=True)
    papers = fields.List(fields.Nested(FiledPaperSchema))
    applicant = fields.Nested(ToldApplicantSchema)
    representative = fields.Nested(RepresentativeSchema, allow_none=True)
    co_applicants = fields.List(fields.Nested(CoApplicantSchema))
    obligations = fields.List(fields.Nested(ObligationSchema))
    payments = fields.List(fields.Nested(PaymentRecordSchema))


class WorklistQuerySchema(Schema):
    """Which dossiers; by default all that are not over."""

    state = fields.Int(load_default=None, validate=validate.OneOf([int(state) for state in State]))
    agency = fields.Str(load_default="", validate=validate.Length(max=60))
    after = fields.Str(load_default="", validate=validate.Length(max=DOSSIER_CODE))
    limit = fields.Int(load_default=50, validate=validate.Range(1, MAX_PAGE))


class WorklistItemSchema(StateSchema):
    """One line of the worklist."""

    code = fields.Str()
    procedure = fields.Nested(ProcedureRefSchema)
    channel = fields.Str()
    receiving_agency = fields.Str()
    received_at = moment()
    promised_at = moment()
    due_at = moment()
    paused = fields.Bool()
    resolved_at = moment(allow_none=True)
    place_agency = fields.Str()
    place_agency_name = fields.Str()
    applicant_name = fields.Str()


class WorklistSchema(Schema):
    """A page of the worklist; `next` is the `after` of the next page."""

    items = fields.List(fields.Nested(WorklistItemSchema))
    next = fields.Str(allow_none=True)
