"""The events of intake about money: fees paid, waived and paid back."""

from __future__ import annotations

from datetime import date

from marshmallow import ValidationError, fields

from shared.contracts.base import EventSchema, EventType, time_field


class FeePaid(EventSchema):
    dossier = fields.Str(required=True)
    payment = fields.Str(required=True)
    obligation = fields.Str(load_default=None, allow_none=True)
    amount = fields.Int(required=True)
    online = fields.Bool(load_default=False)  # by a payment provider
    paid_at = time_field()


class FeeWaiverDecided(EventSchema):
    dossier = fields.Str(required=True)
    waiver = fields.Str(required=True)
    granted = fields.Bool(required=True)
    waived = fields.Int(required=True)
    owed = fields.Int(required=True)
    decided_at = time_field()


def _is_day(text: str) -> None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ValidationError("not a day such as 2025-11-21") from None
    if day.isoformat() != text:
        raise ValidationError("not a day such as 2025-11-21")


class FeeWaived(EventSchema):
    waiver = fields.Str(required=True)
    category = fields.Str(required=True)
    agency = fields.Str(required=True)
    field = fields.Str(required=True)
    procedure = fields.Str(required=True)
    amount = fields.Int(required=True)
    day = fields.Str(required=True, validate=_is_day)


class FeeRefunded(EventSchema):
    dossier = fields.Str(required=True)
    refund = fields.Str(required=True)
    payment = fields.Str(load_default=None, allow_none=True)
    obligation = fields.Str(load_default=None, allow_none=True)
    amount = fields.Int(required=True)
    refunded_at = time_field()


_CODE = "000.00.14.H57-251120-0118"

EVENTS = (
    EventType(
        name="fee.paid",
        owner="intake",
        subscribers=("routing", "stats"),
        schema=FeePaid(),
        title=("Đã nộp phí, lệ phí hoặc nghĩa vụ tài chính", "A fee or a financial obligation was paid"),
        example={
            "dossier": _CODE,
            "payment": "0198f0a2-7a3c-7c11-8d60-0c6f2a8a2b11",
            "obligation": "0198f0a2-6b1d-7f10-9a51-5b1f0e7c9d22",
            "amount": 12500000,
            "online": True,
            "paid_at": "2025-11-25T09:00:00+07:00",
        },
    ),
    EventType(
        name="fee.waiver_decided",
        owner="intake",
        subscribers=("notify",),
        unlinked=True,  # to whom a fee was waived tells of poverty or disability
        schema=FeeWaiverDecided(),
        title=(
            "Đề nghị miễn, giảm phí, lệ phí của người dân đã được quyết định",
            "A waiver of the fee that the citizen asked for was granted or refused",
        ),
        example={
            "dossier": _CODE,
            "waiver": "0198f0a2-7b3c-7c11-8d60-0c6f2a8a2b22",
            "granted": False,
            "waived": 0,
            "owed": 550000,
            "decided_at": "2025-11-21T09:00:00+07:00",
        },
    ),
    EventType(
        name="fee.waived",
        owner="intake",
        subscribers=("stats",),
        unlinked=True,  # to whom a fee was waived tells of poverty or disability
        key="waiver",
        schema=FeeWaived(),
        title=(
            "Đã miễn, giảm phí, lệ phí cho một đối tượng; không nêu hồ sơ nào",
            "A fee was waived to somebody of a category; it does not say for which dossier, nor when on the day",
        ),
        example={
            "waiver": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "category": "poor",
            "agency": "H57.10.01",
            "field": "land",
            "procedure": "1.013831",
            "amount": 550000,
            "day": "2025-11-21",
        },
    ),
    EventType(
        name="fee.refunded",
        owner="intake",
        subscribers=("stats",),
        schema=FeeRefunded(),
        title=(
            "Đã hoàn trả tiền cho người nộp",
            "Money was paid back; without a payment it had never counted as one, such as a wrong amount",
        ),
        example={
            "dossier": _CODE,
            "refund": "0198f0a2-8c3c-7c11-8d60-0c6f2a8a2b33",
            "payment": "0198f0a2-7a3c-7c11-8d60-0c6f2a8a2b11",
            "obligation": None,
            "amount": 100000,
            "refunded_at": "2025-11-27T09:00:00+07:00",
        },
    ),
)
