"""Requests and responses of routing's API about officials, absences and leaders on duty."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.routing.domain.step_permissions import RANKS
from services.routing.schemas.steps import moment


def _subject(**kwargs: Any) -> fields.Str:
    return fields.Str(required=True, validate=validate.Length(1, 200), **kwargs)


def _agency() -> fields.Str:
    return fields.Str(
        load_default="",
        validate=validate.Length(max=50),
        metadata={"description": "One's own agency when empty; leaders may name one below it"},
    )


class StaffQuerySchema(Schema):
    """Of which agency."""

    agency = _agency()


class OfficialEntrySchema(Schema):
    """An official's role."""

    role = fields.Str(required=True, validate=validate.OneOf(list(RANKS)))
    agency = _agency()


class OfficialSchema(Schema):
    """An official: an identifier as in tokens, never a name."""

    subject = _subject()
    agency = fields.Str(required=True)
    role = fields.Str(required=True, validate=validate.OneOf(list(RANKS)))


class OfficialsSchema(Schema):
    """Officials of an agency."""

    items = fields.List(fields.Nested(OfficialSchema), required=True)


class AbsenceEntrySchema(Schema):
    """Who is absent from when to when, both days included; the deputy may be empty."""

    official = _subject()
    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)
    deputy = fields.Str(load_default="", validate=validate.Length(max=200))


class AbsenceSchema(AbsenceEntrySchema):
    """An absence in the leave calendar."""

    id = fields.Str(required=True)
    agency = fields.Str(required=True)
    entered_by = fields.Str(required=True)
    entered_at = moment(required=True)


class AbsencesSchema(Schema):
    """Absences of an agency."""

    items = fields.List(fields.Nested(AbsenceSchema), required=True)


class DutiesQuerySchema(Schema):
    """At which centre; one's own agency when empty."""

    centre = fields.Str(load_default="", validate=validate.Length(max=50))


class DutyEntrySchema(Schema):
    """Who is on duty."""

    official = _subject()


class DutySchema(DutyEntrySchema):
    """An official of an agency is on duty at a centre on a day."""

    agency = fields.Str(required=True)
    centre = fields.Str(required=True)
    day = fields.Date(required=True)


class DutiesSchema(Schema):
    """Who is on duty."""

    items = fields.List(fields.Nested(DutySchema), required=True)


class MandateEntrySchema(Schema):
    """From when to when, both days included."""

    first_day = fields.Date(required=True)
    last_day = fields.Date(required=True)


class MandateSchema(MandateEntrySchema):
    """An agency lets an official sign for it while they are on duty."""

    agency = fields.Str(required=True)
    official = _subject()
