"""The JSON API of dossiers for staff: one in full, and a desk's worklist."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.intake import access
from services.intake.components import components
from services.intake.dossiers import queries, store
from services.intake.dossiers.detail_schemas import DossierSchema, WorklistQuerySchema, WorklistSchema
from services.intake.dossiers.domain import State
from services.intake.foreign_access.guard import require_reader
from services.intake.problems import domain_errors_as_problems
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context, query

api = ApiBlueprint("intake", "dossiers", "Dossiers and lists of dossiers, for officials")


@api.get("/dossiers/<code>")
@audited
@roles("clerk", "officer", "leader", agency="record")
@query(gives=DossierSchema)
@domain_errors_as_problems()
def get_dossier(connection: Connection, code: str) -> dict[str, Any]:
    """A dossier in full; the reading is recorded."""
    reference, now = context().reference, context().clock.now()
    today = now.date()
    dossier = store.get(connection, code)
    require_reader(connection, dossier)
    record_reading("dossier", code)
    detail = queries.dossier_detail(connection, dossier, components().catalogue, reference.agencies, today)
    return detail | {"overdue": queries.overdue(reference, dossier, now)}


@api.get("/dossiers")
@audited
@roles("clerk", "leader", agency="record")
@query(WorklistQuerySchema, WorklistSchema)
def worklist(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """A desk's dossiers, the newest first: those of one state, or all that are not over."""
    agencies, today = context().reference.agencies, context().clock.now().date()
    desks = access.listable_desks(principal(), arguments["agency"], agencies, today)
    access.require(bool(desks))
    record_reading("dossiers", arguments["agency"] or principal().agency)
    state = arguments["state"]
    page = queries.WorklistPage(
        desks=desks,
        states=[State(state)] if state else [state for state in State if not state.final],
        after=arguments["after"],
        limit=arguments["limit"],
        named=access.listable_desks(principal(), "", agencies, today),
    )
    return queries.worklist(connection, page, components().catalogue, agencies, today)
