"""What a device sends: its report, and the ratings that it delivers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import EXCLUDE, INCLUDE, Schema, ValidationError, fields, validate

from services.rating.devices.domain import Delivered, Report
from services.rating.devices.rules import MOST_IN_BATCH, device_rules
from services.rating.ratings.domain import HIGHEST_SCORE, LOWEST_SCORE

MOST = 2**31 - 1
MOST_MS = 100 * 366 * 24 * 3600 * 1000
"""Milliseconds by which a clock may be wrong, a hundred years."""
UUID = validate.Regexp(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")


class _ItemSchema(Schema):
    """What every rating must have, so that the answer can say what became of it; the rest is looked at one by one."""

    class Meta:
        unknown = INCLUDE

    id = fields.Str(required=True, validate=UUID)
    sequence = fields.Int(strict=True, required=True, validate=validate.Range(0, MOST))


class ContactSchema(Schema):
    """A device's report and its delivery."""

    sent_at = fields.AwareDateTime(required=True)
    version = fields.Str(load_default="", validate=validate.Length(max=20))
    waiting = fields.Int(strict=True, load_default=0, validate=validate.Range(0, MOST))
    battery = fields.Int(strict=True, load_default=None, allow_none=True, validate=validate.Range(0, 100))
    charging = fields.Bool(load_default=None, allow_none=True)
    ratings = fields.List(fields.Nested(_ItemSchema), load_default=list, validate=validate.Length(max=MOST_IN_BATCH))


class _DeliveredSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    id = fields.Str(required=True)
    sequence = fields.Int(required=True)
    pairing = fields.Str(required=True, validate=validate.Regexp(r"[0-9a-f]{32}\Z"))
    tapped_at = fields.AwareDateTime(required=True)
    offset_ms = fields.Int(strict=True, allow_none=True, load_default=None, validate=validate.Range(-MOST_MS, MOST_MS))
    visit = fields.Str(allow_none=True, load_default=None, validate=validate.Regexp(r"[0-9a-f]{64}\Z"))
    score = fields.Int(strict=True, required=True, validate=validate.Range(LOWEST_SCORE, HIGHEST_SCORE))
    courtesy = fields.Dict(
        keys=fields.Str(validate=validate.OneOf(list(device_rules().courtesies))),
        values=fields.Bool(truthy={True}, falsy={False}),
        load_default=dict,
    )


contact_schema, _delivered_schema = ContactSchema(), _DeliveredSchema()


def report_in(body: Mapping[str, Any]) -> Report:
    """The report of a contact that was loaded."""
    return Report(body["sent_at"], body["version"], body["waiting"], body["battery"], body["charging"])


def delivered_in(sent: Mapping[str, Any]) -> Delivered | None:
    """A rating as a device sends it; None for one that is not what the form asks."""
    try:
        loaded = _delivered_schema.load(dict(sent))
    except ValidationError:
        return None
    offset = loaded.pop("offset_ms")
    return Delivered(**loaded, offset=None if offset is None else timedelta(milliseconds=offset))
