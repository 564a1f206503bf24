"""The schemas of the ratings API; the pages check their forms with the same schemas."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate

from services.rating.ratings.domain import COURTESIES, HIGHEST_SCORE, LOWEST_SCORE
from services.rating.ratings.form import MOST_POINTS, forms, rating_form
from shared.text import has_unprintable

_POINTS = validate.Range(0, MOST_POINTS)  # which of them a form knows is checked when it is known which form it is


def _require_printable(text: str) -> None:
    if has_unprintable(text):
        raise ValidationError("Có ký tự không hợp lệ.")


CriteriaSchema = Schema.from_dict(
    {name: fields.Int(strict=True, validate=_POINTS) for form in forms() for name in form.criteria},
    name="CriteriaSchema",
)
CourtesySchema = Schema.from_dict({name: fields.Bool() for name in COURTESIES}, name="CourtesySchema")


class AnswersSchema(Schema):
    """What a citizen says; only the score is required."""

    score = fields.Int(strict=True, validate=validate.Range(LOWEST_SCORE, HIGHEST_SCORE), required=True)
    criteria = fields.Nested(CriteriaSchema, load_default=dict)
    courtesy = fields.Nested(CourtesySchema, load_default=dict)
    comment = fields.Str(
        load_default="", validate=[validate.Length(max=rating_form().comment_characters), _require_printable]
    )


class RatingSchema(AnswersSchema):
    """A rating, with the token that gives the right to rate."""

    token = fields.Str(required=True, validate=validate.Length(1, 100))


class AcceptedSchema(Schema):
    """The answer to a rating: without dossier and name."""

    accepted = fields.Bool(required=True)
    score = fields.Int(required=True)
