"""The page that asks why somebody opens a dossier that is not theirs to work on, and the leaders' report of such accesses."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection

from services.intake import access
from services.intake.applications import store as applications
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import UnknownDossier
from services.intake.dossiers.pages import OFFICIALS, caller
from services.intake.foreign_access import store
from services.intake.foreign_access.domain import MAX_TEXT, REASONS, checked_reason, faults_of
from services.intake.foreign_access.guard import record
from services.intake.plugin_access import store as step_grants
from services.intake.problem_parts import invalid_fields
from services.intake.problems import domain_errors_as_problems
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles, scope_checked
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

MOST = 200
DAYS = 30
LONGEST = timedelta(days=366)
LABELS = {"reason": ("Lý do", "Reason"), "text": ("Nội dung cụ thể", "What exactly")}

pages = page_blueprint("intake", __name__, "foreign_access_pages")


@pages.get("/dossiers/<code>/access")
@roles(*OFFICIALS, agency="record")
@domain_errors_as_problems()
def ask(code: str) -> str:
    """Asks for the reason; it shows nothing of the dossier but its code."""
    with context().store.read() as connection:
        _desk(connection, code)
    return _form(code)


@pages.post("/dossiers/<code>/access")
@roles(*OFFICIALS, agency="record")
@domain_errors_as_problems()
def open_dossier(code: str) -> Response:
    """Records the reason and leads to the dossier."""
    with context().store.read() as connection:
        desk = _desk(connection, code)
    typed = request.form.get("reason", ""), request.form.get("text", "")
    if faults := faults_of(*typed):
        problem = invalid_fields(faults)
        return make_response(_form(code, problem), problem.status)
    reason = checked_reason(*typed)
    context().store.run(lambda work: record(work, code, desk, reason))
    return make_response(redirect(_place(code), 303))


@pages.get("/foreign-access")
@roles("leader", "auditor", agency="record")
@audited
def report() -> str:
    """Who opened which dossiers that were not theirs to work on, and why: for the leaders of both sides, and for auditors."""
    here, actor = context(), principal()
    today = here.clock.now().date()
    agencies = None
    if not actor.has("auditor"):
        agencies = access.listable_desks(actor, "", here.reference.agencies, today)
        agencies |= here.reference.agencies.descendants(actor.agency, today) if actor.agency else frozenset()
        access.require(bool(agencies))
    scope_checked()
    since, until = _day("since", today - timedelta(days=DAYS)), _day("until", today)
    begin = datetime.combine(max(since, until - LONGEST), time(), VIETNAM)
    end = datetime.combine(until + timedelta(days=1), time(), VIETNAM)
    record_reading("foreign_access", actor.agency)
    with here.store.read() as connection:
        found = store.list_of(connection, agencies, begin, end, MOST)
    return render_template(
        "intake/foreign_access.html",
        caller=caller(actor),
        found=found,
        most=MOST,
        since=since,
        until=until,
        reasons=REASONS,
        names={code: here.reference.agencies.name_of(code, today) for one in found for code in (one.agency, one.desk)},
    )


def _desk(connection: Connection, code: str) -> str:
    """The desk that received a dossier or an application, if the caller may open it with a reason, or without.

    Raises:
        services.intake.dossiers.domain.UnknownDossier: there is none.
        Problem: 403, they may not.
    """
    here = context()
    found = dossiers.find(connection, code) or applications.find(connection, code)
    if found is None:
        raise UnknownDossier(code)
    holders = step_grants.holders_of(connection, code) | step_grants.earlier_holders_of(connection, code)
    agencies, today = here.reference.agencies, here.clock.now().date()
    access.require(access.may_open_with_reason(principal(), found.receiving_agency, holders, agencies, today))
    return found.receiving_agency


def _form(code: str, problem: Problem | None = None) -> str:
    return render_template(
        "intake/access_reason.html",
        caller=caller(principal()),
        code=code,
        place=_place(code),
        reasons=REASONS,
        labels=LABELS,
        limit=MAX_TEXT,
        typed=request.form,
        problem=problem,
    )


def _place(code: str) -> str:
    """Where the caller wanted to go: a page of this service about this dossier; else the dossier."""
    wanted = request.values.get("next", "")
    if wanted.startswith("/intake/") and "//" not in wanted and "\\" not in wanted and len(wanted) <= 300:
        return wanted
    return url_for("dossier_pages.dossier", code=code)


def _day(name: str, default: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return default
