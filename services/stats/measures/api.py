"""The JSON API of statistics: the numbers of a period, and the dossiers behind each number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from services.stats import access
from services.stats.measures.complaints import list_complaints
from services.stats.measures.domain import period_of
from services.stats.measures.lists import list_codes
from services.stats.measures.queries import FILTERS, Scope
from services.stats.measures.schemas import (
    CodesSchema,
    ComplaintCodesSchema,
    ComplaintListSchema,
    ListSchema,
    ScopeSchema,
    SummarySchema,
    TicketScopeSchema,
    TicketsSchema,
)
from services.stats.measures.summary import summarise
from services.stats.measures.tickets import numbers_of, together, totals_by_group
from services.stats.problems import domain_errors_as_problems
from shared.web.authorization import principal, roles, scope_checked
from shared.web.openapi import ApiBlueprint
from shared.web.views import context, query

api = ApiBlueprint("stats", description="Numbers of a period and the dossiers behind them")


def _scope(arguments: Mapping[str, Any]) -> Scope:
    here = context()
    now = here.clock.now()
    with domain_errors_as_problems():
        visible = access.visible_agencies(principal(), here.reference.agencies, now.date())
        period = period_of(arguments.get("first"), arguments.get("last"), now.date())
    scope_checked()
    return Scope(period, now, {name: arguments[name] for name in FILTERS if arguments.get(name)}, visible)


@api.get("/summary")
@roles(*access.STATISTICS_READERS, agency="record")
@query(ScopeSchema, SummarySchema, snapshot=True)
def summary(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """The numbers of a period: for leaders of their agency and those below it, for operators of all."""
    scope = _scope(arguments)
    found = summarise(connection, scope)
    return {
        "as_of": scope.as_of,
        "period": scope.period,
        "filters": scope.filters,
        **found.counts,
        "on_time_share": found.on_time_share,
        "online_share": found.online_share,
        "satisfied_share": found.satisfied_share,
        "average_score": found.average_score,
        "fees_paid": found.fees_paid,
        "fees_refunded": found.fees_refunded,
        "fees_waived": found.fees_waived,
        "waivers": found.waivers,
        "return_shares": found.return_shares,
        "documents": found.documents,
        "messages": found.messages,
        "by_channel": found.by_channel,
        "warnings": found.warnings,
        "steps": found.steps,
        "declined": found.declined,
        "apologies": found.apologies,
        "applications": found.applications,
        "ratings": found.ratings,
        "complaints": found.complaints,
        "surveys": found.surveys,
        "visitors": found.visitors,
    }


@api.get("/dossiers")
@roles(*access.STATISTICS_READERS, agency="record")
@query(ListSchema, CodesSchema, snapshot=True)
def dossiers(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """The codes of exactly the dossiers that a measure counts for the caller, in pages."""
    scope = _scope(arguments)
    with domain_errors_as_problems():
        page = list_codes(connection, arguments["measure"], scope, arguments["after"], arguments["limit"])
    return {"as_of": scope.as_of, "measure": arguments["measure"], "codes": page.codes, "next": page.next}


@api.get("/complaints")
@roles(*access.STATISTICS_READERS, agency="record")
@query(ComplaintListSchema, ComplaintCodesSchema, snapshot=True)
def complaints(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """The codes of exactly the complaints that a number of the summary counts for the caller, in pages."""
    scope, limit = _scope(arguments), arguments["limit"]
    codes = list_complaints(connection, arguments["happened"], scope, arguments["after"], limit + 1)
    following = codes[limit - 1] if len(codes) > limit else None
    return {"as_of": scope.as_of, "happened": arguments["happened"], "codes": codes[:limit], "next": following}


@api.get("/tickets")
@roles(*access.STATISTICS_READERS, agency="record")
@query(TicketScopeSchema, TicketsSchema, snapshot=True)
def tickets(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """Visitors of desks: how many took a number, were called and served, and the median and 90th percentile of their times."""
    scope = _scope(arguments)
    desk = arguments.get("agency")
    desks = scope.agencies if desk is None else {desk} & (scope.agencies if scope.agencies is not None else {desk})
    found = totals_by_group(connection, scope.period, desks, arguments["group"])
    return {
        "as_of": scope.as_of,
        "period": scope.period,
        "total": numbers_of(together(found.values())),
        "groups": [{"desk": of, "group": group} | numbers_of(one) for (of, group), one in found.items()],
    }
