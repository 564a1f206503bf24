"""Events of routing about whole dossiers: paused, resumed, due soon, overdue, extended, stopped, resolved, corrected."""

from __future__ import annotations

from marshmallow import fields, validate

from shared.contracts.base import EventSchema, EventType, time_field

STOP_CAUSES = ("withdrawn", "no_supplement", "stopped")
"""Why a dossier ends without a result: withdrawn by the citizen, no supplement in time, or stopped by a leader."""


DEADLINES = ("result", "supplement")
"""Which deadline moved: of the result, or of the citizen's supplement."""


class DossierDueSoon(EventSchema):
    dossier = fields.Str(required=True)
    agency = fields.Str(required=True)
    due_at = time_field()
    warned_at = time_field()


class DossierExtended(EventSchema):
    dossier = fields.Str(required=True)
    agency = fields.Str(required=True)
    reason = fields.Str(required=True)
    was_due_at = time_field()
    due_at = time_field()
    extended_at = time_field()
    number = fields.Str(load_default="")  # of the apology (form 04) in the register of the agency


class DossierDeadlineMoved(EventSchema):
    dossier = fields.Str(required=True)
    deadline = fields.Str(required=True, validate=validate.OneOf(DEADLINES))
    was_at = time_field()
    moved_to = time_field()
    moved_at = time_field()


class RefusalExplained(EventSchema):
    dossier = fields.Str(required=True)
    agency = fields.Str(required=True)
    document = fields.Str(required=True)
    reason = fields.Str(required=True)
    refused_at = time_field()


class DossierStopped(EventSchema):
    dossier = fields.Str(required=True)
    agency = fields.Str(required=True)
    cause = fields.Str(required=True, validate=validate.OneOf(STOP_CAUSES))
    reason = fields.Str(load_default="")
    due_at = time_field()
    on_time = fields.Bool(required=True)
    index_on_time = fields.Bool(load_default=None, allow_none=True)
    stopped_at = time_field()


class DossierCorrected(EventSchema):
    dossier = fields.Str(required=True)
    correction = fields.Str(required=True)
    agency = fields.Str(required=True)
    found_at = time_field()
    due_at = time_field()
    corrected_at = time_field()
    on_time = fields.Bool(required=True)


class DossierPaused(EventSchema):
    dossier = fields.Str(required=True)
    reason = fields.Str(required=True)
    paused_at = time_field()


class DossierResumed(EventSchema):
    dossier = fields.Str(required=True)
    resumed_at = time_field()
    due_at = time_field()
    uncounted_minutes = fields.Int(required=True)
    supplemented = fields.Bool(load_default=False)


class DossierOverdue(EventSchema):
    dossier = fields.Str(required=True)
    due_at = time_field()
    overdue_at = time_field()
    agency = fields.Str(required=True)
    step = fields.Str(required=True)


class DossierOverdueWithdrawn(EventSchema):
    dossier = fields.Str(required=True)
    was_overdue_at = time_field()
    overdue_at = time_field(required=False, allow_none=True, load_default=None)
    due_at = time_field()
    ended_at = time_field(required=False, allow_none=True, load_default=None)
    on_time = fields.Bool(load_default=None, allow_none=True)
    index_on_time = fields.Bool(load_default=None, allow_none=True)
    withdrawn_at = time_field()


class DossierResolved(EventSchema):
    dossier = fields.Str(required=True)
    outcome = fields.Str(required=True)
    agency = fields.Str(required=True)
    promised_at = time_field()
    due_at = time_field()
    resolved_at = time_field()
    on_time = fields.Bool(required=True)
    index_on_time = fields.Bool(load_default=None, allow_none=True)
    handed_over = fields.Bool(load_default=False)  # the citizen has it already: it was given at the desk at once


_CODE = "000.00.14.H57-251120-0118"

