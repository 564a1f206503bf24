"""A dossier's steps, clock and control sheet, and what leaders decide about it as a whole."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.routing import schemas
from services.routing.api.blueprint import STAFF, api
from services.routing.caller import caller_access
from services.routing.commands import authorised
from services.routing.commands.load import find_dossier
from services.routing.problems import domain_errors_as_problems
from services.routing.queries.control_sheet import ControlSheetView, control_sheet_view
from services.routing.queries.dossiers import DossierView, dossier_view
from services.routing.queries.steps import StepView, step_detail
from services.routing.store.dossiers import Dossier
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import roles
from shared.web.reading_audit import audited, record_reading
from shared.web.views import command, context, query


@api.get("/dossiers/<code>")
@roles(*STAFF, agency="record")
@audited
@query(None, schemas.DossierSchema)
def show_dossier(connection: Connection, code: str) -> DossierView:
    """Shows a dossier's steps and its clock to the agencies of its route."""
    dossier = _readable(connection, code)
    record_reading("dossier", code)
    here = context()
    return dossier_view(connection, dossier, here.reference, here.clock.now())


@api.get("/dossiers/<code>/control-sheet")
@roles(*STAFF, agency="record")
@audited
@query(None, schemas.ControlSheetSchema)
def control_sheet(connection: Connection, code: str) -> ControlSheetView:
    """Shows the process control sheet (form 06), and whether anybody has tampered with it."""
    dossier = _readable(connection, code)
    record_reading("control-sheet", code)
    return control_sheet_view(connection, dossier.code)


@api.post("/dossiers/<code>/extend")
@roles("leader", agency="record")
@command(schemas.ExtensionSchema, schemas.DossierSchema)
def extend(work: UnitOfWork, body: dict[str, Any], code: str) -> DossierView:
    """Apologises for an expected delay, and makes the one new appointment."""
    with domain_errors_as_problems():
        access = caller_access(work.connection)
        return _view(work, authorised.extend_dossier(work, access, code, body["new_due_at"], body["reason"]))


@api.post("/dossiers/<code>/stop")
@roles("leader", agency="record")
@command(schemas.ReasonSchema, schemas.DossierSchema)
def stop(work: UnitOfWork, body: dict[str, Any], code: str) -> DossierView:
    """Stops a dossier (form 05)."""
    with domain_errors_as_problems():
        return _view(work, authorised.stop_dossier(work, caller_access(work.connection), code, body["reason"]))


@api.post("/dossiers/<code>/correct")
@roles("officer", "leader", "clerk", agency="record")
@command(schemas.CorrectionSchema, schemas.TaskDetailSchema, status=201)
def correct(work: UnitOfWork, body: dict[str, Any], code: str) -> StepView:
    """Opens the correction of the agency's own error in a result."""
    with domain_errors_as_problems():
        access = caller_access(work.connection)
        task = authorised.correct_result(work, access, code, body["reason"], body["own_error"])
    return step_detail(work.connection, task, work.now)


def _readable(connection: Connection, code: str) -> Dossier:
    with domain_errors_as_problems():
        dossier = find_dossier(connection, code)
        caller_access(connection).require_may_read_dossier(dossier)
    return dossier


def _view(work: UnitOfWork, dossier: Dossier) -> DossierView:
    return dossier_view(work.connection, dossier, work.reference, work.now)
