"""The JSON API for programs: an agency's own software, and the national portal's plug-in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from services.intake import access
from services.intake.applications import store as applications
from services.intake.components import components
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import UnknownDossier
from services.intake.plugin_access.portal_view import portal_application_view, portal_view
from services.intake.plugin_access.queries import get_step_grant
from services.intake.plugin_access.queries import step_papers as papers_of_step
from services.intake.plugin_access.schemas import ObservedDossierSchema, StepPapersSchema
from services.intake.problems import domain_errors_as_problems
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context, query

api = ApiBlueprint("intake", "plugin_access", "What agencies' software and the national portal's plug-in read")


@api.get("/agency/steps/<task>/papers")
@audited
@roles("agency", agency="record")
@query(gives=StepPapersSchema)
@domain_errors_as_problems()
def step_papers(connection: Connection, task: str) -> dict[str, Any]:
    """A dossier's papers and applicant, for an agency's own software while the step is the agency's; the reading is recorded.

    503 with the code `step_not_yet_known`: the event that assigns the step may still be under way to the papers; ask again after the
    seconds of `Retry-After`, for as long as it takes. 404, `unknown_step`: there is no such step. 403: it is another agency's. 410: it is
    over, or waits for the citizen's papers.
    """
    here = context()
    agencies, today = here.reference.agencies, here.clock.now().date()
    grant = get_step_grant(connection, task, here.clock.wall(), timedelta(days=here.settings.keep_published_days))
    access.require(access.may_read_step_papers(principal(), grant, agencies, today))
    record_reading("papers", grant.dossier)
    return papers_of_step(connection, grant)


@api.get("/observer/dossiers/<code>")
@audited
@roles("agency", agency="record")
@query(gives=ObservedDossierSchema)
@domain_errors_as_problems()
def observed_dossier(connection: Connection, code: str) -> dict[str, Any]:
    """A dossier for the national portal's plug-in; the reading is recorded."""
    agencies, today = context().reference.agencies, context().clock.now().date()
    # Checked before the look-up, so that the answer does not disclose which dossiers exist.
    access.require(access.may_observe(principal(), agencies, today))
    dossier = dossiers.find(connection, code)
    record_reading("portal", code)
    if dossier is None:
        application = applications.find(connection, code)
        if application is None:
            raise UnknownDossier(code)
        here = context()
        return portal_application_view(
            connection, application, components().catalogue, here.reference, here.clock.now()
        )
    return portal_view(connection, dossier, components().catalogue, agencies, today)
