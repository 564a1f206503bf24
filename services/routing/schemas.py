"""What routing's API takes and gives."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.routing.domain.states import DossierState, TaskState

MAX_NOTE = 2000
MAX_AMOUNT = 10**15  # VND
STATES = [state.value for state in TaskState]


def _time(**kwargs: Any) -> fields.AwareDateTime:
    return fields.AwareDateTime(format="iso", **kwargs)


class CompletionSchema(Schema):
    """How a step was completed."""

    outcome = fields.Str(required=True, validate=validate.Length(1, 50))
    note = fields.Str(load_default="", validate=validate.Length(max=MAX_NOTE))
    amount = fields.Int(strict=True, allow_none=True, load_default=None, validate=validate.Range(max=MAX_AMOUNT))


class TasksQuerySchema(Schema):
    """Which steps to list."""

    agency = fields.Str(load_default="")
    state = fields.Str(load_default="", validate=validate.OneOf(["", *STATES]))
    dossier = fields.Str(load_default="")
    cursor = fields.Str(load_default="", validate=validate.Length(max=36))
    limit = fields.Int(load_default=50, validate=validate.Range(1, 200))


class TaskSchema(Schema):
    """A step in a worklist."""

    id = fields.Str(required=True)
    dossier = fields.Str(required=True)
    step = fields.Str(required=True)
    name = fields.Str(required=True, metadata={"description": "What is to be done, in Vietnamese"})
    agency = fields.Str(required=True)
    official_role = fields.Str(required=True)
    outcomes = fields.List(fields.Str(), required=True, metadata={"description": "Empty once the step is completed"})
    obligation_outcome = fields.Str(allow_none=True, metadata={"description": "The outcome that needs an amount"})
    counted = fields.Bool(required=True)
    assigned_at = _time(required=True)
    due_at = _time(required=True, allow_none=True)
    state = fields.Str(required=True, validate=validate.OneOf(STATES))
    overdue = fields.Bool(required=True)


class TaskDetailSchema(TaskSchema):
    """A step with what became of it."""

    completed_at = _time(allow_none=True)
    completed_by = fields.Str(allow_none=True)
    outcome = fields.Str(allow_none=True)
    note = fields.Str(allow_none=True)
    on_time = fields.Bool(allow_none=True)
    obligation = fields.Str(allow_none=True)
    amount = fields.Int(allow_none=True, metadata={"description": "VND that the citizen must pay"})


class TaskPageSchema(Schema):
    """A page of a worklist, in the order of assignment."""

    items = fields.List(fields.Nested(TaskSchema), required=True)
    next = fields.Str(required=True, allow_none=True, metadata={"description": "The cursor of the next page"})


class IntervalSchema(Schema):
    """A stretch of a dossier's life."""

    kind = fields.Str(required=True)
    reason = fields.Str(required=True, metadata={"description": "The id of the step waited in, when not counted"})
    begins_at = _time(required=True, data_key="from")
    ends_at = _time(required=True, allow_none=True, data_key="to")
    working_minutes = fields.Int(required=True)


class NoteSchema(Schema):
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
    promised_at = _time(required=True)
    due_at = _time(required=True, metadata={"description": "The promise, extended by the pauses that have ended"})
    paused = fields.Bool(required=True)
    overdue_at = _time(required=True, allow_none=True)
    explanation = fields.List(fields.Nested(NoteSchema), required=True)


class DossierSchema(Schema):
    """A dossier's way through the agencies and its clock."""

    code = fields.Str(required=True)
    procedure = fields.Str(required=True)
    version = fields.Int(required=True)
    case = fields.Str(required=True)
    field = fields.Str(required=True)
    receiving_agency = fields.Str(required=True)
    handling_agency = fields.Str(required=True)
    regulation = fields.Str(required=True)
    received_at = _time(required=True)
    state = fields.Str(required=True, validate=validate.OneOf([state.value for state in DossierState]))
    outcome = fields.Str(allow_none=True)
    resolved_at = _time(allow_none=True)
    on_time = fields.Bool(allow_none=True)
    returned_at = _time(allow_none=True)
    steps = fields.List(fields.Nested(TaskDetailSchema), required=True)
    clock = fields.Nested(ClockSchema, required=True)
