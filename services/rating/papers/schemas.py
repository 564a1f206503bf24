"""The schemas of the forms for papers."""

from __future__ import annotations

from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from services.rating.papers.domain import NUMBER, OLDEST, normalise_number
from services.rating.ratings.domain import HIGHEST_SCORE, LOWEST_SCORE
from services.rating.ratings.form import forms
from services.rating.ratings.schemas import AnswersSchema
from shared.text import clean_code, has_unprintable

MOST_COUNTERS = 999
REASON_CHARACTERS = (5, 500)
"""The fewest and the most characters of a reason."""


class _Number(fields.Str):
    """A paper's number in its normal form."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        number = normalise_number(super()._deserialize(value, attr, data, **kwargs))
        if not NUMBER.fullmatch(number):
            raise ValidationError("Số phiếu gồm chữ, số và . / -, nhiều nhất 30 ký tự.")
        return number


class _Code(fields.Str):
    """The code of a dossier as it is stored."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        return clean_code(super()._deserialize(value, attr, data, **kwargs)).upper()


def _require_printable(text: str) -> None:
    if has_unprintable(text):
        raise ValidationError("Có ký tự không hợp lệ.")


class PaperSchema(AnswersSchema):
    """A paper as a clerk types it in; about a dossier, or else about a visit."""

    number = _Number(required=True, validate=validate.Length(max=30))
    day = fields.Date(required=True)
    form = fields.Str(required=True, validate=validate.OneOf([form.version for form in forms()]))
    dossier = _Code(load_default="", validate=[validate.Length(max=100), _require_printable])
    counter = fields.Int(load_default=None, validate=validate.Range(1, MOST_COUNTERS))
    official = fields.Str(load_default="", validate=[validate.Length(max=100), _require_printable])


class CorrectionSchema(Schema):
    """How an entered paper counts from now on."""

    number = _Number(required=True, validate=validate.Length(max=30))
    score = fields.Int(load_default=None, validate=validate.Range(LOWEST_SCORE, HIGHEST_SCORE))
    reason = fields.Str(required=True, validate=[validate.Length(*REASON_CHARACTERS), _require_printable])


def day_fault(day: date, today: date) -> str:
    """What is wrong with the date on a paper, in Vietnamese and English; empty if nothing is."""
    if day > today:
        return "future"
    return "old" if day < today - OLDEST else ""