EVENTS = (
    EventType(
        name="dossier.paused",
        owner="routing",
        subscribers=("intake", "stats"),
        schema=DossierPaused(),
        title=("Thời gian bắt đầu không tính", "The clock is paused: time is not counted from here"),
        example={"dossier": _CODE, "reason": "tax", "paused_at": "2025-11-21T09:00:00+07:00"},
    ),
    EventType(
        name="dossier.resumed",
        owner="routing",
        subscribers=("intake", "notify", "stats"),
        schema=DossierResumed(),
        title=("Thời gian được tính tiếp", "The clock runs again, with a later due time"),
        example={
            "dossier": _CODE,
            "resumed_at": "2025-11-25T09:00:00+07:00",
            "due_at": "2025-12-04T17:30:00+07:00",
            "uncounted_minutes": 960,
            "supplemented": False,
        },
    ),
    EventType(
        name="dossier.due_soon",
        owner="routing",
        subscribers=("stats",),
        schema=DossierDueSoon(),
        title=("Hồ sơ sắp đến hạn", "A dossier is due soon; published once"),
        example={
            "dossier": _CODE,
            "agency": "H57.30.01",
            "due_at": "2025-12-04T17:30:00+07:00",
            "warned_at": "2025-12-03T08:00:00+07:00",
        },
    ),
    EventType(
        name="dossier.extended",
        owner="routing",
        subscribers=("intake", "notify", "stats"),
        schema=DossierExtended(),
        title=(
            "Xin lỗi và hẹn lại ngày trả kết quả",
            "The agency apologised and promised a new day; at most once for a dossier",
        ),
        example={
            "dossier": _CODE,
            "agency": "H57.30.01",
            "reason": "Cần đo đạc lại ranh giới thửa đất.",
            "was_due_at": "2025-12-04T17:30:00+07:00",
            "due_at": "2025-12-09T17:30:00+07:00",
            "extended_at": "2025-12-02T10:00:00+07:00",
            "number": "06/PXL-H57.30.01",
        },
    ),
    EventType(
        name="dossier.deadline_moved",
        owner="routing",
        subscribers=("intake", "notify", "stats"),
        schema=DossierDeadlineMoved(),
        title=(
            "Ngày cuối của thời hạn thành ngày nghỉ nên thời hạn kết thúc vào ngày làm việc tiếp theo",
            "The last day of a deadline was declared off, so that it ends with the next working day (Civil Code 148.5)",
        ),
        example={
            "dossier": _CODE,
            "deadline": "result",
            "was_at": "2025-12-04T17:30:00+07:00",
            "moved_to": "2025-12-05T17:30:00+07:00",
            "moved_at": "2025-12-01T08:00:00+07:00",
        },
    ),
    EventType(
        name="refusal.explained",
        owner="routing",
        subscribers=("intake",),
        restricted=True,
        secret=True,
        schema=RefusalExplained(),
        title=(
            "Lý do từ chối giải quyết, để người dân đọc ở trang tra cứu",
            "Why a dossier was refused (NĐ 118/2025, article 19.3), for the citizen's look-up alone; dossier.resolved follows",
        ),
        example={
            "dossier": _CODE,
            "agency": "H57.30.01",
            "document": "12/TB-VPĐK",
            "reason": "Thửa đất đang có tranh chấp.",
            "refused_at": "2025-12-01T09:00:00+07:00",
        },
    ),
    EventType(
        name="dossier.stopped",
        owner="routing",
        subscribers=("intake", "notify", "stats"),
        schema=DossierStopped(),
        title=("Dừng giải quyết hồ sơ", "A dossier ended without a result"),
        example={
            "dossier": _CODE,
            "agency": "H57.30.01",
            "cause": "no_supplement",
            "reason": "",
            "due_at": "2025-12-04T17:30:00+07:00",
            "on_time": True,
            "index_on_time": True,
            "stopped_at": "2025-12-08T17:30:00+07:00",
        },
    ),
    EventType(
        name="dossier.corrected",
        owner="routing",
        subscribers=("notify", "stats"),
        schema=DossierCorrected(),
        title=("Đã đính chính sai sót của cơ quan", "The agency corrected its own error in a result"),
        example={
            "dossier": _CODE,
            "correction": "0198f0a2-7a3c-7c11-8d60-0c6f2a8a2b22",
            "agency": "H57.30.01",
            "found_at": "2025-12-05T09:00:00+07:00",
            "due_at": "2025-12-10T17:30:00+07:00",
            "corrected_at": "2025-12-08T10:00:00+07:00",
            "on_time": True,
        },
    ),
    EventType(
        name="dossier.overdue",
        owner="routing",
        subscribers=("stats",),
        schema=DossierOverdue(),
        title=("Hồ sơ quá hạn", "A dossier passed its due time without a result; published once for each due time"),
        example={
            "dossier": _CODE,
            "due_at": "2025-12-04T17:30:00+07:00",
            "overdue_at": "2025-12-04T17:30:00+07:00",
            "agency": "H57.30.01",
            "step": "sign",
        },
    ),
    EventType(
        name="dossier.overdue_withdrawn",
        owner="routing",
        subscribers=("stats",),
        schema=DossierOverdueWithdrawn(),
        title=(
            "Hồ sơ không quá hạn như đã ghi nhận, vì ngày cuối của thời hạn là ngày nghỉ",
            "A dossier was not overdue as announced, because its due day was off; `overdue_at` is the later time that it missed, if it did",
        ),
        example={
            "dossier": _CODE,
            "was_overdue_at": "2025-12-04T17:30:00+07:00",
            "overdue_at": None,
            "due_at": "2025-12-05T17:30:00+07:00",
            "ended_at": "2025-12-05T09:00:00+07:00",
            "on_time": True,
            "index_on_time": True,
            "withdrawn_at": "2025-12-08T08:00:00+07:00",
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
            "index_on_time": True,
            "handed_over": False,
        },
    ),
)
