"""The page of day closing: a clerk counts the cash and closes the day; a leader sees all closings. Each can be printed."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from services.intake import access
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.applicant import MAX_NOTE, InvalidField, plain_text
from services.intake.payments.closing import store
from services.intake.payments.closing.commands import close_day
from services.intake.payments.closing.queries import movements, opening
from services.intake.payments.ledger.store import drawer
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

LIMIT = 60
LABELS = {"counted": ("Tiền mặt đếm được", "Cash counted"), "reason": ("Lý do", "Reason")}

pages = page_blueprint("intake", __name__, "day_closing_pages")


@pages.get("/payments/day")
@roles("clerk", "leader", agency="record")
def day() -> str:
    """The open days of the clerk, and the closings so far."""
    return _page()


@pages.get("/payments/day/closings/<closing>")
@roles("clerk", "leader", agency="record")
@audited
@domain_errors_as_problems()
def printed(closing: str) -> str:
    """A closing to print and sign, with the receipts and vouchers of the day."""
    desks, viewer = _desks(), principal()
    with context().store.read() as connection:
        found = store.closing(connection, closing)
        if found is None:
            raise Problem(404, "not-found")
        access.require(found.desk in desks and (viewer.has("leader") or found.clerk == viewer.subject))
        moved = movements(connection, found.desk, found.clerk, found.day)
        opened = opening(connection, found.desk, found.clerk, found.day)
    record_reading("payments", found.desk)
    return render_template("intake/day_closing_print.html", closing=found, movements=moved, opening=opened)


@pages.post("/payments/day")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def act() -> Response:
    """Closes a day of the clerk's own; once, and for good."""
    desk, desks = request.form.get("desk", ""), _desks()
    access.require(desk in desks)
    try:
        once_per_form(lambda work: _close(work, desk))
    except Problem as problem:
        return make_response(_page(problem), problem.status)
    except tuple(PROBLEMS) as error:
        refused = problem_for(PROBLEMS, error)
        return make_response(_page(refused), refused.status)
    return redirect_with_notice(url_for("day_closing_pages.day"))


def _close(work: UnitOfWork, desk: str) -> dict[str, Any]:
    reason = plain_text(request.form.get("reason", ""), "reason", MAX_NOTE)
    closed_on = _day(request.form.get("day", ""))
    close_day(work, desk, principal().subject, closed_on, _amount(request.form.get("counted", "")), reason)
    return {}


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidField("day", "Ngày không hợp lệ.", "This is no day.") from None


def _amount(text: str) -> int:
    digits = text.translate(str.maketrans("", "", " .,₫đ\u00a0"))
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise InvalidField("counted", "Nhập số tiền bằng chữ số.", "Enter the amount in digits.")
    return int(digits)


def _desks() -> frozenset[str]:
    here = context()
    return access.listable_desks(principal(), "", here.reference.agencies, here.clock.now().date())


def _page(problem: Problem | None = None) -> str:
    desks, viewer, today = _desks(), principal(), context().clock.now().date()
    access.require(bool(desks))
    with context().store.read() as connection:
        own = store.open_days(connection, desks, viewer.subject) if viewer.has("clerk") else []
        days = [
            {
                "desk": desk,
                "day": on,
                "recorded": drawer(connection, desk, viewer.subject, on),
                "opening": opening(connection, desk, viewer.subject, on),
                "closable": on <= today,
            }
            for desk, on in own
        ]
        closings = store.recent(connection, desks, "" if viewer.has("leader") else viewer.subject, LIMIT)
    return render_template(
        "intake/day_closing.html",
        caller=caller(viewer),
        days=days,
        closings=closings,
        clerk=viewer.has("clerk"),
        labels=LABELS,
        limit=MAX_NOTE,
        saved=just_saved(),
        problem=problem,
        form_key=secrets.token_urlsafe(),
    )
