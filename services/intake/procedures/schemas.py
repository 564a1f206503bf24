"""The JSON of the list of procedures."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.dossiers.schemas import MAX_PAGE, ProcedureRefSchema


class ProcedureQuerySchema(Schema):
    """Which procedures: all words of `q` in the name, or the code; with or without diacritics; everyday words are understood."""

    q = fields.Str(load_default="", validate=validate.Length(max=200))
    field = fields.Str(load_default="", validate=validate.Length(max=60))
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
    cases = fields.List(fields.Nested(CaseRefSchema))


class ProceduresSchema(Schema):
    """A page of procedures, and how many there are in all."""

    items = fields.List(fields.Nested(ProcedureItemSchema))
    total = fields.Int()
