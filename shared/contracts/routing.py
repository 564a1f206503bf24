"""What routing says: steps assigned and completed, obligations requested, dossiers paused, resumed, overdue and resolved."""

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


class ObligationRequested(EventSchema):
    dossier = fields.Str(required=True)
    obligation = fields.Str(required=True)
    kind = fields.Str(required=True)
    name = fields.Str(required=True)
    amount = fields.Int(required=True)
    agency = fields.Str(required=True)
    requested_at = time_field()


class DossierPaused(EventSchema):
    dossier = fields.Str(required=True)
    reason = fields.Str(required=True)
    paused_at = time_field()


class DossierResumed(EventSchema):
    dossier = fields.Str(required=True)
    resumed_at = time_field()
    due_at = time_field()
    uncounted_minutes = fields.Int(required=True)


class DossierOverdue(EventSchema):
    dossier = fields.Str(required=True)
    due_at = time_field()
    overdue_at = time_field()
    agency = fields.Str(required=True)
    step = fields.Str(required=True)


class DossierResolved(EventSchema):
    dossier = fields.Str(required=True)
    outcome = fields.Str(required=True)
    agency = fields.Str(required=True)
    promised_at = time_field()
    due_at = time_field()
    resolved_at = time_field()
    on_time = fields.Bool(required=True)


_CODE = "000.00.14.H57-251120-0118"
_TASK = "0198f0a2-5a3c-7c11-8d60-0c6f2a8a2b11"

EVENTS = (
    EventType(
        name="step.assigned",
        owner="routing",
        subscribers=("intake",),
        schema=StepAssigned(),
        title=("Bước xử lý được giao cho một cơ quan", "A step was given to an agency"),
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
        },
    ),
    EventType(
        name="step.completed",
        owner="routing",
        subscribers=("stats",),
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
        name="obligation.requested",
        owner="routing",
        subscribers=("intake", "notify"),
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
        name="dossier.paused",
        owner="routing",
        subscribers=("intake",),
        schema=DossierPaused(),
        title=("Thời gian bắt đầu không tính", "The clock stopped: what follows is not counted"),
        example={"dossier": _CODE, "reason": "tax", "paused_at": "2025-11-21T09:00:00+07:00"},
    ),
    EventType(
        name="dossier.resumed",
        owner="routing",
        subscribers=("intake",),
        schema=DossierResumed(),
        title=("Thời gian được tính tiếp", "The clock runs again, towards a later due time"),
        example={
            "dossier": _CODE,
            "resumed_at": "2025-11-25T09:00:00+07:00",
            "due_at": "2025-12-04T17:30:00+07:00",
            "uncounted_minutes": 960,
        },
    ),
    EventType(
        name="dossier.overdue",
        owner="routing",
        subscribers=("stats",),
        schema=DossierOverdue(),
        title=("Hồ sơ quá hạn", "A dossier passed its due time unresolved; said once"),
        example={
            "dossier": _CODE,
            "due_at": "2025-12-04T17:30:00+07:00",
            "overdue_at": "2025-12-04T17:31:00+07:00",
            "agency": "H57.30.01",
            "step": "sign",
        },
    ),
    EventType(
        name="dossier.resolved",
        owner="routing",
        subscribers=("intake", "notify", "stats"),
        schema=DossierResolved(),
        title=("Hồ sơ đã xử lý xong, có kết quả", "The result is at the one-stop desk"),
        example={
            "dossier": _CODE,
            "outcome": "completed",
            "agency": "H57.30.01",
            "promised_at": "2025-12-02T17:30:00+07:00",
            "due_at": "2025-12-04T17:30:00+07:00",
            "resolved_at": "2025-12-02T09:00:00+07:00",
            "on_time": True,
        },
    ),
)
