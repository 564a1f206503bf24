"""The report of payments that are paid on: due and overdue by recipient, and what was done."""

from __future__ import annotations

import secrets
from itertools import groupby
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from services.intake import access
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.applicant import MAX_NOTE, InvalidField, plain_text
from services.intake.payments.transfers import store
from services.intake.payments.transfers.commands import transfer
from services.intake.problems import PROBLEMS, domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.domain_errors import problem_for
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import just_saved, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

LIMIT = 200
DONE_LIMIT = 50
LABELS = {"reference": ("Số lệnh chuyển tiền", "Number of the bank's order")}

pages = page_blueprint("intake", __name__, "fee_transfer_pages")


@pages.get("/payments/transfers")
@roles("clerk", "leader", agency="record")
@audited
def report() -> str:
    """What is due, what is overdue, and what was paid on."""
    return _page()


@pages.post("/payments/transfers")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def done() -> Response:
    """Records that the listed payments to one recipient were paid on; once."""
    desks = _desks()
    access.require(bool(desks))
    try:
        once_per_form(lambda work: _transfer(work, desks))
    except Problem as problem:
        return make_response(_page(problem), problem.status)
    except tuple(PROBLEMS) as error:
        refused = problem_for(PROBLEMS, error)
        return make_response(_page(refused), refused.status)
    return redirect_with_notice(url_for("fee_transfer_pages.report"))


def _transfer(work: UnitOfWork, desks: frozenset[str]) -> dict[str, Any]:
    reference = plain_text(request.form.get("reference", ""), "reference", MAX_NOTE)
    if not reference:
        raise InvalidField("reference", "Nhập số lệnh chuyển tiền.", "Enter the number of the bank's order.")
    return transfer(work, request.form.getlist("payment")[:LIMIT], desks, reference, principal().subject)


def _desks() -> frozenset[str]:
    here = context()
    return access.listable_desks(principal(), "", here.reference.agencies, here.clock.now().date())


def _overseen() -> frozenset[str]:
    here = context()
    return access.overseen_desks(principal(), here.reference.agencies, here.clock.now().date())


def _page(problem: Problem | None = None) -> str:
    desks, now = _desks(), context().clock.now()
    access.require(bool(desks))
    record_reading("payments", principal().agency)
    with context().store.read() as connection:
        waiting = store.waiting(connection, desks, None, LIMIT)
        paid_on = store.done(connection, desks, DONE_LIMIT)
        late = store.overdue_by_desk(connection, _overseen(), now)
    by_recipient = sorted(waiting, key=lambda one: one.recipient)
    groups = [(code, list(found)) for code, found in groupby(by_recipient, key=lambda one: one.recipient)]
    return render_template(
        "intake/fee_transfers.html",
        caller=caller(principal()),
        groups=groups,
        done=paid_on,
        late=late,
        now=now,
        pays=principal().has("clerk"),
        labels=LABELS,
        limit=MAX_NOTE,
        saved=just_saved(),
        problem=problem,
        keys=[secrets.token_urlsafe() for _ in groups],
    )
