"""Leaders' pages of legal holds: which dossiers are held, putting one on hold with its reason and period, and ending that."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection

from services.intake import access
from services.intake.applications.domain import Application
from services.intake.documents.queries import find_subject
from services.intake.dossiers.desk_pages import Question, typed_fields
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.applicant import MAX_NOTE, InvalidField
from services.intake.problems import domain_errors_as_problems
from services.intake.retention import store
from services.intake.retention.domain import end_of_hold, hold_reason
from services.intake.retention.holds import hold_dossier, release_dossier, to_hold
from shared.persistence.unit_of_work import UnitOfWork
from shared.text import clean_code
from shared.web.authorization import principal, roles
from shared.web.form_once import once_per_form
from shared.web.language import text
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint, written_date
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

MOST = 200
MAX_CODE = 60
LABELS = {"reason": ("Lý do", "Reason"), "until": ("Giữ đến hết ngày", "Until the end of")}

pages = page_blueprint("intake", __name__, "legal_hold_pages")


@pages.get("/legal-holds")
@roles("leader", agency="record")
@audited
def hold_list() -> Response:
    """The holds of the leader's desks and those below: in force, or ended; with a dossier's code, on to its page."""
    if code := clean_code(request.args.get("code", ""))[:MAX_CODE].upper():
        access.require(True)  # the page decides
        return make_response(redirect(url_for("legal_hold_pages.hold_form", code=code), 303))
    here, actor, ended = context(), principal(), request.args.get("show") == "ended"
    now, agencies = here.clock.now(), here.reference.agencies
    desks = {
        one.code for one in agencies.all(now.date()) if access.may_hold_dossier(actor, one.code, agencies, now.date())
    } | access.listable_desks(actor, "", agencies, now.date())
    access.require(bool(desks))
    record_reading("legal-holds", actor.agency)
    with here.store.read() as connection:
        found = store.holds_at(connection, desks, now, ended, MOST)
    return make_response(
        render_template("intake/legal_holds.html", caller=caller(actor), found=found, ended=ended, most=MOST)
    )


@pages.get("/dossiers/<code>/legal-hold")
@roles("leader", agency="record")
@audited
@domain_errors_as_problems()
def hold_form(code: str) -> str:
    """A dossier's holds, and the forms to put it on hold or to end that."""
    with context().store.read() as connection:
        return _form(connection, _holdable(connection, code))


@pages.post("/dossiers/<code>/legal-hold")
@roles("leader", agency="record")
@domain_errors_as_problems()
def change_hold(code: str) -> Response:
    """Asks whether it is right, and then puts the dossier on hold or ends that."""
    with context().store.read() as connection:
        subject = _holdable(connection, code)
        if "edit" in request.form:
            return make_response(_form(connection, subject))
        try:
            with domain_errors_as_problems():
                ends = request.form.get("action") == "end"
                reason, last_day = ("", None) if ends else _typed()
                if "confirmed" not in request.form:
                    return make_response(_confirmation(subject, ends, reason, last_day))
        except Problem as problem:
            return make_response(_form(connection, subject, problem), problem.status)

    def change(work: UnitOfWork) -> dict[str, Any]:
        locked, by = to_hold(work, code, principal()), principal().subject
        done = release_dossier(work, locked, by) if ends else hold_dossier(work, locked, reason, last_day, by)
        return {"code": done["code"]}

    once_per_form(change)
    return redirect_with_notice(url_for("legal_hold_pages.hold_form", code=subject.code), "ended" if ends else "held")


def _holdable(connection: Connection, code: str) -> Dossier | Application:
    here, subject = context(), find_subject(connection, code)
    today, agencies = here.clock.now().date(), here.reference.agencies
    access.require(access.may_hold_dossier(principal(), subject.receiving_agency, agencies, today))
    record_reading("legal-hold", subject.code)
    return subject


def _typed() -> tuple[str, date | None]:
    """The reason and the last day.

    Raises:
        InvalidField: one of them is not valid.
    """
    reason, typed = hold_reason(request.form.get("reason", "")), request.form.get("until", "").strip()
    try:
        last_day = date.fromisoformat(typed) if typed else None
    except ValueError:
        raise InvalidField("until", "Ngày không hợp lệ.", "Not a day.") from None
    end_of_hold(last_day, context().clock.now().date())
    return reason, last_day


def _confirmation(subject: Dossier | Application, ends: bool, reason: str, last_day: date | None) -> str:
    if ends:
        question = Question(
            text("Thôi giữ dữ liệu hồ sơ này?", "End the hold of this dossier?"),
            [],
            ("Thôi giữ", "End the hold"),
            [
                text(
                    "Nếu đã hết thời hạn lưu trữ, dữ liệu cá nhân bị xóa ngay và không khôi phục được.",
                    "If its retention is over, the personal data are erased at once, for good.",
                )
            ],
        )
    else:
        until = written_date(last_day) if last_day else text("đến khi có người thôi giữ", "until somebody ends it")
        rows = [(text(*LABELS["reason"]), reason), (text(*LABELS["until"]), until)]
        question = Question(text("Giữ dữ liệu hồ sơ này?", "Hold this dossier's data?"), rows, ("Giữ", "Hold"))
    return render_template(
        "intake/legal_hold_confirm.html",
        caller=caller(principal()),
        code=subject.code,
        question=question,
        typed_fields=typed_fields(),
        form_key=secrets.token_urlsafe(),
    )


def _form(connection: Connection, subject: Dossier | Application, problem: Problem | None = None) -> str:
    now = context().clock.now()
    return render_template(
        "intake/legal_hold.html",
        caller=caller(principal()),
        code=subject.code,
        is_dossier=isinstance(subject, Dossier),
        present=store.hold_of(connection, subject.code, now),
        former=[one for one in store.holds_of(connection, subject.code) if not one.in_force(now)],
        erased_at=store.erased_at(connection, subject.code),
        problem=problem,
        labels=LABELS,
        longest=MAX_NOTE,
        today=now.date(),
        notice=one_time_notice(),
    )
