"""What the counter's pages share: the clerk's desk, the procedure and the case that an address names, and the frame of a page."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request
from sqlalchemy import Connection

from services.intake import access
from services.intake.components import components
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.desk import NotADesk, open_desk
from services.intake.problem_parts import unknown_procedure
from shared.agencies import Agency
from shared.catalogue import Case, Procedure, UnknownCase
from shared.web.authorization import principal
from shared.web.views import context


def own_desk() -> Agency:
    """The one-stop desk at which the clerk works; refuses a clerk of another agency."""
    here = context()
    try:
        desk = open_desk(here.reference.agencies, principal().agency, here.clock.now().date())
    except NotADesk:
        access.require(False)
        raise
    access.require(access.may_file_at(principal(), desk))
    return desk


def own_desks() -> frozenset[str]:
    """Codes of the desks whose dossiers the caller may see anyway: their own and those merged into it."""
    here = context()
    return access.listable_desks(principal(), "", here.reference.agencies, here.clock.now().date())


def servable(dossier: Dossier) -> Dossier:
    """The dossier, if the caller serves at the desk that received it."""
    here = context()
    access.require(access.may_serve_at_desk(principal(), dossier, here.reference.agencies, here.clock.now().date()))
    return dossier


def procedure_of(connection: Connection, code: str) -> Procedure:
    """The procedure in force of a code.

    Raises:
        shared.web.problem.Problem: 404, there is none.
    """
    found = components().catalogue.current(connection, code, context().clock.now().date())
    if found is None:
        raise unknown_procedure()
    return found[1]


def case_of(procedure: Procedure) -> Case | None:
    """The case that was chosen, or the only one; None where the clerk must choose."""
    if len(procedure.cases) == 1:
        return procedure.cases[0]
    try:
        return procedure.case(request.args["case"]) if request.args.get("case", "").strip() else None
    except UnknownCase:
        return None


def page(template: str, **values: Any) -> Response:
    """A page of the counter."""
    return make_response(render_template(template, caller=caller(principal()), **values))
