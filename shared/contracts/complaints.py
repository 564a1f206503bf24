"""The events of complaints and feedback (PAKN). What was written, and by whom, is in none of them but those that are encrypted."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from shared.contracts.base import EventSchema, EventType, time_field

COMPLAINT_CHANNELS = ("web", "hotline", "mailbox", "sms", "kiosk", "paper")
COMPLAINT_DEADLINES = ("reject", "ask", "resolve", "publish")
"""The time limits of a complaint: to reject it, to ask for more, to answer, to publish the answer."""
NOTICES = ("lodged", "more_requested", "rejected", "answered", "published")
"""What a complainant is told."""


class _Complaint(EventSchema):
    complaint = fields.Str(required=True)
    agency = fields.Str(required=True)  # which is to answer
    kind = fields.Str(required=True)
    channel = fields.Str(required=True, validate=validate.OneOf(COMPLAINT_CHANNELS))
    field = fields.Str(required=True, allow_none=True)
    procedure = fields.Str(required=True, allow_none=True)
    dossier = fields.Str(required=True, allow_none=True)


class ComplaintLodged(_Complaint):
    due_at = time_field()
    lodged_at = time_field()


class ComplaintAssigned(_Complaint):
    due_at = time_field()
    assigned_at = time_field()


class ComplaintMoreRequested(_Complaint):
    on_time = fields.Bool(required=True)
    requested_at = time_field()


class ComplaintRejected(_Complaint):
    on_time = fields.Bool(required=True)
    rejected_at = time_field()


class ComplaintAnswered(_Complaint):
    due_at = time_field()
    on_time = fields.Bool(required=True)
    answered_at = time_field()


class ComplaintPublished(_Complaint):
    due_at = time_field()
    on_time = fields.Bool(required=True)
    published_at = time_field()


class ComplaintReopened(_Complaint):
    due_at = time_field()
    reopened_at = time_field()


class ComplaintWithdrawn(_Complaint):
    withdrawn_at = time_field()


class ComplaintDueSoon(_Complaint):
    deadline = fields.Str(required=True, validate=validate.OneOf(COMPLAINT_DEADLINES))
    due_at = time_field()
    warned_at = time_field()


class ComplaintOverdue(_Complaint):
    deadline = fields.Str(required=True, validate=validate.OneOf(COMPLAINT_DEADLINES))
    due_at = time_field()
    escalation = fields.Int(required=True, validate=validate.Range(1, 2))
    overdue_at = time_field()


class ComplaintNotice(EventSchema):
    complaint = fields.Str(required=True)
    agency = fields.Str(required=True)
    kind = fields.Str(required=True, validate=validate.OneOf(NOTICES))
    phone = fields.Str(required=True)  # empty: none was given
    email = fields.Str(required=True)
    code = fields.Str(required=True)  # the secret for the look-up; empty where it was told before
    due_at = time_field(required=False, allow_none=True, load_default=None)
    language = fields.Str(required=True, validate=validate.OneOf(("vi", "en")))
    at = time_field()


class ComplaintLodgedBySms(EventSchema):
    message = fields.Str(required=True)
    phone = fields.Str(required=True)
    text = fields.Str(required=True)
    received_at = time_field()


class ComplaintErased(EventSchema):
    complaint = fields.Str(required=True)
    erased_at = time_field()


_CODE = "PA-H57-251203-0007"
_ABOUT: dict[str, Any] = {
    "complaint": _CODE,
    "agency": "H57.10.01",
    "kind": "feedback",
    "channel": "web",
    "field": "land",
    "procedure": "1.013831",
    "dossier": "000.00.14.H57-251120-0118",
}
_DUE = {"due_at": "2025-12-24T17:00:00+07:00"}


def _counted(name: str, schema: EventSchema, title: tuple[str, str], **values: Any) -> EventType:
    """An event of a complaint that is counted, and says nothing of the complainant."""
    return EventType(
        name=name,
        owner="rating",
        subscribers=("stats",),
        key="complaint",
        schema=schema,
        title=title,
        example=_ABOUT | values,
    )


EVENTS = (
    _counted(
        "complaint.lodged",
        ComplaintLodged(),
        ("Đã tiếp nhận phản ánh, kiến nghị", "A complaint or feedback was lodged"),
        **_DUE,
        lodged_at="2025-12-03T09:00:00+07:00",
    ),
    _counted(
        "complaint.assigned",
        ComplaintAssigned(),
        ("Phản ánh, kiến nghị được giao xử lý", "A complaint was assigned to an agency and an official"),
        **_DUE,
        assigned_at="2025-12-03T10:00:00+07:00",
    ),
    _counted(
        "complaint.more_requested",
        ComplaintMoreRequested(),
        ("Yêu cầu người phản ánh cung cấp thêm", "The complainant was asked to tell more"),
        on_time=True,
        requested_at="2025-12-04T10:00:00+07:00",
    ),
    _counted(
        "complaint.rejected",
        ComplaintRejected(),
        ("Từ chối tiếp nhận phản ánh, kiến nghị", "A complaint was rejected, with a reason"),
        on_time=True,
        rejected_at="2025-12-04T10:00:00+07:00",
    ),
    _counted(
        "complaint.answered",
        ComplaintAnswered(),
        ("Phản ánh, kiến nghị đã được trả lời", "A leader approved the answer to a complaint"),
        **_DUE,
        on_time=True,
        answered_at="2025-12-15T10:00:00+07:00",
    ),
    _counted(
        "complaint.published",
        ComplaintPublished(),
        ("Kết quả xử lý phản ánh, kiến nghị được công khai", "The answer was published, without personal data"),
        due_at="2025-12-17T17:00:00+07:00",
        on_time=True,
        published_at="2025-12-16T10:00:00+07:00",
    ),
    _counted(
        "complaint.reopened",
        ComplaintReopened(),
        ("Phản ánh, kiến nghị được xem xét lại", "An answered complaint was opened again"),
        due_at="2026-01-12T17:00:00+07:00",
        reopened_at="2025-12-20T10:00:00+07:00",
    ),
    _counted(
        "complaint.withdrawn",
        ComplaintWithdrawn(),
        ("Người phản ánh đã rút phản ánh, kiến nghị", "The complainant withdrew the complaint"),
        withdrawn_at="2025-12-05T10:00:00+07:00",
    ),
    _counted(
        "complaint.due_soon",
        ComplaintDueSoon(),
        ("Phản ánh, kiến nghị sắp đến hạn", "A time limit of a complaint ends soon; published once"),
        deadline="resolve",
        **_DUE,
        warned_at="2025-12-22T08:00:00+07:00",
    ),
    _counted(
        "complaint.overdue",
        ComplaintOverdue(),
        (
            "Phản ánh, kiến nghị quá hạn, báo lãnh đạo cơ quan (1), lãnh đạo cấp trên (2)",
            "A time limit of a complaint has passed; told to the agency's leaders (1), then to those above (2)",
        ),
        deadline="resolve",
        **_DUE,
        escalation=1,
        overdue_at="2025-12-24T17:00:10+07:00",
    ),
    EventType(
        name="complaint.notice",
        owner="rating",
        subscribers=("notify",),
        key="complaint",
        restricted=True,
        personal=("phone", "email", "code"),
        schema=ComplaintNotice(),
        title=("Thông báo cho người phản ánh", "What a complainant is told about the complaint"),
        example={
            "complaint": _CODE,
            "agency": "H57.10.01",
            "kind": "lodged",
            "phone": "0912345678",
            "email": "nguoi.dan@example.vn",
            "code": "K7M2QX9RTA",
            **_DUE,
            "language": "vi",
            "at": "2025-12-03T09:00:00+07:00",
        },
    ),
    EventType(
        name="complaint.lodged_by_sms",
        owner="notify",
        subscribers=("rating",),
        key="message",
        restricted=True,
        personal=("phone", "text"),
        schema=ComplaintLodgedBySms(),
        title=("Phản ánh, kiến nghị gửi bằng tin nhắn SMS", "Somebody sent a complaint by SMS"),
        example={
            "message": "0198f0a2-4a3c-7c11-8d60-0c6f2a8a2b11",
            "phone": "0912345678",
            "text": "Tôi chờ ở quầy số 3 đã hai giờ mà chưa được gọi",
            "received_at": "2025-12-03T09:00:00+07:00",
        },
    ),
    EventType(
        name="complaint.erased",
        owner="rating",
        subscribers=("notify", "stats"),
        key="complaint",
        schema=ComplaintErased(),
        title=(
            "Đã xóa dữ liệu cá nhân của phản ánh, kiến nghị",
            "The personal data of a complaint were erased; notify erases the contact and the messages too",
        ),
        example={"complaint": _CODE, "erased_at": "2031-01-05T02:00:00+07:00"},
    ),
)
