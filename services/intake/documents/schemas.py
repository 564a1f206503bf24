"""The JSON of issued papers."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.documents.domain import DocumentType
from services.intake.dossiers.schemas import moment


class DocumentSchema(Schema):
    """A paper that was issued; nothing of what it says."""

    number = fields.Str(metadata={"example": "12/PYCBS-H12.31.01"})
    year = fields.Int()
    kind = fields.Str(metadata={"enum": list(DocumentType)})
    kind_label = fields.Str()
    kind_label_en = fields.Str()
    agency = fields.Str()
    agency_name = fields.Str()
    dossier = fields.Str(metadata={"description": "Empty on a paper that a visitor got before any filing"})
    issued_at = moment()
    issued_by = fields.Str(metadata={"description": "the official's identifier; empty when it was issued by itself"})
    valid = fields.Bool(metadata={"description": "false since another paper has replaced it"})
    replaced_at = moment(allow_none=True)
    replaced_by = fields.Str(metadata={"description": "the number of the paper that is valid instead; empty if none"})
    sha256 = fields.Str(allow_none=True, metadata={"description": "of its file; null until it was first printed"})
    erased = fields.Bool(metadata={"description": "whether its contents were erased when their retention ended"})
    file = fields.Str(metadata={"description": "where its PDF is"})


class DocumentListSchema(Schema):
    """A dossier's papers in the order in which they were issued, and the kinds that may be issued now."""

    items = fields.List(fields.Nested(DocumentSchema))
    possible = fields.List(fields.Str(metadata={"enum": list(DocumentType)}))


class IssueSchema(Schema):
    """Which paper to issue."""

    kind = fields.Str(required=True, validate=validate.OneOf(list(DocumentType)))
