"""The JSON that all slices share: times, a dossier's state, its procedure."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from services.intake.dossiers.domain import State

CODE = validate.Length(1, 60)
MAX_PAGE = 200


def moment(**options: Any) -> fields.AwareDateTime:
    """A point in time with its offset."""
    return fields.AwareDateTime(format="iso", **options)


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
