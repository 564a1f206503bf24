"""Lets a view of a dossier or an application go on: at once for those who work on it, with a reason for some others, for nobody else."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from sqlalchemy import Connection

from services.intake import access
from services.intake.applications.domain import Application
from services.intake.dossiers.domain import Dossier
from services.intake.foreign_access import store
from services.intake.foreign_access.domain import (
    REASONS,
    VALID,
    AccessReason,
    ForeignAccess,
    checked_reason,
    split_header,
)
from services.intake.plugin_access import store as step_grants
from services.intake.problems import domain_errors_as_problems
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, scope_checked
from shared.web.problem import Problem
from shared.web.views import context

HEADER = "X-Access-Reason"


def require_reader(connection: Connection, dossier: Dossier) -> None:
    """Lets the caller read a dossier if it is theirs to work on, or if they may open it with a reason and have given one.

    Raises:
        Problem: 403, they may not, or the reason is missing; 422, the header has none that can be kept.
        werkzeug.exceptions.HTTPException: a page leads to the form that asks for the reason.
    """
    here = context()
    agencies, today = here.reference.agencies, here.clock.now().date()
    holders = step_grants.holders_of(connection, dossier.code)
    if access.may_read_dossier(principal(), dossier, holders, agencies, today):
        scope_checked()
        return
    earlier = step_grants.earlier_holders_of(connection, dossier.code)
    allowed = access.may_open_with_reason(principal(), dossier.receiving_agency, earlier, agencies, today)
    _require_reason(connection, dossier.code, dossier.receiving_agency, allowed)


def require_application_reader(connection: Connection, application: Application) -> None:
    """The same for an application that is not yet a dossier."""
    here = context()
    agencies, today = here.reference.agencies, here.clock.now().date()
    if access.may_read_application(principal(), application, agencies, today):
        scope_checked()
        return
    allowed = access.may_open_with_reason(principal(), application.receiving_agency, (), agencies, today)
    _require_reason(connection, application.code, application.receiving_agency, allowed)


def record(work: UnitOfWork, code: str, desk: str, reason: AccessReason) -> None:
    """Records that the caller opens a dossier, and why."""
    actor = principal()
    roles = " ".join(sorted(actor.roles))
    row = ForeignAccess(new_id(), work.now, actor.subject, roles, actor.agency, code, desk, reason.reason, reason.text)
    store.add(work, row)


def _require_reason(connection: Connection, code: str, desk: str, allowed: bool) -> None:
    access.require(allowed)
    here = context()
    if header := request.headers.get(HEADER, ""):
        given, text = split_header(header)
        with domain_errors_as_problems():
            reason = checked_reason(given, text)
        here.store.run(lambda work: record(work, code, desk, reason))
    elif store.given_since(connection, code, principal().subject, here.clock.now() - VALID):
        return
    elif request.path.startswith("/intake/api/"):
        raise Problem(
            403,
            "access-reason-needed",
            "Hồ sơ của cơ quan khác: phải nêu lý do xem",
            "The dossier is another agency's: say why you open it",
            detail=f"Gửi lý do trong {HEADER}: LÝ DO; nội dung cụ thể (mã hóa phần trăm, UTF-8).",
            detail_en=f"Send the reason in {HEADER}: REASON; what exactly (percent-encoded UTF-8).",
            reasons=list(REASONS),
        )
    else:
        abort(redirect(url_for("foreign_access_pages.ask", code=code, next=request.path), 303))
