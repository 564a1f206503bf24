"""The JSON API of the procedures in force."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.intake.components import components
from services.intake.problem_parts import unknown_procedure
from services.intake.procedures.filters import Filters, roles_asked_for
from services.intake.procedures.queries import procedure_list
from services.intake.procedures.schemas import ProcedureQuerySchema, ProceduresSchema
from shared.web.authorization import public
from shared.web.openapi import ApiBlueprint
from shared.web.views import context, query

api = ApiBlueprint("intake", "procedures", "Procedures in force")


@api.get("/procedures")
@public
@query(ProcedureQuerySchema, ProceduresSchema, etag=True)
def procedures(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """Procedures in force, the best first."""
    here = context()
    filters = Filters(
        field=arguments["field"],
        level=arguments["level"],
        roles=roles_asked_for(arguments["agency"], here.reference.agencies),
        audience=arguments["audience"],
    )
    page = {name: arguments[name] for name in ("q", "offset", "limit")}
    return procedure_list(connection, components().catalogue, here.clock.now().date(), filters=filters, **page)


@api.get("/procedures/<code>")
@public
@query(etag=True)
def procedure(connection: Connection, code: str) -> dict[str, Any]:
    """One procedure in force, complete: cases, papers, fees, routes."""
    found = components().catalogue.current(connection, code, context().clock.now().date())
    if found is None:
        raise unknown_procedure()
    version, definition = found
    return {"version": version, **definition.as_dict()}
