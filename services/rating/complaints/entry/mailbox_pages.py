"""The suggestion box's pages: the papers that were entered, and the form in which a clerk enters one with its scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import Response, make_response, render_template, request, url_for

from services.rating.complaints.attachments import commands as attachments
from services.rating.complaints.domain import Channel, Fault, NewComplaint, Unacceptable
from services.rating.complaints.entry import store
from services.rating.complaints.entry.commands import enter_paper
from services.rating.complaints.entry.desk import (
    CLERKS,
    caller,
    day,
    entered_complaint,
    form_parts,
    missing,
    own_agencies,
    place_after,
    received,
    tell,
    told,
)
from services.rating.complaints.entry.domain import MAX_NUMBER, Paper
from services.rating.complaints.entry_rules import LARGEST
from services.rating.complaints.public.faults import invalid
from services.rating.complaints.public.forms import form_id, new_form
from services.rating.complaints.public.pages import FORM_BYTES, keep_given_files, unsent
from services.rating.problems import domain_errors_as_problems
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles
from shared.web.input_bounds import accepts_uploads
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

PAGE_SIZE = 50

pages = page_blueprint("rating", __name__, "mailbox_pages")


@pages.get("/mailbox")
@roles(*CLERKS, agency="record")
@audited
def paper_list() -> str:
    """The papers of the suggestion boxes of the caller's agencies, the last entered first. It quotes nothing."""
    own, place = own_agencies(), place_after(request.args.get("after", ""))
    with context().store.read() as connection:
        rows = store.papers_of(connection, own, place, PAGE_SIZE + 1)
    record_reading("mailbox-papers", principal().agency)
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    after = f"{last.entered_at.isoformat()} {last.complaint}" if last else ""
    return render_template(
        "rating/entry/mailbox.html",
        caller=caller(principal()),
        rows=rows[:PAGE_SIZE],
        may_enter=principal().has("clerk"),
        beginning=url_for("mailbox_pages.paper_list") if place else "",
        following=url_for("mailbox_pages.paper_list", after=after) if last else "",
    )


@pages.get("/mailbox/new")
@roles("clerk", agency="any")
def paper_form() -> str:
    """The form for a paper."""
    return _form(new_form(), {}, None)


@pages.post("/mailbox/new")
@roles("clerk", agency="any")
@accepts_uploads(LARGEST + FORM_BYTES)
def enter() -> Response:
    """Keeps the scan and lodges what the paper says; once however often the button is pressed, and once for each paper's number."""
    form = request.form
    id = form_id(form.get("id", ""))
    if taken := form.get("remove", ""):
        attachments.take_out(context().store, id, taken)
    faults = keep_given_files(id)
    if taken or form.get("do") == "add":
        return _answer(id, form, invalid(faults) if faults else None)
    try:
        with domain_errors_as_problems():
            paper, new = _typed(form, id, faults)
            lodged = context().store.run(lambda work: enter_paper(work, paper, new))
    except Problem as problem:
        return _answer(id, form, problem)
    return tell(url_for("mailbox_pages.entered"), lodged)


@pages.get("/mailbox/entered")
@roles("clerk", agency="any")
def entered() -> str:
    """Code and secret of what was just lodged; who has given no telephone number can be handed them."""
    return render_template(
        "rating/entry/entered.html",
        caller=caller(principal()),
        told=told(),
        back=url_for("mailbox_pages.paper_list"),
        again=url_for("mailbox_pages.paper_form"),
        by_phone=False,
    )


def _typed(form: Mapping[str, str], id: str, faults: Sequence[Fault]) -> tuple[Paper, NewComplaint]:
    found, actor = list(faults), principal()
    on, now = day(form.get("received_at", "")), context().clock.now()
    if on is None:
        found.append(missing("received_at"))
    elif on > now.astimezone(VIETNAM).date():
        vi, en = "Ngày nhận không được sau hôm nay.", "It cannot have come after today."
        found.append(Fault("received_at", vi, en))
    new = entered_complaint(form, id, Channel.MAILBOX, None)
    if found or on is None:
        raise Unacceptable(*found)
    paper = Paper(actor.agency, form.get("number", "")[: MAX_NUMBER + 1], on, actor.subject)
    return paper, replace(new, received_at=received(on, now))


def _answer(id: str, typed: Mapping[str, str], problem: Problem | None) -> Response:
    return make_response(_form(id, typed, problem), problem.status if problem else 200)


def _form(id: str, typed: Mapping[str, str], problem: Problem | None) -> str:
    return render_template("rating/entry/paper.html", problem=problem, files=unsent(id), **form_parts(typed, id))
