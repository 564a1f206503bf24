"""Stats' JSON API: a period's numbers, and the dossiers behind each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from services.stats.measures.domain import BadPeriod, period_of
from services.stats.measures.queries import FILTERS, Scope, listed
from services.stats.measures.schemas import CodesSchema, ListSchema, ScopeSchema, SummarySchema
from services.stats.measures.summary import summarise
from shared.web.authorization import roles
from shared.web.openapi import ApiBlueprint
from shared.web.problem import Problem
from shared.web.views import context, query

api = ApiBlueprint("stats", description="Numbers of a period and the dossiers behind them")


def _scope(arguments: Mapping[str, Any]) -> Scope:
    now = context().clock.now()
    try:
        period = period_of(arguments.get("first"), arguments.get("last"), now.date())
    except BadPeriod as error:
        raise Problem(422, "invalid", errors=[{"field": error.field, "message": str(error)}]) from error
    return Scope(period, now, {name: arguments[name] for name in FILTERS if arguments.get(name)})


@api.get("/summary")
@roles("leader", "operator", agency="any")
@query(ScopeSchema, SummarySchema)
def summary(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """The numbers of a period; what each means is said in :mod:`services.stats.measures.queries`."""
    scope = _scope(arguments)
    return summarise(connection, scope) | {"as_of": scope.as_of, "period": scope.period, "filters": scope.filters}


@api.get("/dossiers")
@roles("leader", "operator", agency="any")
@query(ListSchema, CodesSchema)
def dossiers(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """The codes of exactly the dossiers that a measure counts, in pages."""
    scope = _scope(arguments)
    codes = listed(connection, arguments["measure"], scope, arguments["after"], arguments["limit"] + 1)
    page = codes[: arguments["limit"]]
    more = page[-1] if len(codes) > len(page) else None
    return {"as_of": scope.as_of, "measure": arguments["measure"], "codes": page, "next": more}
