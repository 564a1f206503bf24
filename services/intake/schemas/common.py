"""What the shapes of intake have in common."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.intake.dossiers.domain import State

MAX_PAPERS = 100
MAX_COPIES = 99
MAX_PAGE = 200

CODE = validate.Length(1, 60)


def moment(**options: Any) -> fields.AwareDateTime:
    """A point in time with its offset."""
    return fields.AwareDateTime(format="iso", **options)


class PaperField(fields.Raw):
    """A paper: its code or exact name, or ``{"code": …, "copies": n}``. Loads as text and number of copies."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> tuple[str, int]:
        text, copies = (
            (value.get("code", value.get("name")), value.get("copies", 1)) if isinstance(value, dict) else (value, 1)
        )
        if not isinstance(text, str) or not 0 < len(text.strip()) <= 500:
            raise ValidationError("Phải là mã hoặc tên giấy tờ.")
        if isinstance(value, dict) and not value.keys() <= {"code", "name", "copies"}:
            raise ValidationError("Unknown field.")
        if type(copies) is not int or not 1 <= copies <= MAX_COPIES:
            raise ValidationError(f"Số bản phải từ 1 đến {MAX_COPIES}.")
        return text, copies


class ProcedureRefSchema(Schema):
    """Which version of which procedure."""

    code = fields.Str()
    name = fields.Str()
    version = fields.Int()


class StateSchema(Schema):
    """A state: the national portal's number, 1 to 10, and its labels."""

    state = fields.Int(metadata={"enum": [int(state) for state in State]})
    state_label = fields.Str()
    state_label_en = fields.Str()


class ApplicantSchema(Schema):
    """Who hands in; the domain checks the texts."""

    name = fields.Str(required=True, validate=validate.Length(max=1000))
    id_number = fields.Str(required=True, validate=validate.Length(max=50))
    phone = fields.Str(required=True, validate=validate.Length(max=50))
    email = fields.Str(load_default="", validate=validate.Length(max=300))
    address = fields.Str(load_default="", validate=validate.Length(max=1000))


class GivenPaperSchema(Schema):
    """A paper handed in."""

    code = fields.Str()
    name = fields.Str()
    kind = fields.Str()
    copies = fields.Int()
