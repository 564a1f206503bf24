"""The events of ratings: who is invited, and what was rated. None tells who has rated."""

from __future__ import annotations

from marshmallow import fields, validate

from shared.contracts.base import EventSchema, EventType, time_field

RATING_KINDS = ("dossier", "visit")
"""What a rating is about: how a dossier was handled, or a visit to a counter."""
RATING_CHANNELS = ("web", "sms", "device", "kiosk", "paper")
_SCORE = validate.Range(1, 5)


class RatingInvited(EventSchema):
    dossier = fields.Str(required=True)
    token = fields.Str(required=True)
    expires_at = time_field()


class RatingSubmittedBySms(EventSchema):
    dossier = fields.Str(required=True)
    score = fields.Int(required=True, validate=_SCORE)
    submitted_at = time_field()


class RatingGiven(EventSchema):
    rating = fields.Str(required=True)
    kind = fields.Str(required=True, validate=validate.OneOf(RATING_KINDS))
    dossier = fields.Str(required=True, allow_none=True)  # None: a visit, which stays without a name
    agency = fields.Str(required=True)
    procedure = fields.Str(required=True, allow_none=True)
    field = fields.Str(required=True, allow_none=True)
    score = fields.Int(required=True, validate=_SCORE)
    channel = fields.Str(required=True, validate=validate.OneOf(RATING_CHANNELS))
    given_at = time_field()


class RatingCorrected(EventSchema):
    rating = fields.Str(required=True)
    score = fields.Int(required=True, allow_none=True, validate=_SCORE)  # None: the rating does not count
    corrected_at = time_field()


_CODE = "000.00.14.H57-251120-0118"
_RATING = "7d0a5f0e-3f0b-4f3c-9a51-2f1c0e8b6a44"

EVENTS = (
    EventType(
        name="rating.invited",
        owner="rating",
        subscribers=("notify",),
        restricted=True,
        secret=True,
        schema=RatingInvited(),
        title=("Mời đánh giá bằng mã dùng một lần", "The citizen is invited to rate, with a one-time token"),
        example={"dossier": _CODE, "token": "k3J9xQ2mVb7LwZ5t", "expires_at": "2026-01-01T09:30:00+07:00"},
    ),
    EventType(
        name="rating.submitted_by_sms",
        owner="notify",
        subscribers=("rating", "stats"),
        schema=RatingSubmittedBySms(),
        title=(
            "Người dân đánh giá qua tin nhắn SMS, chờ hệ thống đánh giá xét",
            "Somebody who knows a returned dossier's secret rates it by SMS; rating decides whether it counts",
        ),
        example={"dossier": _CODE, "score": 4, "submitted_at": "2025-12-02T10:00:00+07:00"},
    ),
    EventType(
        name="rating.given",
        owner="rating",
        subscribers=("stats",),
        key="rating",
        schema=RatingGiven(),
        title=("Người dân đã đánh giá", "The citizen rated the service"),
        example={
            "rating": _RATING,
            "kind": "dossier",
            "dossier": _CODE,
            "agency": "H57.10.01",
            "procedure": "1.013831",
            "field": "land",
            "score": 5,
            "channel": "web",
            "given_at": "2025-12-02T10:00:00+07:00",
        },
    ),
    EventType(
        name="rating.corrected",
        owner="rating",
        subscribers=("stats",),
        key="rating",
        schema=RatingCorrected(),
        title=(
            "Đánh giá được đính chính hoặc không tính; bản đã ghi vẫn giữ",
            "A rating counts with another score, or not at all; what was given is kept",
        ),
        example={"rating": _RATING, "score": None, "corrected_at": "2025-12-05T10:00:00+07:00"},
    ),
)
