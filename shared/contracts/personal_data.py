"""The events by which a person gets all that is kept about them (Luật 91/2025/QH15): what intake asks the others for, and their answers.

Each question is about one dossier, so that an answer stays small and keeps its order among the dossier's other events. The request's id is
another one for each dossier: nobody learns from the bus which dossiers are of one person.
"""

from __future__ import annotations

from marshmallow import fields

from shared.contracts.base import EventSchema, EventType, time_field


class PersonalDataRequested(EventSchema):
    dossier = fields.Str(required=True)
    request = fields.Str(required=True)
    requested_at = time_field()


PUBLIC_URL = "{public_url}"
"""Stands in a message's text for the address of the platform, which only who shows it knows."""


class MessagesProvided(EventSchema):
    dossier = fields.Str(required=True)
    request = fields.Str(required=True)
    contact = fields.Dict(required=True, allow_none=True)
    messages = fields.List(fields.Dict(), required=True)
    readings = fields.List(fields.Dict(), required=True)
    provided_at = time_field()


class RatingProvided(EventSchema):
    dossier = fields.Str(required=True)
    request = fields.Str(required=True)
    rating = fields.Dict(required=True, allow_none=True)
    provided_at = time_field()


_CODE = "000.00.14.H57-251120-0118"
_REQUEST = "5e0f7c52-1a0d-4a55-9f0e-6a5d3a1c8b77"

EVENTS = (
    EventType(
        name="personal_data.requested",
        owner="intake",
        subscribers=("notify", "rating"),
        unlinked=True,  # what one person asks for at one moment tells which dossiers are theirs
        schema=PersonalDataRequested(),
        title=(
            "Cá nhân yêu cầu cung cấp dữ liệu của mình",
            "A person asked for what is kept about them; others say what they have of one dossier",
        ),
        example={"dossier": _CODE, "request": _REQUEST, "requested_at": "2025-12-03T09:00:00+07:00"},
    ),
    EventType(
        name="personal_data.messages_provided",
        owner="notify",
        subscribers=("intake",),
        restricted=True,
        personal=("contact", "messages", "readings"),
        schema=MessagesProvided(),
        title=(
            "Thông tin liên hệ và tin nhắn của một hồ sơ, để cung cấp cho người nộp",
            "Contact and messages of a dossier, for its applicant",
        ),
        example={
            "dossier": _CODE,
            "request": _REQUEST,
            "contact": {"name": "Nguyễn Thị Bưởi", "phone": "0912345678", "email": ""},
            "messages": [{"kind": "received", "channel": "sms", "text": "Ho so 000.00.14.H57-251120-0118 da nhan"}],
            "readings": [{"at": "2025-11-21T09:00:00+07:00", "agency": "H57.10.01", "action": "messages"}],
            "provided_at": "2025-12-03T09:00:01+07:00",
        },
    ),
    EventType(
        name="personal_data.rating_provided",
        owner="rating",
        subscribers=("intake",),
        restricted=True,
        personal=("rating",),
        schema=RatingProvided(),
        title=(
            "Đánh giá về một hồ sơ, để cung cấp cho người nộp",
            "The rating of a dossier, for its applicant",
        ),
        example={
            "dossier": _CODE,
            "request": _REQUEST,
            "rating": {"invited_at": "2025-12-02T09:30:00+07:00", "given_at": None},
            "provided_at": "2025-12-03T09:00:01+07:00",
        },
    ),
)
