"""Requests and responses of routing's API about steps."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.routing.domain.states import TaskState
from shared.text.limits import ASKED_PAPERS, NOTE, OUTCOME, PAPER

MAX_AMOUNT = 10**15  # VND
MAX_BULK = 100
STATES = [state.value for state in TaskState]


def moment(**kwargs: Any) -> fields.AwareDateTime:
    """A point in time with its offset."""
    return fields.AwareDateTime(format="iso", **kwargs)


class CompletionSchema(Schema):
    """How a step was completed."""

    outcome = fields.Str(required=True, validate=validate.Length(1, OUTCOME))
    note = fields.Str(load_default="", validate=validate.Length(max=NOTE))
    amount = fields.Int(strict=True, allow_none=True, load_default=None, validate=validate.Range(max=MAX_AMOUNT))


class BulkCompletionSchema(Schema):
    """Several steps completed with the same outcome."""

    tasks = fields.List(
        fields.Str(validate=validate.Length(1, 36)), required=True, validate=validate.Length(1, MAX_BULK)
    )
    outcome = fields.Str(required=True, validate=validate.Length(1, OUTCOME))
    note = fields.Str(load_default="", validate=validate.Length(max=NOTE))


class BulkItemSchema(Schema):
    """The result for one of them."""

    id = fields.Str(required=True)
    done = fields.Bool(required=True)
    problem = fields.Dict(required=True, allow_none=True, metadata={"description": "Why not, as problem details"})


class BulkResultSchema(Schema):
    """The result for each, and how many were completed."""

    items = fields.List(fields.Nested(BulkItemSchema), required=True)
    done = fields.Int(required=True)


class ReasonSchema(Schema):
    """Why, in words."""

    reason = fields.Str(required=True, validate=validate.Length(1, NOTE))


class NoteSchema(Schema):
    """A remark."""

    text = fields.Str(required=True, validate=validate.Length(1, NOTE))


class AssignmentSchema(ReasonSchema):
    """To whom a step is given, and why."""

    official = fields.Str(required=True, validate=validate.Length(1, 200))


class SupplementSchema(ReasonSchema):
    """The papers that the citizen is asked for."""

    papers = fields.List(
        fields.Str(validate=validate.Length(1, PAPER)), required=True, validate=validate.Length(1, ASKED_PAPERS)
    )


class RefusalSchema(ReasonSchema):
    """The written refusal."""

    document = fields.Str(required=True, validate=validate.Length(1, 100), metadata={"description": "Its number"})


class TasksQuerySchema(Schema):
    """Which steps to list."""

    agency = fields.Str(load_default="", validate=validate.Length(max=50))
    state = fields.Str(load_default="", validate=validate.OneOf(["", *STATES]))
    dossier = fields.Str(load_default="", validate=validate.Length(max=100))
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
    kind = fields.Str(required=True, metadata={"description": "step, or correction of a result"})
    root = fields.Str(required=True, metadata={"description": "The citizen's dossier; `dossier` may be a part of it"})
    from_agency = fields.Str(required=True, metadata={"description": "The sender"})
    receipt_due_at = moment(required=True, allow_none=True, metadata={"description": "To be acknowledged by then"})
    accepted_at = moment(required=True, allow_none=True)
    official = fields.Str(
        required=True, allow_none=True, metadata={"description": "Who has claimed it or got it assigned"}
    )
    wait_until = moment(required=True, allow_none=True, metadata={"description": "Posting: not to be completed before"})
    refusal = fields.Str(required=True, allow_none=True, metadata={"description": "Why the agency refused it"})
    due_soon = fields.Bool(required=True)
    escalation = fields.Int(
        required=True, metadata={"description": "Escalated to: 1 the unit's leader, 2 the centre's"}
    )
    obligation_outcome = fields.Str(allow_none=True, metadata={"description": "The outcome that needs an amount"})
    counted = fields.Bool(required=True)
    assigned_at = moment(required=True)
    due_at = moment(required=True, allow_none=True)
    state = fields.Str(required=True, validate=validate.OneOf(STATES))
    overdue = fields.Bool(required=True)


class RemarkSchema(Schema):
    """A remark on a step."""

    at = moment(required=True)
    by = fields.Str(required=True)
    text = fields.Str(required=True)


class TaskDetailSchema(TaskSchema):
    """A step with its result and remarks."""

    completed_at = moment(allow_none=True)
    completed_by = fields.Str(allow_none=True)
    outcome = fields.Str(allow_none=True)
    note = fields.Str(allow_none=True)
    on_time = fields.Bool(allow_none=True)
    obligation = fields.Str(allow_none=True)
    amount = fields.Int(allow_none=True, metadata={"description": "VND that the citizen must pay"})
    sub = fields.Str(allow_none=True, metadata={"description": "The sub-dossier that does it"})
    accepted_by = fields.Str(allow_none=True)
    notes = fields.List(fields.Nested(RemarkSchema))


class TaskPageSchema(Schema):
    """A page of a worklist, in the order of assignment."""

    items = fields.List(fields.Nested(TaskSchema), required=True)
    next = fields.Str(required=True, allow_none=True, metadata={"description": "The cursor of the next page"})
