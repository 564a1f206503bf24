"""The schemas of the statistics API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.stats.facts.domain import WARNING_KINDS
from services.stats.facts.dossier_measures import MEASURES
from services.stats.measures.complaints import COUNTED
from services.stats.measures.queries import FILTERS, LISTED
from shared.contracts.intake import CHANNELS

MAX_PAGE_SIZE = 1000
_CODE = validate.Length(max=50)
_CURSOR = 500


class ScopeSchema(Schema):
    """The query of a summary: the period and the filters."""

    first = fields.Date(data_key="from", metadata={"description": "First local day; by default the first of the month"})
    last = fields.Date(data_key="to", metadata={"description": "Last local day, inclusive; by default today"})
    agency = fields.Str(validate=_CODE, metadata={"description": "The receiving agency"})
    handling_agency = fields.Str(validate=_CODE, metadata={"description": "The agency that decides on the dossier"})
    field = fields.Str(validate=_CODE)
    procedure = fields.Str(validate=_CODE)
    channel = fields.Str(validate=validate.OneOf(CHANNELS))


class ListSchema(ScopeSchema):
    """The query of a list: the measure, the period, the filters and the page."""

    measure = fields.Str(required=True, validate=validate.OneOf(LISTED))
    after = fields.Str(
        load_default="",
        validate=validate.Length(max=_CURSOR),
        metadata={"description": "`next` of the previous page"},
    )
    limit = fields.Int(load_default=100, validate=validate.Range(1, MAX_PAGE_SIZE))


class ComplaintListSchema(ScopeSchema):
    """The query of a list of complaints: what happened to them, the period, the filters and the page."""

    happened = fields.Str(required=True, validate=validate.OneOf(COUNTED))
    after = fields.Str(
        load_default="",
        validate=_CODE,
        metadata={"description": "`next` of the previous page: the last code on it"},
    )
    limit = fields.Int(load_default=100, validate=validate.Range(1, MAX_PAGE_SIZE))


class PeriodSchema(Schema):
    """The days of the period, both inclusive."""

    first = fields.Date(data_key="from", required=True)
    last = fields.Date(data_key="to", required=True)


class MessagesSchema(Schema):
    """Messages of the period, each once by what is known of it last, and the segments paid for."""

    sent = fields.Int(required=True, metadata={"description": "Those that have arrived are among them"})
    delivered = fields.Int(required=True)
    returned = fields.Int(required=True)
    failed = fields.Int(required=True)
    skipped = fields.Int(required=True)
    segments = fields.Int(required=True)


WarningsSchema = Schema.from_dict({kind: fields.Int(required=True) for kind in WARNING_KINDS}, name="Warnings")


class StepsSchema(Schema):
    """Counted steps that an agency completed in the period, and how many were late."""

    agency = fields.Str(required=True)
    completed = fields.Int(required=True)
    late = fields.Int(required=True)


class WaiversSchema(Schema):
    """Fees that were waived in the period to people of one category, for one procedure; statistics do not know for which dossiers."""

    category = fields.Str(required=True)
    procedure = fields.Str(required=True)
    number = fields.Int(required=True)
    amount = fields.Int(required=True, metadata={"description": "VND that need not be paid"})


class ReturnSharesSchema(Schema):
    """How the results of the period were handed over, in percent; null if there was none."""

    counter = fields.Float(required=True, allow_none=True)
    electronic = fields.Float(required=True, allow_none=True)
    post = fields.Float(required=True, allow_none=True)
    with_file = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "With the file of an electronic result, however handed over"},
    )


class ApplicationsSchema(Schema):
    """What was filed online or came by post in the period, and what desks did with applications."""

    filed = fields.Int(required=True)
    filed_online = fields.Int(required=True)
    accepted = fields.Int(required=True)
    refused = fields.Int(required=True)
    withdrawn = fields.Int(required=True)
    unsupplemented = fields.Int(required=True, metadata={"description": "Closed since the papers asked for never came"})
    supplement_requested = fields.Int(required=True)
    overdue = fields.Int(required=True, metadata={"description": "Not answered within the time limit"})


class DeclinedSchema(Schema):
    """Visitors whom desks have turned away before filing, in the period."""

    guided = fields.Int(required=True, metadata={"description": "Told what to supplement or complete (form 02)"})
    refused = fields.Int(required=True, metadata={"description": "Refused (form 03)"})
    repeated = fields.Int(
        required=True,
        metadata={"description": "Turned away before for the same procedure, without a filing since"},
    )
    by_reason = fields.Dict(keys=fields.Str(), values=fields.Int(), required=True)
    by_agency = fields.Dict(keys=fields.Str(), values=fields.Int(), required=True)
    by_procedure = fields.Dict(
        keys=fields.Str(),
        values=fields.Int(),
        required=True,
        metadata={"description": "The empty code stands for matters outside the catalogue"},
    )


class ApologiesSchema(Schema):
    """Apologies (form 04); :class:`services.stats.measures.apologies.ApologyTotals` defines each."""

    announced = fields.Int(required=True)
    signed = fields.Int(required=True)
    unsigned = fields.Int(required=True)
    missing = fields.Int(required=True)
    signed_by_agency = fields.Dict(keys=fields.Str(), values=fields.Int(), required=True)
    missing_by_agency = fields.Dict(keys=fields.Str(), values=fields.Int(), required=True)


class RatingsSchema(Schema):
    """Ratings of the period; :class:`services.stats.measures.ratings.RatingTotals` defines each."""

    given = fields.Int(required=True)
    satisfied = fields.Int(required=True)
    satisfied_share = fields.Float(required=True, allow_none=True)
    average_score = fields.Float(required=True, allow_none=True)
    average_of_dossiers = fields.Float(required=True, allow_none=True)
    by_channel = fields.Dict(keys=fields.Str(), values=fields.Int(), required=True)
    of_visits = fields.Int(required=True)
    excluded = fields.Int(required=True, metadata={"description": "Given, and not counted by a correction"})


class ComplaintsSchema(Schema.from_dict({name: fields.Int(required=True) for name in COUNTED}, name="_Complaints")):  # type: ignore[misc]
    """What happened to complaints in the period; :class:`services.stats.measures.complaints.ComplaintTotals` defines each."""

    answered_on_time = fields.Int(required=True)
    answered_on_time_share = fields.Float(required=True, allow_none=True)
    lodged_by_channel = fields.Dict(keys=fields.Str(), values=fields.Int(), required=True)
    answered_by_agency = fields.Dict(keys=fields.Str(), values=fields.Int(), required=True)


class SurveysSchema(Schema):
    """Surveys that ended in the period."""

    closed = fields.Int(required=True)
    invited = fields.Int(required=True)
    responses = fields.Int(required=True)
    response_share = fields.Float(required=True, allow_none=True)


class VisitorsSchema(Schema):
    """Visitors of the one-stop desks with a number, and their times in seconds; see `/stats/api/tickets`."""

    issued = fields.Int(required=True)
    called = fields.Int(required=True)
    served = fields.Int(required=True)
    missed = fields.Int(required=True)
    cancelled = fields.Int(required=True)
    wait_median = fields.Int(required=True, allow_none=True)
    wait_p90 = fields.Int(required=True, allow_none=True)
    service_median = fields.Int(required=True, allow_none=True)
    service_p90 = fields.Int(required=True, allow_none=True)


_Numbers = Schema.from_dict(
    {name: fields.Int(required=True, metadata={"description": entry.en}) for name, entry in MEASURES.items()},
    name="Numbers",
)


class SummarySchema(_Numbers):  # type: ignore[valid-type,misc]
    """The numbers of a period; :class:`services.stats.measures.summary.Summary` defines each."""

    as_of = fields.AwareDateTime(required=True)
    period = fields.Nested(PeriodSchema, required=True)
    filters = fields.Dict(keys=fields.Str(validate=validate.OneOf(FILTERS)), values=fields.Str(), required=True)
    on_time_share = fields.Float(required=True, allow_none=True)
    online_share = fields.Float(required=True, allow_none=True)
    satisfied_share = fields.Float(required=True, allow_none=True)
    average_score = fields.Float(required=True, allow_none=True)
    fees_paid = fields.Int(required=True)
    fees_refunded = fields.Int(required=True)
    fees_waived = fields.Int(required=True)
    waivers = fields.List(fields.Nested(WaiversSchema), required=True)
    return_shares = fields.Nested(ReturnSharesSchema, required=True)
    documents = fields.Dict(keys=fields.Str(), values=fields.Int(), required=True)
    messages = fields.Nested(MessagesSchema, required=True)
    by_channel = fields.Dict(keys=fields.Str(), values=fields.Int(), required=True)
    warnings = fields.Nested(WarningsSchema, required=True)
    steps = fields.List(fields.Nested(StepsSchema), required=True)
    declined = fields.Nested(DeclinedSchema, required=True)
    apologies = fields.Nested(ApologiesSchema, required=True)
    applications = fields.Nested(ApplicationsSchema, required=True)
    ratings = fields.Nested(RatingsSchema, required=True)
    complaints = fields.Nested(ComplaintsSchema, required=True)
    surveys = fields.Nested(SurveysSchema, required=True)
    visitors = fields.Nested(VisitorsSchema, required=True)


class CodesSchema(Schema):
    """A page of the dossiers behind a number."""

    as_of = fields.AwareDateTime(required=True)
    measure = fields.Str(required=True)
    codes = fields.List(fields.Str(), required=True)
    next = fields.Str(
        required=True, allow_none=True, metadata={"description": "`after` of the next page; null on the last"}
    )


class ComplaintCodesSchema(Schema):
    """A page of the complaints behind a number."""

    as_of = fields.AwareDateTime(required=True)
    happened = fields.Str(required=True)
    codes = fields.List(fields.Str(), required=True)
    next = fields.Str(
        required=True, allow_none=True, metadata={"description": "`after` of the next page; null on the last"}
    )


class TicketScopeSchema(Schema):
    """The query of the visitors' numbers: the period, the desk and the service group."""

    first = fields.Date(data_key="from", metadata={"description": "First local day; by default the first of the month"})
    last = fields.Date(data_key="to", metadata={"description": "Last local day, inclusive; by default today"})
    agency = fields.Str(validate=_CODE, metadata={"description": "The one-stop desk"})
    group = fields.Str(load_default="", validate=_CODE, metadata={"description": "The service group"})


class TicketNumbersSchema(Schema):
    """Visitors with a number, and their times in seconds, which are read from histograms."""

    issued = fields.Int(required=True)
    called = fields.Int(required=True)
    served = fields.Int(required=True)
    missed = fields.Int(required=True)
    cancelled = fields.Int(required=True)
    wait_median = fields.Int(
        required=True, allow_none=True, metadata={"description": "Half waited no longer; null if nobody was called"}
    )
    wait_p90 = fields.Int(required=True, allow_none=True, metadata={"description": "Nine of ten waited no longer"})
    service_median = fields.Int(
        required=True, allow_none=True, metadata={"description": "Time at the counter; null if nobody was served"}
    )
    service_p90 = fields.Int(required=True, allow_none=True)


class TicketGroupSchema(TicketNumbersSchema):
    """The same of one desk and service group."""

    desk = fields.Str(required=True)
    group = fields.Str(required=True)


class TicketsSchema(Schema):
    """Visitors of a period: together, and by desk and service group."""

    as_of = fields.AwareDateTime(required=True)
    period = fields.Nested(PeriodSchema, required=True)
    total = fields.Nested(TicketNumbersSchema, required=True)
    groups = fields.List(fields.Nested(TicketGroupSchema), required=True)
