"""The JSON of the list of procedures."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.schemas import MAX_PAGE, ProcedureRefSchema
from shared.catalogue import AUDIENCES, LEVELS


class ProcedureQuerySchema(Schema):
    """Which procedures: words of the name, everyday ones, or the code, with or without diacritics, also mistyped.

    `agency` is the code of an agency that has a step, or the name of a role of agencies.
    """

    q = fields.Str(load_default="", validate=validate.Length(max=200))
    field = fields.Str(load_default="", validate=validate.Length(max=60))
    level = fields.Str(load_default="", validate=validate.OneOf(("", *LEVELS)))
    agency = fields.Str(load_default="", validate=validate.Length(max=60))
    audience = fields.Str(load_default="", validate=validate.OneOf(("", *AUDIENCES)))
    offset = fields.Int(load_default=0, validate=validate.Range(min=0))
    limit = fields.Int(load_default=50, validate=validate.Range(1, MAX_PAGE))


class CaseRefSchema(Schema):
    """A case of a procedure."""

    code = fields.Str()
    name = fields.Str()


class ProcedureItemSchema(ProcedureRefSchema):
    """One line of the list of procedures."""

    field = fields.Str()
    field_name = fields.Str()
    levels = fields.List(fields.Str())
    audience = fields.List(fields.Str())
    cases = fields.List(fields.Nested(CaseRefSchema))
    shortened_by = fields.Float(
        metadata={"description": "days by which a limit is shorter than the law's; the most of all cases"}
    )


class ProceduresSchema(Schema):
    """A page of procedures, and how many there are in all."""

    items = fields.List(fields.Nested(ProcedureItemSchema))
    total = fields.Int()
    instead = fields.Str(
        metadata={"description": "what was searched for where the words typed found nothing; else empty"}
    )
