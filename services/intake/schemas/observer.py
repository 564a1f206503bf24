"""The JSON in which a dossier is shown to the national portal's plug-in."""

from __future__ import annotations

from marshmallow import Schema, fields

from services.intake.schemas.common import ApplicantSchema, GivenPaperSchema, ProcedureRefSchema, StateSchema, moment
from services.intake.schemas.dossiers import ObligationSchema, ReappointmentSchema, SupplementRequestSchema
from services.intake.schemas.filing import FeeItemSchema


class OutputSchema(Schema):
    """A paper that a step of the route makes."""

    step = fields.Str()
    code = fields.Str()
    name = fields.Str()


class ObservedDossierSchema(StateSchema):
    """What the portal is told of a dossier."""

    code = fields.Str()
    procedure = fields.Nested(ProcedureRefSchema)
    case = fields.Str()
    case_name = fields.Str()
    field = fields.Str()
    field_name = fields.Str()
    channel = fields.Str()
    receiving_agency = fields.Str()
    received_at = moment()
    promised_at = moment()
    due_at = moment()
    resolved_at = moment(allow_none=True)
    outcome = fields.Str(allow_none=True)
    returned_at = moment(allow_none=True)
    fee_items = fields.List(fields.Nested(FeeItemSchema))
    fee_paid_at = moment(allow_none=True)
    obligations = fields.List(fields.Nested(ObligationSchema))
    supplement_requests = fields.List(fields.Nested(SupplementRequestSchema))
    reappointments = fields.List(fields.Nested(ReappointmentSchema))
    papers = fields.List(fields.Nested(GivenPaperSchema))
    outputs = fields.List(fields.Nested(OutputSchema))
    applicant = fields.Nested(ApplicantSchema)
