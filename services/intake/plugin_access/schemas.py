"""The JSON that programs read: the papers of a step, and a dossier for the national portal."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.intake.dossiers.detail_schemas import ReappointmentSchema
from services.intake.dossiers.schemas import ProcedureRefSchema, StateSchema, moment
from services.intake.filing.schemas import (
    ApplicantSchema,
    CoApplicantSchema,
    FeeItemSchema,
    FiledPaperSchema,
    RepresentativeSchema,
)
from services.intake.payments.schemas import ObligationSchema
from services.intake.supplements.schemas import SupplementRequestSchema


class StepPapersSchema(Schema):
    """What an agency's own software reads of a dossier while a step of it is the agency's."""

    dossier = fields.Str()
    procedure = fields.Str()
    case = fields.Str()
    received_at = moment()
    papers = fields.List(fields.Nested(FiledPaperSchema))
    applicant = fields.Nested(ApplicantSchema)
    representative = fields.Nested(RepresentativeSchema, allow_none=True)
    co_applicants = fields.List(fields.Nested(CoApplicantSchema))


class OutputSchema(Schema):
    """A paper that a step of the route produces."""

    step = fields.Str()
    code = fields.Str()
    name = fields.Str()


class ObservedDossierSchema(StateSchema):
    """What the portal gets of a dossier; of an application that is not received, the times are null."""

    code = fields.Str()
    procedure = fields.Nested(ProcedureRefSchema)
    case = fields.Str()
    case_name = fields.Str()
    field = fields.Str()
    field_name = fields.Str()
    channel = fields.Str()
    receiving_agency = fields.Str()
    received_at = moment(allow_none=True)
    promised_at = moment(allow_none=True)
    due_at = moment(allow_none=True)
    resolved_at = moment(allow_none=True)
    outcome = fields.Str(allow_none=True)
    returned_at = moment(allow_none=True)
    fee_items = fields.List(fields.Nested(FeeItemSchema))
    fee_paid_at = moment(allow_none=True)
    obligations = fields.List(fields.Nested(ObligationSchema))
    supplement_requests = fields.List(fields.Nested(SupplementRequestSchema))
    reappointments = fields.List(fields.Nested(ReappointmentSchema))
    papers = fields.List(fields.Nested(FiledPaperSchema))
    outputs = fields.List(fields.Nested(OutputSchema))
    applicant = fields.Nested(ApplicantSchema)
