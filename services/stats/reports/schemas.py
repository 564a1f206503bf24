"""The schemas of the API of published reports."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.stats.reports.domain import COLUMNS
from services.stats.reports.lines import DOSSIER_COLUMNS, LINES
from services.stats.reports.rules import report_rules

MAX_PAGE_SIZE = 200


class ReportListSchema(Schema):
    """The query of a list: the agency, the kind of periods and the page."""

    agency = fields.Str(load_default="", validate=validate.Length(max=100))
    kind = fields.Str(load_default="", validate=validate.OneOf(["", *report_rules().kinds]))
    after = fields.Str(
        load_default="", validate=validate.Length(max=50), metadata={"description": "`next` of the previous page"}
    )
    limit = fields.Int(load_default=50, validate=validate.Range(1, MAX_PAGE_SIZE))


class ListedReportSchema(Schema):
    """Which report it is."""

    id = fields.Str(required=True)
    agency = fields.Str(required=True)
    kind = fields.Str(required=True, metadata={"description": "How its period is cut"})
    period = fields.Str(required=True, metadata={"example": "2026-10"})
    first = fields.Date(required=True)
    last = fields.Date(required=True)
    version = fields.Int(required=True, metadata={"description": "From 1; a correction is the next one"})
    replaces = fields.Str(required=True, allow_none=True, metadata={"description": "The report that it corrects"})
    number = fields.Str(required=True)
    published_at = fields.AwareDateTime(required=True)
    sha256 = fields.Str(required=True, metadata={"description": "Of the signed paper (PDF)"})


class ReportPageSchema(Schema):
    """A page of reports."""

    items = fields.List(fields.Nested(ListedReportSchema), required=True)
    next = fields.Str(
        required=True, allow_none=True, metadata={"description": "`after` of the next page; null on the last"}
    )


_Columns = Schema.from_dict(
    {name: fields.Float(required=True, allow_none=True) for name in COLUMNS}, name="ReportColumns"
)
_Counts = Schema.from_dict(
    {name: fields.Int(metadata={"description": names[1]}) for name, names in DOSSIER_COLUMNS.items()},
    name="ReportCounts",
)


class ReportTableRowSchema(Schema):
    """The dossiers of one level, agency, field or channel."""

    code = fields.Str(required=True)
    name = fields.Str(required=True)
    counts = fields.Nested(_Counts, required=True)


class ReportTablesSchema(Schema):
    """The dossiers of the period."""

    level = fields.List(
        fields.Nested(ReportTableRowSchema), required=True, metadata={"description": "Of the receiving agency"}
    )
    agency = fields.List(fields.Nested(ReportTableRowSchema), required=True)
    field = fields.List(fields.Nested(ReportTableRowSchema), required=True)
    channel = fields.List(fields.Nested(ReportTableRowSchema), required=True)


_Numbers = Schema.from_dict(
    {name: fields.Nested(_Columns, metadata={"description": line.en}) for name, line in LINES.items()},
    name="ReportNumbers",
)


class ReportSchema(ListedReportSchema):
    """A published report."""

    agency_name = fields.Str(required=True)
    as_of = fields.AwareDateTime(required=True)
    numbers = fields.Nested(_Numbers, required=True)
    tables = fields.Nested(ReportTablesSchema, required=True)
    missing = fields.List(fields.Str(), required=True, metadata={"description": "What the report lacks, and why"})
    replaced_by = fields.Str(required=True, allow_none=True)
