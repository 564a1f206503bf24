"""The hotline's pages: the log of all calls, and the form in which a clerk notes one and lodges what the caller complains of."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from services.rating.complaints.domain import Channel, Fault, NewComplaint, Unacceptable
from services.rating.complaints.entry import store
from services.rating.complaints.entry.commands import note_call
from services.rating.complaints.entry.desk import (
    CLERKS,
    caller,
    day,
    entered_complaint,
    form_parts,
    missing,
    moment,
    own_agencies,
    place_after,
    tell,
    told,
)
from services.rating.complaints.entry.domain import MAX_NOTE, OUTCOMES, Call, Outcome
from services.rating.complaints.public.forms import form_id, new_form
from services.rating.problems import domain_errors_as_problems
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles
from shared.web.input_bounds import accepts
from shared.web.one_time_notice import one_time_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

PAGE_SIZE = 50
FORM_BYTES = 128 * 1024
FILTERS = ("since", "until", "outcome")

pages = page_blueprint("rating", __name__, "hotline_pages")


@pages.get("/hotline")
@roles(*CLERKS, agency="record")
@audited
def call_log() -> str:
    """The calls at the hotlines of the caller's agencies, the newest first: all, or those of some days, or with one outcome."""
    own, given = own_agencies(), {name: request.args.get(name, "")[:40] for name in FILTERS}
    place = place_after(request.args.get("after", ""))
    with context().store.read() as connection:
        rows = store.calls_of(connection, own, _filter(given), place, PAGE_SIZE + 1)
    record_reading("hotline-calls", principal().agency)
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    kept: dict[str, Any] = {name: text or None for name, text in given.items()}
    after = f"{last.began_at.isoformat()} {last.id}" if last else ""
    return render_template(
        "rating/entry/hotline.html",
        caller=caller(principal()),
        rows=rows[:PAGE_SIZE],
        outcomes=OUTCOMES,
        given=given,
        may_enter=principal().has("clerk"),
        beginning=url_for("hotline_pages.call_log", **kept) if place else "",
        following=url_for("hotline_pages.call_log", after=after, **kept) if last else "",
        notice=one_time_notice(),
    )


@pages.get("/hotline/new")
@roles("clerk", agency="any")
def call_form() -> str:
    """The form for a call that begins now."""
    return _form(new_form(), {}, None)


@pages.post("/hotline/new")
@roles("clerk", agency="any")
@accepts(FORM_BYTES)
def enter_call() -> Response:
    """Notes the call, and lodges the complaint that it became; once however often the button is pressed."""
    form = request.form
    id = form_id(form.get("id", ""))
    try:
        with domain_errors_as_problems():
            call, new = _typed(form, id)
            lodged = context().store.run(lambda work: note_call(work, call, new))
    except Problem as problem:
        return make_response(_form(id, form, problem), problem.status)
    return tell(url_for("hotline_pages.entered"), lodged)


@pages.get("/hotline/entered")
@roles("clerk", agency="any")
def entered() -> str:
    """Code and secret of what was just lodged, to be told the caller."""
    return render_template(
        "rating/entry/entered.html",
        caller=caller(principal()),
        told=told(),
        back=url_for("hotline_pages.call_log"),
        again=url_for("hotline_pages.call_form"),
        by_phone=True,
    )


def _typed(form: Mapping[str, str], id: str) -> tuple[Call, NewComplaint | None]:
    faults: list[Fault] = []
    began_at, outcome = moment(form.get("began_at", "")), form.get("became", "")
    if began_at is None:
        faults.append(missing("began_at"))
    if outcome not in set(Outcome):
        faults.append(Fault("became", "Chọn kết quả cuộc gọi.", "Choose what became of the call."))
    minutes = form.get("minutes", "").strip()
    if not (minutes.isascii() and minutes.isdigit() and len(minutes) <= 4):
        faults.append(Fault("minutes", "Nhập số phút.", "Enter the number of minutes."))
    if faults or began_at is None:
        raise Unacceptable(*faults)
    actor = principal()
    call = Call(
        id=id,
        agency=actor.agency,
        clerk=actor.subject,
        began_at=began_at,
        minutes=int(minutes),
        outcome=Outcome(outcome),
        phone=form.get("phone", ""),
        note=form.get("note", ""),
    )
    became = call.outcome is Outcome.COMPLAINT
    return call, entered_complaint(form, id, Channel.HOTLINE, began_at) if became else None


def _form(id: str, typed: Mapping[str, str], problem: Problem | None) -> str:
    parts = form_parts(typed, id)
    return render_template("rating/entry/call.html", problem=problem, outcomes=OUTCOMES, max_note=MAX_NOTE, **parts)


def _filter(given: Mapping[str, str]) -> store.CallFilter:
    since, until, outcome = day(given["since"]), day(given["until"]), given["outcome"]
    return store.CallFilter(
        since=datetime.combine(since, time.min, VIETNAM) if since else None,
        until=datetime.combine(until, time.min, VIETNAM) + timedelta(days=1) if until and until.year < 9999 else None,
        outcome=Outcome(outcome) if outcome in set(Outcome) else None,
    )
