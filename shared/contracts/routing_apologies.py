"""Events of routing about apologies (form 04) for late dossiers: missing, signed, withdrawn."""

from __future__ import annotations

from marshmallow import fields, validate

from shared.contracts.base import EventSchema, EventType, time_field

WITHDRAWAL_CAUSES = ("deadline_moved", "ended")
"""Why no letter is owed any more: the dossier was not late after all, or it has its result or its end and nobody had signed."""


class _Apology(EventSchema):
    dossier = fields.Str(required=True)
    apology = fields.Str(required=True)
    agency = fields.Str(required=True)
    was_due_at = time_field()


class ApologyMissing(_Apology):
    day = fields.Str(required=True, validate=validate.Regexp(r"^\d{4}-\d\d-\d\d$"))
    reports = fields.Int(required=True)
    reported_at = time_field()


class ApologySigned(_Apology):
    number = fields.Str(required=True)
    cause = fields.Str(required=True)
    due_at = time_field()
    signed_at = time_field()


class ApologyExplained(_Apology):
    number = fields.Str(required=True)
    reason = fields.Str(required=True)
    due_at = time_field()
    signed_at = time_field()


class ApologyWithdrawn(_Apology):
    cause = fields.Str(required=True, validate=validate.OneOf(WITHDRAWAL_CAUSES))
    withdrawn_at = time_field()


_LETTER = {
    "dossier": "000.00.14.H57-251120-0118",
    "apology": "01932f6d-8d2a-7c3e-9f57-0d8f7a1b2c3d",
    "agency": "H57.30.01",
    "was_due_at": "2025-12-04T17:30:00+07:00",
}
_SIGNED = {
    "number": "07/PXL-H57.30.01",
    "due_at": "2025-12-11T17:00:00+07:00",
    "signed_at": "2025-12-05T08:30:00+07:00",
}

EVENTS = (
    EventType(
        name="apology.missing",
        owner="routing",
        subscribers=("stats",),
        schema=ApologyMissing(),
        title=(
            "Hồ sơ quá hạn chưa có văn bản xin lỗi được ký; mỗi ngày báo một lần",
            "A late dossier has no signed apology; reported once on each local day until it has",
        ),
        example={**_LETTER, "day": "2025-12-05", "reports": 2, "reported_at": "2025-12-05T00:00:20+07:00"},
    ),
    EventType(
        name="apology.explained",
        owner="routing",
        subscribers=("intake",),
        restricted=True,
        secret=True,
        schema=ApologyExplained(),
        title=(
            "Nội dung văn bản xin lỗi đã ký (mẫu số 04), để gửi người dân",
            "What a signed apology (form 04) says, for the citizen alone; apology.signed follows",
        ),
        example={**_LETTER, **_SIGNED, "reason": "Việc thẩm định, xác minh hồ sơ mất nhiều thời gian hơn dự kiến."},
    ),
    EventType(
        name="apology.signed",
        owner="routing",
        subscribers=("notify", "stats"),
        schema=ApologySigned(),
        title=(
            "Lãnh đạo đã ký văn bản xin lỗi vì hồ sơ quá hạn và hẹn lại ngày trả kết quả",
            "A leader signed the apology for a late dossier, with a new date; at most once for each date that was not kept",
        ),
        example={**_LETTER, **_SIGNED, "cause": "verification"},
    ),
    EventType(
        name="apology.withdrawn",
        owner="routing",
        subscribers=("stats",),
        schema=ApologyWithdrawn(),
        title=(
            "Không còn phải ký văn bản xin lỗi: hồ sơ không quá hạn, hoặc đã kết thúc",
            "A letter that nobody had signed is not owed any more",
        ),
        example={**_LETTER, "cause": "ended", "withdrawn_at": "2025-12-06T10:00:00+07:00"},
    ),
)
