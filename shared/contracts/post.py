"""The events of parcels of the public post: how each stands, by the post's reports; no personal data."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from shared.contracts.base import EventSchema, EventType, time_field

CONTENTS = ("result", "sent_back", "pickup")
STATES = ("registered", "in_transit", "out_for_delivery", "attempted", "delivered", "returned", "lost")


class ParcelMoved(EventSchema):
    dossier = fields.Str(required=True)
    agency = fields.Str(required=True)
    parcel = fields.Str(required=True)
    contents = fields.Str(required=True, validate=validate.OneOf(CONTENTS))
    state = fields.Str(required=True, validate=validate.OneOf(STATES))
    revision = fields.Int(required=True)
    at = time_field()


def _example(state: str, revision: int, at: str) -> dict[str, Any]:
    return {
        "dossier": "000.00.14.H57-251120-0118",
        "agency": "H57.10.01",
        "parcel": "EB123456785VN",
        "contents": "result",
        "state": state,
        "revision": revision,
        "at": at,
    }


EVENTS = (
    EventType(
        name="parcel.registered",
        owner="notify",
        subscribers=("intake", "notify", "stats"),
        schema=ParcelMoved(),
        title=("Bưu gửi đã đăng ký với bưu điện", "A parcel was registered with the post"),
        example=_example("registered", 1, "2025-12-02T09:30:00+07:00"),
    ),
    EventType(
        name="parcel.progressed",
        owner="notify",
        subscribers=("intake", "stats"),
        schema=ParcelMoved(),
        title=("Bưu gửi đang được chuyển, đi phát hoặc phát chưa được", "A parcel is on its way"),
        example=_example("out_for_delivery", 3, "2025-12-03T08:05:00+07:00"),
    ),
    EventType(
        name="parcel.delivered",
        owner="notify",
        subscribers=("intake", "stats"),
        schema=ParcelMoved(),
        title=("Bưu gửi đã phát", "A parcel was delivered"),
        example=_example("delivered", 4, "2025-12-03T10:20:00+07:00"),
    ),
    EventType(
        name="parcel.returned",
        owner="notify",
        subscribers=("intake", "notify", "stats"),
        schema=ParcelMoved(),
        title=("Bưu gửi bị chuyển hoàn", "A parcel came back"),
        example=_example("returned", 5, "2025-12-08T09:00:00+07:00"),
    ),
    EventType(
        name="parcel.lost",
        owner="notify",
        subscribers=("intake", "notify", "stats"),
        schema=ParcelMoved(),
        title=("Bưu gửi bị thất lạc", "A parcel was lost"),
        example=_example("lost", 5, "2025-12-20T09:00:00+07:00"),
    ),
)
