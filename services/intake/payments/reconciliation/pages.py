"""The report of reconciliation for leaders: a day's statement of the provider against ours, and the import of a statement."""

from __future__ import annotations

from datetime import date

from flask import Response, make_response, redirect, render_template, request, url_for

from services.intake import access
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.applicant import InvalidField
from services.intake.payments.providers.configured import provider_of
from services.intake.payments.reconciliation.commands import import_statement, record_missing, report_of
from services.intake.payments.reconciliation.domain import MISSING_HERE
from services.intake.payments.reconciliation.statement_text import COLUMNS, read_statement
from services.intake.problem_parts import invalid_fields
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles
from shared.web.one_time_notice import just_saved, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

LABELS = {"statement": ("Sao kê", "Statement")}
SHOWN_FAULTS = 10
MAX_TEXT = 500_000

pages = page_blueprint("intake", __name__, "reconciliation_pages")


@pages.get("/payments/reconciliation")
@roles("leader", agency="record")
def report() -> str:
    """What does not match on a day: money that is missing here or there, and other amounts."""
    _check()
    return _page()


@pages.post("/payments/reconciliation")
@roles("leader", agency="record")
def record() -> Response:
    """Records the money that only the statement knows; repeating it changes nothing."""
    _check()
    day = _day(request.form.get("day", ""))
    record_missing(context(), report_of(context(), day))
    return make_response(redirect(url_for("reconciliation_pages.report", day=day.isoformat()), 303))


@pages.post("/payments/reconciliation/statement")
@roles("leader", agency="record")
def upload() -> Response:
    """Takes the text of a statement; all of it or, with any fault, nothing."""
    _check()
    receipts, faults = read_statement(request.form.get("statement", "")[:MAX_TEXT])
    if faults:
        shown = [
            InvalidField("statement", f"Dòng {one.line}: {one.vi}", f"Line {one.line}: {one.en}")
            for one in faults[:SHOWN_FAULTS]
        ]
        problem = invalid_fields(shown)
        return make_response(_page(problem), problem.status)
    import_statement(context(), receipts, principal().subject)
    day = min(one.paid_at for one in receipts).astimezone(VIETNAM).date()
    return redirect_with_notice(url_for("reconciliation_pages.report"), "1", f"day={day.isoformat()}")


def _check() -> None:
    here = context()
    access.require(bool(access.listable_desks(principal(), "", here.reference.agencies, here.clock.now().date())))


def _page(problem: Problem | None = None) -> str:
    day = _day(request.values.get("day", ""))
    found = report_of(context(), day)
    return render_template(
        "intake/reconciliation.html",
        caller=caller(principal()),
        day=day,
        provider=provider_of(context()) is not None,
        report=found,
        missing=any(one.kind == MISSING_HERE for one in found.mismatches),
        columns=", ".join(COLUMNS),
        labels=LABELS,
        saved=just_saved(),
        problem=problem,
    )


def _day(text: str) -> date:
    """The day asked for; today where none can be read."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return context().clock.wall().astimezone(VIETNAM).date()
