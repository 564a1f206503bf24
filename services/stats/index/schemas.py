"""The schemas of the index's API."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from services.stats.index.domain import State
from services.stats.index.formulas import SIDES
from services.stats.index.ranking import RankedGroup
from services.stats.index.shortened import UNKNOWN
from shared.agencies.model import LEVELS

MAX_PAGE_SIZE = 1000
MAX_CURSOR = 210
_PERIOD = validate.Length(max=7)
_CODE = validate.Length(max=100)
_LATEST = {"description": "2025-11, 2025-Q4 or 2025; by default the month that runs"}


class IndexQuerySchema(Schema):
    """Whose score, of which period, by which index."""

    month = fields.Str(load_default="", validate=_PERIOD, metadata=_LATEST)
    agency = fields.Str(
        load_default="",
        validate=_CODE,
        metadata={"description": "By default the caller's; an operator's is the province's"},
    )
    index = fields.Str(
        load_default="",
        validate=validate.Length(max=20),
        metadata={
            "description": "`qd766-2022` or `nd61-2018`; by default the newest in force at the end of the period"
        },
    )


class IndexCasesQuerySchema(IndexQuerySchema):
    """Which list behind a part."""

    part = fields.Str(required=True, validate=validate.Length(max=10))
    side = fields.Str(
        load_default="unmet",
        validate=validate.OneOf(SIDES),
        metadata={"description": "`met`: the numerator; `unmet`: the rest; `all`: the denominator"},
    )
    after = fields.Str(
        load_default="",
        validate=validate.Length(max=MAX_CURSOR),
        metadata={"description": "`next` of the previous page"},
    )
    limit = fields.Int(load_default=100, validate=validate.Range(1, MAX_PAGE_SIZE))


class RankingQuerySchema(Schema):
    """Which ranking."""

    month = fields.Str(load_default="", validate=_PERIOD, metadata=_LATEST)
    group = fields.Str(
        load_default=RankedGroup.COMMUNES.value, validate=validate.OneOf([group.value for group in RankedGroup])
    )
    index = fields.Str(load_default="", validate=validate.Length(max=20))


class ShortenedQuerySchema(Schema):
    """As of which day, and which level is listed."""

    day = fields.Date(load_default=None, allow_none=True, metadata={"description": "By default today"})
    level = fields.Str(load_default="", validate=validate.OneOf(("", *LEVELS, UNKNOWN)))


class CertaintySchema(Schema):
    """How well the numbers of a part are checked: law, secondary or memory."""

    points = fields.Str(required=True)
    scale = fields.Str(required=True, allow_none=True)


class PartSchema(Schema):
    """A part of a score."""

    id = fields.Str(required=True)
    name = fields.Str(required=True)
    state = fields.Str(required=True, validate=validate.OneOf([state.value for state in State]))
    numerator = fields.Int(required=True, allow_none=True)
    denominator = fields.Int(required=True, allow_none=True)
    percent = fields.Float(required=True, allow_none=True, metadata={"description": "After the factor, if it has one"})
    full_at = fields.Float(
        required=True, allow_none=True, metadata={"description": "Percent from which all points are given"}
    )
    points = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "null: missing, or without any case; not possible then"},
    )
    total = fields.Float(required=True)
    lacks = fields.Str(
        required=True, allow_none=True, metadata={"description": "The part that is its factor, and is missing"}
    )
    missing = fields.Str(required=True, allow_none=True, metadata={"description": "Why the platform does not have it"})
    source = fields.Str(required=True, allow_none=True, metadata={"description": "Of a figure from outside"})
    entered_at = fields.DateTime(required=True, allow_none=True)
    lists = fields.List(fields.Str(), required=True, metadata={"description": "The sides that `/index/cases` lists"})
    certainty = fields.Nested(CertaintySchema, required=True)


class GroupSchema(Schema):
    """A group of parts."""

    id = fields.Str(required=True)
    name = fields.Str(required=True)
    points = fields.Float(required=True)
    possible = fields.Float(required=True)
    total = fields.Float(required=True)
    parts = fields.List(fields.Nested(PartSchema), required=True)


class IndexSchema(Schema):
    """The score of an agency in a period: points of the possible ones; the total is that of an index of which nothing is missing."""

    as_of = fields.DateTime(required=True)
    period = fields.Str(required=True)
    first = fields.Date(required=True)
    last = fields.Date(required=True)
    index = fields.Str(required=True)
    index_name = fields.Str(required=True)
    agency = fields.Str(required=True, allow_none=True, metadata={"description": "null: all agencies together"})
    points = fields.Float(required=True)
    possible = fields.Float(required=True)
    total = fields.Float(required=True)
    complete = fields.Bool(required=True)
    band = fields.Str(required=True, allow_none=True, metadata={"description": "null while a part is missing"})
    groups = fields.List(fields.Nested(GroupSchema), required=True)


class CaseSchema(Schema):
    """A case behind a number: a dossier or a complaint."""

    code = fields.Str(required=True)
    agency = fields.Str(required=True)


class CasesSchema(Schema):
    """A page of the cases behind a number."""

    as_of = fields.DateTime(required=True)
    part = fields.Str(required=True)
    side = fields.Str(required=True)
    cases = fields.List(fields.Nested(CaseSchema), required=True)
    next = fields.Str(required=True, allow_none=True)


class PlaceSchema(Schema):
    """A line of a ranking."""

    place = fields.Int(required=True)
    agency = fields.Str(required=True)
    share = fields.Float(required=True, metadata={"description": "Points of 100 possible ones"})
    points = fields.Float(required=True)
    possible = fields.Float(required=True)
    dossiers = fields.Int(required=True)
    places_gained = fields.Int(required=True, allow_none=True, metadata={"description": "null: no place before"})
    points_gained = fields.Float(required=True, allow_none=True)


class TooFewSchema(Schema):
    """An agency that has no place, since it has too few dossiers."""

    agency = fields.Str(required=True)
    dossiers = fields.Int(required=True)


class RankingSchema(Schema):
    """A ranking of agencies of one group."""

    as_of = fields.DateTime(required=True)
    period = fields.Str(required=True)
    index = fields.Str(required=True)
    group = fields.Str(required=True)
    smallest_sample = fields.Int(required=True)
    places = fields.List(fields.Nested(PlaceSchema), required=True)
    too_few = fields.List(fields.Nested(TooFewSchema), required=True)


class LevelSchema(Schema):
    """How many procedures of a level are shortened."""

    level = fields.Str(required=True)
    procedures = fields.Int(required=True)


class ShortenedCaseSchema(Schema):
    """A case whose limit is shorter than the law's."""

    name = fields.Str(required=True)
    law = fields.Str(required=True)
    limit = fields.Str(required=True)
    days = fields.Float(required=True)
    decision = fields.Str(required=True)
    since = fields.Date(required=True)


class ShortenedProcedureSchema(Schema):
    """A procedure with shortened cases."""

    procedure = fields.Str(required=True)
    name = fields.Str(required=True)
    levels = fields.List(fields.Str(), required=True)
    cases = fields.List(fields.Nested(ShortenedCaseSchema), required=True)


class ShortenedSchema(Schema):
    """The procedures whose time limit is shorter than the law's, as of a day."""

    as_of = fields.Date(required=True)
    total = fields.Int(required=True, metadata={"description": "All procedures in force"})
    shortened = fields.Int(required=True, metadata={"description": "Each once"})
    several_levels = fields.Int(required=True, metadata={"description": "Those that count at more than one level"})
    by_level = fields.List(fields.Nested(LevelSchema), required=True)
    procedures = fields.List(fields.Nested(ShortenedProcedureSchema), required=True)
