"""The schemas of rating's API; the page checks its form by the same."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate

from services.rating.ratings.domain import HIGHEST, LOWEST
from services.rating.ratings.form import rating_form
from shared.data_files.text import has_control_characters

_FORM = rating_form()


def _points(**kwargs: object) -> fields.Int:
    return fields.Int(strict=True, validate=validate.Range(LOWEST, HIGHEST), **kwargs)  # type: ignore[arg-type]


def _printable(text: str) -> None:
    if has_control_characters(text):
        raise ValidationError("Có ký tự không hợp lệ.")


CriteriaSchema = Schema.from_dict({name: _points() for name in _FORM.criteria}, name="CriteriaSchema")


class RatingSchema(Schema):
    """A rating, with the token that gives the right to it."""

    token = fields.Str(required=True, validate=validate.Length(1, 100))
    score = _points(required=True)
    criteria = fields.Nested(CriteriaSchema, load_default=dict)
    comment = fields.Str(load_default="", validate=[validate.Length(max=_FORM.comment_characters), _printable])


class AcceptedSchema(Schema):
    """What the citizen is told: no dossier, no name."""

    accepted = fields.Bool(required=True)
    score = fields.Int(required=True)
