"""The JSON API of series: measures by day, month, agency and so on, for charts of other software."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields, validate
from sqlalchemy import Connection

from services.stats import access
from services.stats.dashboards.selection import keys_of
from services.stats.dashboards.viewing import successors
from services.stats.measures.domain import BadPeriod, Period, period_of
from services.stats.measures.queries import FILTERS, MEASURES, Scope
from services.stats.measures.schemas import PeriodSchema, ScopeSchema
from services.stats.measures.series import BY, count_by
from services.stats.problems import domain_errors_as_problems
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles, scope_checked
from shared.web.openapi import ApiBlueprint
from shared.web.views import context, query

LONGEST = {"day": timedelta(days=800), "month": timedelta(days=8000)}
"""The longest period of a series by time, so that an answer stays small; others have as many keys as there are agencies."""

series_api = ApiBlueprint("stats", "series", "Measures by day, month, agency and so on")


class SeriesSchema(ScopeSchema):
    """The query of a series: what is counted, by what, the period and the filters."""

    measure = fields.List(
        fields.Str(validate=validate.OneOf(tuple(MEASURES))),
        required=True,
        validate=validate.Length(1, len(MEASURES)),
        metadata={"description": "One or several: `measure=received&measure=resolved`"},
    )
    by = fields.Str(required=True, validate=validate.OneOf(BY))
    successors = fields.Bool(
        load_default=True,
        metadata={
            "description": "Whether the numbers of merged agencies go on under the agency that does their work today"
        },
    )


class PointSchema(Schema):
    """The numbers of one day, month, agency and so on."""

    key = fields.Str(
        required=True, metadata={"description": "`YYYY-MM-DD`, `YYYY-MM` or a code; empty where it is not known yet"}
    )
    values = fields.Dict(keys=fields.Str(), values=fields.Int(), required=True)


class SeriesAnswerSchema(Schema):
    """A series. By day and by month every day and month of the period is in it; otherwise those with a number that is not 0."""

    as_of = fields.AwareDateTime(required=True)
    period = fields.Nested(PeriodSchema, required=True)
    filters = fields.Dict(keys=fields.Str(validate=validate.OneOf(FILTERS)), values=fields.Str(), required=True)
    by = fields.Str(required=True)
    measures = fields.List(fields.Str(), required=True)
    points = fields.List(fields.Nested(PointSchema), required=True)


@series_api.get("/series")
@roles(*access.STATISTICS_READERS, agency="record")
@query(SeriesSchema, SeriesAnswerSchema, snapshot=True)
def series(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """Measures over time or side by side: for leaders of their agency and those below it, for operators of all.

    Measures of a moment, such as `in_progress`, are those at the end of each day or month, or of the period.
    """
    scope, by = _scope(arguments), arguments["by"]
    names = list(dict.fromkeys(arguments["measure"]))
    merged = successors(scope.as_of.astimezone(VIETNAM).date()) if arguments["successors"] else None
    found = count_by(connection, scope, by, merged)
    keys = (
        keys_of(scope.period, by) if by in LONGEST else [key for key in found if any(found[key][one] for one in names)]
    )
    nothing: Mapping[str, int] = {}
    return {
        "as_of": scope.as_of,
        "period": scope.period,
        "filters": scope.filters,
        "by": by,
        "measures": names,
        "points": [
            {"key": key, "values": {name: found.get(key, nothing).get(name, 0) for name in names}} for key in keys
        ],
    }


def _scope(arguments: Mapping[str, Any]) -> Scope:
    here = context()
    now = here.clock.now()
    with domain_errors_as_problems():
        visible = access.visible_agencies(principal(), here.reference.agencies, now.date())
        period = period_of(arguments.get("first"), arguments.get("last"), now.date())
        _require_short(period, arguments["by"])
    scope_checked()
    return Scope(period, now, {name: arguments[name] for name in FILTERS if arguments.get(name)}, visible)


def _require_short(period: Period, by: str) -> None:
    if by in LONGEST and period.last - period.first > LONGEST[by]:
        days = LONGEST[by].days
        raise BadPeriod("from", f"Khoảng thời gian dài nhất là {days} ngày.")
