"""The JSON of giving originals back."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.schemas import moment
from services.intake.filing.schemas import MAX_PAPERS, FiledPaperSchema


class GiveBackSchema(Schema):
    """Which originals are given back."""

    places = fields.List(
        fields.Int(strict=True, validate=validate.Range(min=0)),
        required=True,
        validate=validate.Length(1, 2 * MAX_PAPERS),
        metadata={"description": "Places of the papers in the dossier's list, from 0"},
    )


class GivenBackSchema(Schema):
    """The originals were given back."""

    code = fields.Str()
    given_back_at = moment()
    papers = fields.List(fields.Nested(FiledPaperSchema))
    originals_kept = fields.Int()
