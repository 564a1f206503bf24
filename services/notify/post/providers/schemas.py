"""The JSON of postal providers: what they answer and report."""

from __future__ import annotations

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, post_load, validate

from services.notify.post.providers.port import TrackingEvent, TrackingStatus

NUMBER = validate.Regexp(r"[0-9A-Za-z./-]{4,130}\Z")
MAX_LABEL = 2 << 20
"""Characters of a label in base64."""
MOST_EVENTS = 200


class RegisteredSchema(Schema):
    """The answer to a registration."""

    class Meta:
        unknown = EXCLUDE

    number = fields.Str(required=True, validate=validate.Regexp(r"[A-Z0-9]{8,20}\Z"))
    fee = fields.Int(required=True, strict=True, validate=validate.Range(0, 100_000_000))
    label = fields.Str(load_default="", validate=validate.Length(max=MAX_LABEL))


class TrackingSchema(Schema):
    """One report; what follows from it is decided by the table of states, whatever the order of the reports."""

    class Meta:
        unknown = EXCLUDE

    number = fields.Str(required=True, validate=NUMBER)
    status = fields.Str(required=True, validate=validate.OneOf([str(one) for one in TrackingStatus]))
    at = fields.AwareDateTime(required=True, format="iso", default_timezone=None)
    id = fields.Str(load_default="", validate=validate.Length(max=100))
    place = fields.Str(load_default="", validate=validate.Length(max=200))
    reason = fields.Str(load_default="", validate=validate.Length(max=200))
    received_by = fields.Str(load_default="", validate=validate.Length(max=200))

    @post_load
    def _event(self, data: dict[str, Any], **_: Any) -> TrackingEvent:
        return TrackingEvent(**data | {"status": TrackingStatus(data["status"])})


class NoticeSchema(Schema):
    """A call-back, and the answer when the platform asks."""

    class Meta:
        unknown = EXCLUDE

    events = fields.List(fields.Nested(TrackingSchema), required=True, validate=validate.Length(max=MOST_EVENTS))
