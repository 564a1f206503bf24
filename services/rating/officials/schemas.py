"""The schemas of the register of officials; the page checks its form with the same schema."""

from __future__ import annotations

from datetime import date

from marshmallow import Schema, ValidationError, fields, validate

from shared.text import has_unprintable

EARLIEST = date(1990, 1, 1)
MAX_SUBJECT, MAX_NAME, MAX_POSITION, MAX_COUNTER = 100, 100, 200, 999


def _require_printable(text: str) -> None:
    if has_unprintable(text) or (text and not text.strip()):
        raise ValidationError("Có ký tự không hợp lệ.")


def _require_identifier(text: str) -> None:
    if any(sign.isspace() for sign in text):
        raise ValidationError("Mã không có khoảng trắng.")


class OfficialSchema(Schema):
    """An official of the leader's agency, from a day on."""

    subject = fields.Str(
        required=True, validate=[validate.Length(1, MAX_SUBJECT), _require_printable, _require_identifier]
    )
    valid_from = fields.Date(required=True, validate=validate.Range(min=EARLIEST, max=date(2100, 1, 1)))
    name = fields.Str(required=True, validate=[validate.Length(1, MAX_NAME), _require_printable])
    position = fields.Str(required=True, validate=[validate.Length(1, MAX_POSITION), _require_printable])
    home_agency = fields.Str(load_default=None, allow_none=True, validate=validate.Length(1, 100))
    counter = fields.Int(load_default=None, allow_none=True, validate=validate.Range(1, MAX_COUNTER))
    active = fields.Bool(load_default=True, metadata={"description": "False from the day on which they have left"})


class KeptOfficialSchema(OfficialSchema):
    """An official as they are today."""

    agency = fields.Str(required=True)


class OfficialsSchema(Schema):
    """The officials of an agency today."""

    officials = fields.List(fields.Nested(KeptOfficialSchema), required=True)
