"""Events of routing about steps: assigned, completed, returned, due soon, overdue; requests to the citizen."""

from __future__ import annotations

from marshmallow import fields

from shared.contracts.base import EventSchema, EventType, time_field


class StepAssigned(EventSchema):
    dossier = fields.Str(required=True)
    task = fields.Str(required=True)
    step = fields.Str(required=True)
    name = fields.Str(required=True)
    agency = fields.Str(required=True)
    official_role = fields.Str(required=True)
    counted = fields.Bool(required=True)
    assigned_at = time_field()
    due_at = time_field(required=False, allow_none=True, load_default=None)
    handling_agency = fields.Str(
        load_default=None,
        allow_none=True,
        metadata={"description": "The agency that decides on the dossier, as it is known then"},
    )


class StepCompleted(EventSchema):
    dossier = fields.Str(required=True)
    task = fields.Str(required=True)
    step = fields.Str(required=True)
    agency = fields.Str(required=True)
    outcome = fields.Str(required=True)
    counted = fields.Bool(required=True)
    assigned_at = time_field()
    completed_at = time_field()
    on_time = fields.Bool(required=True)


class StepWarning(EventSchema):
    """A step that is due soon, or overdue."""

    dossier = fields.Str(required=True)
    task = fields.Str(required=True)
    step = fields.Str(required=True)
    agency = fields.Str(required=True)
    due_at = time_field()
    warned_at = time_field()


class StepOverdueWithdrawn(EventSchema):
    dossier = fields.Str(required=True)
    task = fields.Str(required=True)
    step = fields.Str(required=True)
    agency = fields.Str(required=True)
    due_at = time_field()
    withdrawn_at = time_field()
    outcome = fields.Str(load_default=None, allow_none=True)
    counted = fields.Bool(load_default=None, allow_none=True)
    assigned_at = time_field(required=False, allow_none=True, load_default=None)
    completed_at = time_field(required=False, allow_none=True, load_default=None)


class StepReturned(EventSchema):
    dossier = fields.Str(required=True)
    task = fields.Str(required=True)
    step = fields.Str(required=True)
    agency = fields.Str(required=True)
    returned_at = time_field()


class ObligationRequested(EventSchema):
    dossier = fields.Str(required=True)
    obligation = fields.Str(required=True)
    kind = fields.Str(required=True)
    name = fields.Str(required=True)
    amount = fields.Int(required=True)
    agency = fields.Str(required=True)
    requested_at = time_field()


class SupplementRequested(EventSchema):
    dossier = fields.Str(required=True)
    task = fields.Str(required=True)
    step = fields.Str(required=True)
    agency = fields.Str(required=True)
    reason = fields.Str(required=True)
    papers = fields.List(fields.Str(), required=True)
    requested_at = time_field()
    until = time_field(required=False, allow_none=True, load_default=None)


_CODE = "000.00.14.H57-251120-0118"
_TASK = "0198f0a2-5a3c-7c11-8d60-0c6f2a8a2b11"
_WARNING = {
    "dossier": _CODE,
    "task": _TASK,
    "step": "assess",
    "agency": "H57.30.01",
    "due_at": "2025-11-21T10:00:00+07:00",
    "warned_at": "2025-11-21T08:00:00+07:00",
}

EVENTS = (
    EventType(
        name="step.assigned",
        owner="routing",
        subscribers=("intake", "stats"),
        schema=StepAssigned(),
        title=("Bước xử lý được giao cho một cơ quan", "A step was assigned to an agency"),
        example={
            "dossier": _CODE,
            "task": _TASK,
            "step": "assess",
            "name": "Thẩm định hồ sơ",
            "agency": "H57.30.01",
            "official_role": "officer",
            "counted": True,
            "assigned_at": "2025-11-20T10:00:00+07:00",
            "due_at": "2025-11-21T10:00:00+07:00",
            "handling_agency": "H57.30.01",
        },
    ),
    EventType(
        name="step.completed",
        owner="routing",
        subscribers=("intake", "stats"),
        schema=StepCompleted(),
        title=("Bước xử lý đã hoàn thành", "A step was completed"),
        example={
            "dossier": _CODE,
            "task": _TASK,
            "step": "assess",
            "agency": "H57.30.01",
            "outcome": "completed",
            "counted": True,
            "assigned_at": "2025-11-20T10:00:00+07:00",
            "completed_at": "2025-11-21T09:00:00+07:00",
            "on_time": True,
        },
    ),
    EventType(
        name="step.due_soon",
        owner="routing",
        subscribers=("stats",),
        schema=StepWarning(),
        title=("Bước xử lý sắp đến hạn", "A step is due soon; published once"),
        example=_WARNING,
    ),
    EventType(
        name="step.overdue",
        owner="routing",
        subscribers=("stats",),
        schema=StepWarning(),
        title=("Bước xử lý quá hạn", "A step passed its due time; published once for each due time"),
        example=_WARNING,
    ),
    EventType(
        name="step.overdue_withdrawn",
        owner="routing",
        subscribers=("stats",),
        schema=StepOverdueWithdrawn(),
        title=(
            "Bước xử lý không quá hạn như đã ghi nhận, vì ngày cuối của thời hạn là ngày nghỉ",
            "A step was not overdue at `due_at` as announced, because that day was off; if it is completed, it was in time",
        ),
        example={
            "dossier": _CODE,
            "task": _TASK,
            "step": "assess",
            "agency": "H57.30.01",
            "due_at": "2025-11-21T10:00:00+07:00",
            "withdrawn_at": "2025-11-24T08:00:00+07:00",
            "outcome": None,
            "counted": None,
            "assigned_at": None,
            "completed_at": None,
        },
    ),
    EventType(
        name="step.returned",
        owner="routing",
        subscribers=("intake", "stats"),
        schema=StepReturned(),
        title=("Bước xử lý bị trả lại", "The agency to which a step was assigned returned it"),
        example={
            "dossier": _CODE,
            "task": _TASK,
            "step": "assess",
            "agency": "H57.30.01",
            "returned_at": "2025-11-21T09:00:00+07:00",
        },
    ),
    EventType(
        name="obligation.requested",
        owner="routing",
        subscribers=("intake", "notify", "stats"),
        schema=ObligationRequested(),
        title=("Yêu cầu thực hiện nghĩa vụ tài chính", "The citizen must pay a financial obligation"),
        example={
            "dossier": _CODE,
            "obligation": "0198f0a2-6b1d-7f10-9a51-5b1f0e7c9d22",
            "kind": "tax",
            "name": "Thuế thu nhập cá nhân, lệ phí trước bạ",
            "amount": 12500000,
            "agency": "H57.40.01",
            "requested_at": "2025-11-24T09:00:00+07:00",
        },
    ),
    EventType(
        name="supplement.requested",
        owner="routing",
        subscribers=("intake", "notify", "stats"),
        schema=SupplementRequested(),
        title=(
            "Yêu cầu bổ sung, hoàn thiện hồ sơ",
            "The citizen must supplement papers; the clock is paused",
        ),
        example={
            "dossier": _CODE,
            "task": _TASK,
            "step": "assess",
            "agency": "H57.30.01",
            "reason": "Hợp đồng chưa có trang chứng thực.",
            "papers": ["Hợp đồng chuyển nhượng có chứng thực"],
            "requested_at": "2025-11-21T09:00:00+07:00",
            "until": "2025-12-08T23:59:00+07:00",
        },
    ),
)
