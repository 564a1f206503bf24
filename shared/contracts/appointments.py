"""The events of appointments at a one-stop desk. Only notify hears of them, to tell the citizen. They name no dossier and nobody."""

from __future__ import annotations

from marshmallow import fields, validate

from shared.contracts.base import EventSchema, EventType, time_field

LANGUAGES = ("vi", "en")
CAUSES = ("citizen", "closed")
"""Who or what has changed an appointment: the citizen, or a day on which the desk is closed."""


class _Told(EventSchema):
    """What each message about an appointment says: the number of the visit, when, and at which desk."""

    appointment = fields.Str(required=True)
    agency = fields.Str(required=True)
    desk_name = fields.Str(required=True)
    number = fields.Str(required=True)
    slot_start = time_field()
    language = fields.Str(required=True, validate=validate.OneOf(LANGUAGES))


class AppointmentBooked(_Told):
    phone = fields.Str(required=True)
    code = fields.Str(required=True)  # with which the citizen changes it and checks in
    booked_at = time_field()


class AppointmentMoved(_Told):
    code = fields.Str(required=True)
    was_at = time_field()
    cause = fields.Str(required=True, validate=validate.OneOf(CAUSES))
    moved_at = time_field()


class AppointmentCancelled(_Told):
    cause = fields.Str(required=True, validate=validate.OneOf(CAUSES))
    cancelled_at = time_field()


class AppointmentReminderDue(_Told):
    code = fields.Str(required=True)
    due_at = time_field()


class AppointmentErased(EventSchema):
    appointment = fields.Str(required=True)
    erased_at = time_field()


_ID = "6b1f0d7e-7c53-4a0e-9d1d-0c6f2a8a2b11"
_TOLD = {
    "appointment": _ID,
    "agency": "H12.31.01",
    "desk_name": "Trung tâm Phục vụ hành chính công phường An Xuyên",
    "number": "A012",
    "slot_start": "2025-11-24T09:00:00+07:00",
    "language": "vi",
}
_CODE = "K7M2QX9RTA"

EVENTS = (
    EventType(
        name="appointment.booked",
        owner="intake",
        subscribers=("notify",),
        key="appointment",
        restricted=True,
        personal=("phone", "code"),
        schema=AppointmentBooked(),
        title=("Đã đặt lịch hẹn đến Bộ phận Một cửa", "A visit to a one-stop desk was booked"),
        example=_TOLD | {"phone": "0912345678", "code": _CODE, "booked_at": "2025-11-20T08:15:00+07:00"},
    ),
    EventType(
        name="appointment.moved",
        owner="intake",
        subscribers=("notify",),
        key="appointment",
        restricted=True,
        personal=("code",),
        schema=AppointmentMoved(),
        title=("Lịch hẹn đã chuyển sang giờ khác", "An appointment was moved to another time"),
        example=_TOLD
        | {
            "code": _CODE,
            "was_at": "2025-11-21T09:00:00+07:00",
            "cause": "closed",
            "moved_at": "2025-11-20T08:20:00+07:00",
        },
    ),
    EventType(
        name="appointment.cancelled",
        owner="intake",
        subscribers=("notify", "stats"),
        key="appointment",
        schema=AppointmentCancelled(),
        title=("Lịch hẹn đã hủy", "An appointment was cancelled"),
        example=_TOLD | {"cause": "citizen", "cancelled_at": "2025-11-20T08:20:00+07:00"},
    ),
    EventType(
        name="appointment.reminder_due",
        owner="intake",
        subscribers=("notify",),
        key="appointment",
        restricted=True,
        personal=("code",),
        schema=AppointmentReminderDue(),
        title=("Đến lúc nhắc lịch hẹn", "The reminder of an appointment is due"),
        example=_TOLD | {"code": _CODE, "due_at": "2025-11-23T08:00:00+07:00"},
    ),
    EventType(
        name="appointment.erased",
        owner="intake",
        subscribers=("notify", "stats"),
        key="appointment",
        schema=AppointmentErased(),
        title=(
            "Đã xóa số điện thoại của lịch hẹn",
            "The telephone number of an appointment was erased; notify erases it too",
        ),
        example={"appointment": _ID, "erased_at": "2025-12-02T02:00:00+07:00"},
    ),
)
