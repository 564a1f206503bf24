"""A dossier's steps, clock and control sheet, and what leaders decide about it as a whole."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.routing import schemas
from services.routing.api.blueprint import STAFF, api
from services.routing.audit import record_read
from services.routing.caller import caller_access
from services.routing.commands import authorised
from services.routing.commands.load import find_dossier
from services.routing.problems import domain_errors_as_problems
from services.routing.queries import dossiers
from services.routing.store.dossiers import Dossier
from shared.persistence.store import UnitOfWork
from shared.web.authorization import roles
from shared.web.views import command, context, query


@api.get("/dossiers/<code>")
@roles(*STAFF, agency="record")
@query(None, schemas.DossierSchema)
def show_dossier(connection: Connection, code: str) -> dict[str, Any]:
    """Shows a dossier's steps and its clock to the agencies of its route."""
    dossier = _readable(connection, code)
    record_read("dossier", code)
    here = context()
    return dossiers.dossier_view(connection, dossier, here.reference, here.clock.now())


@api.get("/dossiers/<code>/control-sheet")
@roles(*STAFF, agency="record")
@query(None, schemas.ControlSheetSchema)
def control_sheet(connection: Connection, code: str) -> dict[str, Any]:
    """Shows the process control sheet (form 06), and whether anybody has tampered with it."""
    dossier = _readable(connection, code)
    record_read("control-sheet", code)
    return dossiers.control_sheet(connection, dossier)


@api.post("/dossiers/<code>/extend")
@roles("leader", agency="record")
@command(schemas.ExtensionSchema, schemas.DossierSchema)
def extend(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Apologises for an expected delay, and makes the one new appointment."""
    with domain_errors_as_problems():
        access = caller_access(work.connection)
        return _view(work, authorised.extend_dossier(work, access, code, body["new_due_at"], body["reason"]))


@api.post("/dossiers/<code>/stop")
@roles("leader", agency="record")
@command(schemas.ReasonSchema, schemas.DossierSchema)
def stop(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Stops a dossier (form 05)."""
    with domain_errors_as_problems():
        return _view(work, authorised.stop_dossier(work, caller_access(work.connection), code, body["reason"]))


@api.post("/dossiers/<code>/correct")
@roles("officer", "leader", "clerk", agency="record")
@command(schemas.CorrectionSchema, schemas.TaskDetailSchema, status=201)
def correct(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Opens the correction of the agency's own error in a result."""
    with domain_errors_as_problems():
        access = caller_access(work.connection)
        task = authorised.correct_result(work, access, code, body["reason"], body["own_error"])
    return dossiers.task_detail(work.connection, task, work.now)


def _readable(connection: Connection, code: str) -> Dossier:
    with domain_errors_as_problems():
        dossier = find_dossier(connection, code)
        caller_access(connection).require_may_read_dossier(dossier)
    return dossier


def _view(work: UnitOfWork, dossier: Dossier) -> dict[str, Any]:
    return dossiers.dossier_view(work.connection, dossier, work.store.reference, work.now)
