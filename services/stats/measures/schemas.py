"""The schemas of stats' API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.stats.measures.domain import WARNINGS
from services.stats.measures.queries import FILTERS, MEASURES
from shared.contracts.intake import CHANNELS

MOST_CODES = 1000


class ScopeSchema(Schema):
    """Which days, and which dossiers."""

    first = fields.Date(data_key="from", metadata={"description": "First local day; the first of the month by default"})
    last = fields.Date(data_key="to", metadata={"description": "Last local day, inclusive; today by default"})
    agency = fields.Str(metadata={"description": "Where the dossier was received"})
    handling_agency = fields.Str(metadata={"description": "Who decides on the dossier"})
    field = fields.Str()
    procedure = fields.Str()
    channel = fields.Str(validate=validate.OneOf(CHANNELS))


class ListSchema(ScopeSchema):
    """Which number's dossiers."""

    measure = fields.Str(required=True, validate=validate.OneOf(list(MEASURES)))
    after = fields.Str(load_default="", metadata={"description": "`next` of the page before"})
    limit = fields.Int(load_default=100, validate=validate.Range(1, MOST_CODES))


class PeriodSchema(Schema):
    """The days that were counted, both inclusive."""

    first = fields.Date(data_key="from", required=True)
    last = fields.Date(data_key="to", required=True)


class MessagesSchema(Schema):
    """Messages of the period, by what became of them."""

    sent = fields.Int(required=True)
    failed = fields.Int(required=True)
    skipped = fields.Int(required=True)
    segments = fields.Int(required=True)


WarningsSchema = Schema.from_dict({kind: fields.Int(required=True) for kind in WARNINGS}, name="Warnings")


class StepsSchema(Schema):
    """Counted steps that an agency completed in the period."""

    agency = fields.Str(required=True)
    completed = fields.Int(required=True)
    late = fields.Int(required=True)


_Numbers = Schema.from_dict(
    {
        name: fields.Int(required=True, metadata={"description": f"{entry.vi} ({entry.en})"})
        for name, entry in MEASURES.items()
    },
    name="Numbers",
)


class SummarySchema(_Numbers):  # type: ignore[valid-type,misc]
    """The numbers of a period; see :func:`services.stats.measures.summary.summarise` for what each means."""

    as_of = fields.AwareDateTime(required=True)
    period = fields.Nested(PeriodSchema, required=True)
    filters = fields.Dict(keys=fields.Str(validate=validate.OneOf(FILTERS)), values=fields.Str(), required=True)
    on_time_share = fields.Float(required=True, allow_none=True)
    satisfied_share = fields.Float(required=True, allow_none=True)
    average_score = fields.Float(required=True, allow_none=True)
    fees_paid = fields.Int(required=True)
    messages = fields.Nested(MessagesSchema, required=True)
    by_channel = fields.Dict(keys=fields.Str(), values=fields.Int(), required=True)
    warnings = fields.Nested(WarningsSchema, required=True)
    steps = fields.List(fields.Nested(StepsSchema), required=True)


class CodesSchema(Schema):
    """A page of the dossiers behind a number."""

    as_of = fields.AwareDateTime(required=True)
    measure = fields.Str(required=True)
    codes = fields.List(fields.Str(), required=True)
    next = fields.Str(
        required=True, allow_none=True, metadata={"description": "`after` of the next page; null on the last"}
    )
