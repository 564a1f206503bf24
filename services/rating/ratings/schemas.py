"""The schemas of the ratings API; the page checks its form with the same schema."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate

from services.rating.ratings.domain import HIGHEST_SCORE, LOWEST_SCORE
from services.rating.ratings.form import rating_form
from shared.text import has_unprintable

_FORM = rating_form()


def _score(*, required: bool = False) -> fields.Int:
    return fields.Int(strict=True, validate=validate.Range(LOWEST_SCORE, HIGHEST_SCORE), required=required)


def _require_printable(text: str) -> None:
    if has_unprintable(text):
        raise ValidationError("Có ký tự không hợp lệ.")


CriteriaSchema = Schema.from_dict({name: _score() for name in _FORM.criteria}, name="CriteriaSchema")


class RatingSchema(Schema):
    """A rating, with the token that gives the right to rate."""

    token = fields.Str(required=True, validate=validate.Length(1, 100))
    score = _score(required=True)
    criteria = fields.Nested(CriteriaSchema, load_default=dict)
    comment = fields.Str(load_default="", validate=[validate.Length(max=_FORM.comment_characters), _require_printable])


class AcceptedSchema(Schema):
    """The answer to a rating: without dossier and name."""

    accepted = fields.Bool(required=True)
    score = fields.Int(required=True)
