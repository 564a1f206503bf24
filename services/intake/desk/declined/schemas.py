"""The JSON of declined filings."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.intake.desk.declined.domain import KINDS, Reason
from services.intake.dossiers.schemas import CODE, MAX_PAGE, ProcedureRefSchema, moment
from services.intake.filing.domain.applicant import MAX_NOTE
from services.intake.filing.domain.identity_document import DocumentKind
from services.intake.supplements.domain import MAX_NAMES


class VisitorSchema(Schema):
    """To whom the paper is given. Only the name is required; without a number nobody is recognised at the next visit."""

    name = fields.Str(required=True, validate=validate.Length(max=1000))
    id_number = fields.Str(load_default="", validate=validate.Length(max=50))
    id_kind = fields.Str(
        load_default="",
        validate=validate.OneOf(["", *DocumentKind]),
        metadata={"description": "The kind of identity document; empty to infer it from the number"},
    )
    old_id_number = fields.Str(load_default="", validate=validate.Length(max=50))
    phone = fields.Str(load_default="", validate=validate.Length(max=50))
    email = fields.Str(load_default="", validate=validate.Length(max=300))
    address = fields.Str(load_default="", validate=validate.Length(max=1000))


class DeclineSchema(Schema):
    """A filing that a desk does not receive: what the visitor is to complete (form 02), or why it is refused (form 03)."""

    receiving_agency = fields.Str(required=True, validate=CODE)
    kind = fields.Str(required=True, validate=validate.OneOf([str(kind) for kind in KINDS]))
    procedure = fields.Str(
        load_default="",
        validate=validate.Length(max=60),
        metadata={"description": "Its code; empty for a matter outside the catalogue, which can only be refused"},
    )
    case = fields.Str(
        load_default="",
        validate=validate.Length(max=500),
        metadata={"description": "Code or name; needed for a supplement_request where the procedure has several"},
    )
    matter = fields.Str(
        load_default="",
        validate=validate.Length(max=MAX_NOTE),
        metadata={"description": "What the visitor asks for; only without a procedure"},
    )
    applicant = fields.Nested(VisitorSchema, required=True)
    reason = fields.Str(
        required=True,
        validate=validate.OneOf(list(Reason)),
        metadata={"description": "papers_missing, papers_invalid or form_incomplete for a supplement_request"},
    )
    note = fields.Str(
        load_default="",
        validate=validate.Length(max=MAX_NOTE),
        metadata={"description": "The reason in words, which the visitor reads; a refusal needs it"},
    )
    papers = fields.List(
        fields.Str(validate=validate.Length(1, MAX_NOTE)),
        load_default=list,
        validate=validate.Length(max=MAX_NAMES),
        metadata={
            "description": "What is to be completed: codes or names of the case's papers, or texts; only for a supplement_request"
        },
    )


class DeclinedSchema(Schema):
    """A declined filing without personal data."""

    id = fields.Str()
    kind = fields.Str(metadata={"enum": [str(kind) for kind in KINDS]})
    kind_label = fields.Str()
    kind_label_en = fields.Str()
    reason = fields.Str(metadata={"enum": list(Reason)})
    reason_label = fields.Str()
    reason_label_en = fields.Str()
    procedure = fields.Nested(
        ProcedureRefSchema, allow_none=True, metadata={"description": "Null for a matter outside the catalogue"}
    )
    case = fields.Str()
    case_name = fields.Str()
    receiving_agency = fields.Str()
    receiving_agency_name = fields.Str()
    number = fields.Str(metadata={"description": "Of its paper"})
    year = fields.Int()
    file = fields.Str(metadata={"description": "Where the paper's PDF is"})
    declined_at = moment()
    repeated = fields.Bool(
        metadata={
            "description": "Whether the person was turned away before for the procedure, and has filed nothing since"
        }
    )
    erased_at = moment(allow_none=True, metadata={"description": "When the personal data were erased; else null"})


class DeclinedItemSchema(DeclinedSchema):
    """One line of a list."""

    applicant_name = fields.Str()
    matter = fields.Str()


class DeclinedFullSchema(DeclinedItemSchema):
    """A declined filing in full."""

    applicant = fields.Nested(VisitorSchema)
    note = fields.Str()
    papers = fields.List(fields.Str())
    declined_by = fields.Str(metadata={"description": "The clerk's identifier"})


class DeclinedTotalsSchema(Schema):
    """How many were declined in the period."""

    all = fields.Int()
    guided = fields.Int()
    refused = fields.Int()
    repeated = fields.Int(
        metadata={"description": "Of persons who were turned away before, and had filed nothing since"}
    )


class DeclinedListSchema(Schema):
    """A page of declined filings, the newest first, and the totals of the period."""

    items = fields.List(fields.Nested(DeclinedItemSchema))
    next = fields.Str(allow_none=True, metadata={"description": "`after` of the next page; null on the last page"})
    totals = fields.Nested(DeclinedTotalsSchema)


class DeclinedQuerySchema(Schema):
    """Which declined filings; by default those of the caller's desk of today."""

    first = fields.Date(
        data_key="from", load_default=None, metadata={"description": "The first day in Vietnam; today by default"}
    )
    last = fields.Date(
        data_key="to",
        load_default=None,
        metadata={"description": "The last day, at most 365 later; by default today"},
    )
    agency = fields.Str(load_default="", validate=validate.Length(max=60))
    after = fields.Str(load_default="", validate=validate.Length(max=32))
    limit = fields.Int(load_default=50, validate=validate.Range(1, MAX_PAGE))
