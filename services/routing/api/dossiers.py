"""A dossier's way, its clock and its control sheet, and what leaders decide about it as a whole."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.routing import schemas
from services.routing.access import known_dossier, require_concerned, require_leader_of, require_one_of
from services.routing.api.blueprint import STAFF, api
from services.routing.audit import record_read
from services.routing.commands import closure
from services.routing.commands import correct as correcting
from services.routing.commands import extend as extending
from services.routing.problems import domain_errors_as_problems
from services.routing.queries import dossiers
from services.routing.store.dossiers import Dossier
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.views import command, context, query


@api.get("/dossiers/<code>")
@roles(*STAFF, agency="record")
@query(None, schemas.DossierSchema)
def show_dossier(connection: Connection, code: str) -> dict[str, Any]:
    """Shows a dossier's steps and its clock to the agencies that have to do with it."""
    dossier = _concerned(connection, code)
    record_read("dossier", code)
    here = context()
    return dossiers.dossier_view(connection, dossier, here.reference, here.clock.now())


@api.get("/dossiers/<code>/control-sheet")
@roles(*STAFF, agency="record")
@query(None, schemas.ControlSheetSchema)
def control_sheet(connection: Connection, code: str) -> dict[str, Any]:
    """Shows the process control sheet (form 06), and whether anybody has tampered with it."""
    dossier = _concerned(connection, code)
    record_read("control-sheet", code)
    return dossiers.control_sheet(connection, dossier)


@api.post("/dossiers/<code>/extend")
@roles("leader", agency="record")
@command(schemas.ExtensionSchema, schemas.DossierSchema)
def extend(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Apologises for lateness that is expected, and makes the one new appointment."""
    require_leader_of(known_dossier(work.connection, code).handling_agency)
    with domain_errors_as_problems():
        return _view(
            work, extending.extend_dossier(work, code, body["new_due_at"], body["reason"], principal().subject)
        )


@api.post("/dossiers/<code>/stop")
@roles("leader", agency="record")
@command(schemas.ReasonSchema, schemas.DossierSchema)
def stop(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Stops a dossier (form 05)."""
    require_leader_of(known_dossier(work.connection, code).handling_agency)
    with domain_errors_as_problems():
        return _view(work, closure.stop_dossier(work, code, body["reason"], principal().subject))


@api.post("/dossiers/<code>/correct")
@roles("officer", "leader", "clerk", agency="record")
@command(schemas.CorrectionSchema, schemas.TaskDetailSchema, status=201)
def correct(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Opens the correction of the agency's own error in a result."""
    dossier = known_dossier(work.connection, code)
    require_one_of([dossier.receiving_agency, dossier.handling_agency])
    with domain_errors_as_problems():
        task = correcting.correct_result(work, code, body["reason"], body["own_error"], principal().subject)
    return dossiers.task_detail(work.connection, task, work.now)


def _concerned(connection: Connection, code: str) -> Dossier:
    dossier = known_dossier(connection, code)
    require_concerned(connection, dossier)
    return dossier


def _view(work: UnitOfWork, dossier: Dossier) -> dict[str, Any]:
    return dossiers.dossier_view(work.connection, dossier, work.reference, work.now)
