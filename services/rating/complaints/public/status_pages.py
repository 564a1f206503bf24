"""The pages of one complaint for whoever has its code and secret: how it stands, adding, withdrawing, opening again, being content."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for

from services.rating.complaints import commands
from services.rating.complaints.attachments import commands as attachments
from services.rating.complaints.attachments.store import rows
from services.rating.complaints.domain import Unacceptable
from services.rating.complaints.entry_rules import LARGEST, entry_rules
from services.rating.complaints.public.commands import MAX_WORDS, say_whether_content, supply
from services.rating.complaints.public.faults import LABELS, invalid
from services.rating.complaints.public.opened import MAX_TEXT, find_opened, of_opened_complaint, open_in_browser, opened
from services.rating.complaints.public.pages import FORM_BYTES, frame, keep_given_files, keep_kiosk_visit
from services.rating.complaints.public.queries import own_complaint
from services.rating.complaints.rules import complaint_rules
from services.rating.complaints.store import Complaint
from services.rating.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import public
from shared.web.form_once import once_per_form
from shared.web.input_bounds import accepts, accepts_uploads
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

YES, NO = "yes", "no"

pages = page_blueprint("rating", __name__, "feedback_status_pages")
pages.after_request(keep_kiosk_visit)
pages.context_processor(frame)


@pages.get("/feedback/status")
@public
def status_form() -> str:
    """The form for code and secret."""
    return render_template("rating/feedback/status.html", problem=None, code=request.args.get("code", "")[:MAX_TEXT])


@pages.post("/feedback/status")
@public
def look_up() -> Response:
    """Opens a complaint. Code and secret come in the body and are carried in a cookie; wrong tries are counted."""
    code, secret = (request.form.get(name, "").strip()[:MAX_TEXT] for name in ("code", "secret"))
    try:
        with domain_errors_as_problems():
            found = find_opened(code, secret)
    except Problem as problem:
        page = render_template("rating/feedback/status.html", problem=problem, code=code)
        return make_response(page, problem.status, dict(problem.headers))
    to = url_for("feedback_status_pages.own")
    return open_in_browser(make_response(redirect(to, 303)), found.code, secret)


@pages.get("/feedback/mine")
@public
@of_opened_complaint
def own(complaint: Complaint) -> str:
    """How the complaint stands, the answer, and what its complainant can do."""
    return _page(complaint)


@pages.post("/feedback/mine")
@public
@accepts(FORM_BYTES)
@accepts_uploads(LARGEST + FORM_BYTES)
@of_opened_complaint
def act(complaint: Complaint) -> Response:
    """Does what one of the page's forms asks for, once however often its button is pressed."""
    form, action = request.form, request.form.get("action", "")
    if form.get("complaint", complaint.code) != complaint.code:  # a form of another window changes nothing
        return make_response(redirect(url_for("feedback_status_pages.own"), 303))
    try:
        if action == "supply":
            if taken := form.get("remove", ""):
                attachments.take_out(context().store, complaint.id, taken)
            faults = keep_given_files(complaint.id)
            if faults:
                raise invalid(faults)
            if taken or form.get("do") == "add":
                return make_response(_page(complaint))
        once_per_form(lambda work: _done(work, complaint, action), record=complaint.code)
    except Problem as problem:
        return make_response(_page(complaint, problem), problem.status)
    return redirect_with_notice(url_for("feedback_status_pages.own"), action)


@domain_errors_as_problems()
def _done(work: UnitOfWork, complaint: Complaint, action: str) -> dict[str, Any]:
    code, secret = opened()
    form = request.form
    try:
        match action:
            case "supply":
                supply(work, code, secret, form.get("text", ""))
            case "withdraw":
                commands.withdraw(work, code, secret, form.get("text", ""))
            case "reopen":
                commands.reopen(work, code, secret, form.get("text", ""))
            case "content":
                say_whether_content(work, code, secret, _said(form.get("content", "")), form.get("words", ""))
            case _:
                raise Problem(404, "not-found")
    except Unacceptable as error:
        raise invalid(error.faults) from error
    return {"complaint": complaint.code}


def _said(typed: str) -> bool:
    if typed not in (YES, NO):
        fault = {"field": "content", "message": "Chọn hài lòng hoặc không.", "message_en": "Choose yes or no."}
        raise Problem(422, "invalid", errors=[fault])  # type: ignore[list-item]
    return typed == YES


def _page(complaint: Complaint, problem: Problem | None = None) -> str:
    here = context()
    now = here.clock.now()
    with here.store.read() as connection:
        files = attachments.unsent_files(rows.shown_of_draft(connection, complaint.id))
        shown = own_complaint(connection, complaint, now, now.date())
    return render_template(
        "rating/feedback/own.html",
        shown=shown,
        complaint=complaint,
        problem=problem,
        labels=LABELS,
        files=files,
        limits=entry_rules(now.date()),
        max_text=complaint_rules(now.date()).text_characters,
        max_words=MAX_WORDS,
        new_key=secrets.token_urlsafe,
        notice=one_time_notice(),
    )
