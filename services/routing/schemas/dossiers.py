"""Requests and responses of routing's API about dossiers: their steps, clock and control sheet."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.routing.domain.states import DossierState
from services.routing.schemas.steps import ReasonSchema, TaskDetailSchema, moment


class ExtensionSchema(ReasonSchema):
    """The one new appointment, with the reason of the apology."""

    new_due_at = moment(required=True)


class CorrectionSchema(ReasonSchema):
    """What is wrong in the result, and whose error it is."""

    own_error = fields.Bool(load_default=True)


class IntervalSchema(Schema):
    """An interval of a dossier's clock."""

    kind = fields.Str(required=True)
    reason = fields.Str(required=True, metadata={"description": "The id of the step waited in, when not counted"})
    begins_at = moment(required=True, data_key="from")
    ends_at = moment(required=True, allow_none=True, data_key="to")
    working_minutes = fields.Int(required=True)


class ExplanationSchema(Schema):
    """One sentence of a due time's explanation."""

    date = fields.Date(required=True)
    code = fields.Str(required=True)
    vi = fields.Str(required=True)
    en = fields.Str(required=True)


class ClockSchema(Schema):
    """A dossier's clock, in working minutes of the receiving agency."""

    intervals = fields.List(fields.Nested(IntervalSchema), required=True)
    counted_minutes = fields.Int(required=True)
    uncounted_minutes = fields.Int(required=True)
    promised_at = moment(required=True)
    due_at = moment(
        required=True, metadata={"description": "By the law; restarted by a supplement or a re-appointment"}
    )
    index_due_at = moment(required=True, metadata={"description": "By the index: the first promise and all waiting"})
    supplement_minutes = fields.Int(required=True)
    supplement_until = moment(required=True, allow_none=True)
    extended_at = moment(required=True, allow_none=True)
    extended_from = moment(required=True, allow_none=True)
    paused = fields.Bool(required=True)
    overdue_at = moment(required=True, allow_none=True)
    explanation = fields.List(fields.Nested(ExplanationSchema), required=True)


class DossierSchema(Schema):
    """A dossier's steps and its clock."""

    code = fields.Str(required=True)
    procedure = fields.Str(required=True)
    version = fields.Int(required=True)
    case = fields.Str(required=True)
    field = fields.Str(required=True)
    receiving_agency = fields.Str(required=True)
    handling_agency = fields.Str(required=True)
    regulation = fields.Str(required=True)
    received_at = moment(required=True)
    state = fields.Str(required=True, validate=validate.OneOf([state.value for state in DossierState]))
    outcome = fields.Str(allow_none=True)
    resolved_at = moment(allow_none=True)
    on_time = fields.Bool(allow_none=True)
    index_on_time = fields.Bool(allow_none=True)
    stopped_at = moment(allow_none=True)
    stop_cause = fields.Str(allow_none=True)
    chosen = fields.List(fields.Str())
    remote = fields.Bool()
    returned_at = moment(allow_none=True)
    steps = fields.List(fields.Nested(TaskDetailSchema), required=True)
    clock = fields.Nested(ClockSchema, required=True)


class HandoverSchema(Schema):
    """An entry of the process control sheet."""

    number = fields.Int(required=True)
    kind = fields.Str(required=True, metadata={"description": "given, received, refused, resent, lapsed, rescheduled"})
    task = fields.Str(required=True)
    step = fields.Str(required=True)
    from_agency = fields.Str(required=True)
    to_agency = fields.Str(required=True)
    by = fields.Str(required=True)
    at = moment(required=True)
    due_at = moment(required=True, allow_none=True)
    result = fields.Str(required=True, metadata={"description": "early, on_time, late, none"})
    cause = fields.Str(required=True)
    hash = fields.Str(required=True)


class ControlSheetSchema(Schema):
    """The process control sheet of a dossier (form 06)."""

    dossier = fields.Str(required=True)
    entries = fields.List(fields.Nested(HandoverSchema), required=True)
    sound = fields.Bool(required=True, metadata={"description": "Whether no entry was altered, moved or removed"})
    fault = fields.Str(required=True, allow_none=True)
