"""The counter's page: calling visitors, serving them, transfers, breaks. It shows who waits and renews that by itself."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection

from services.intake.desk.requests import own_desk, page
from services.intake.filing.domain.applicant import MAX_NOTE, InvalidField, plain_text
from services.intake.problems import domain_errors_as_problems
from services.intake.tickets import counters, queries, store
from services.intake.tickets.counter_view import view_of
from services.intake.tickets.domain import Ticket, local_day
from services.intake.tickets.groups import DeskServices, desk_services
from services.intake.tickets.states import State
from services.intake.tickets.words import CHANNELS, COUNTER_STATES, STATES
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.admission.request_kinds import vital
from shared.web.authorization import principal, roles
from shared.web.form_once import once_per_form
from shared.web.json_encoding import dumps
from shared.web.language import language
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.problem import Problem
from shared.web.views import context

STAFF = ("clerk", "leader")
NOBODY = "nobody"
"""The notice that nobody waits."""

pages = Blueprint(
    "counter_pages",
    __name__,
    url_prefix="/intake/counter",
    template_folder="templates",
    static_folder="static",
    static_url_path="/assets",
)


@pages.get("")
@roles(*STAFF, agency="record")
def choose() -> Response:
    """Which counter; straight on to the one at which the caller sits, unless others are asked for."""
    services = _services()
    here = context()
    with here.store.read() as connection:
        found = queries.counters(connection, services, here.clock.now())
    mine = next((one for one in found if one.clerk == principal().subject), None)
    if mine is not None and "all" not in request.args:
        return make_response(redirect(url_for("counter_pages.counter", number=mine.number), 303))
    return page(
        "intake/counters.html",
        services=services,
        found=found,
        mine=mine,
        counter_states=COUNTER_STATES,
        form_key=secrets.token_urlsafe(),
    )


@pages.get("/<int:number>")
@roles(*STAFF, agency="record")
@domain_errors_as_problems()
def counter(number: int) -> Response:
    """A counter: its visitor and what may be done, who waits, and the day's numbers."""
    services = _services()
    services.counter(number)
    return _page(services, number)


@pages.get("/<int:number>/waiting.json")
@roles(*STAFF, agency="record")
@domain_errors_as_problems()
def waiting(number: int) -> Response:
    """The part of the page that changes by itself; the same as before is answered by 304 without looking at the line."""
    services = _services()
    services.counter(number)
    here = context()
    now = here.clock.now()
    with here.store.read() as connection:
        version = f"{queries.board_version(connection, services.desk, now)}.{now:%H%M}.{number}.{language()}"
        response = Response(content_type="application/json")
        response.set_etag(version)
        response.make_conditional(request)
        if response.status_code != 304:
            view = view_of(connection, services, number, principal().subject, now)
            html = render_template("intake/counter_waiting.html", services=services, view=view)
            response.set_data(dumps({"mark": view.mark, "html": html}))
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@pages.post("/<int:number>")
@vital
@roles(*STAFF, agency="record")
def act(number: int) -> Response:
    """Does what a button says; the same form sent again does nothing more."""
    services = _services()
    action = request.form.get("do", "")
    try:
        done = once_per_form(lambda work: _do(work, services, number, action))
    except Problem as problem:
        if problem.status in (400, 403, 404):
            raise
        shown = _page(services, number, problem)
        shown.status_code = problem.status
        return shown
    place = url_for("counter_pages.choose") if action == "close" else url_for("counter_pages.counter", number=number)
    return redirect_with_notice(place, str(done["notice"]))


@domain_errors_as_problems()
def _do(work: UnitOfWork, services: DeskServices, number: int, action: str) -> dict[str, Any]:
    clerk, ticket = principal().subject, request.form.get("ticket", "")
    counter = (work, services, number, clerk)
    if action in ("open", "take_over"):
        counters.open_counter(*counter, take_over=action == "take_over")
    elif action == "break":
        counters.take_break(*counter)
    elif action == "close":
        counters.close_counter(*counter)
    elif action in ("recall", "begin", "finish", "miss", "release"):
        getattr(counters, action)(*counter, ticket)
    elif action == "transfer":
        reason = plain_text(request.form.get("reason", ""), "reason", MAX_NOTE)
        if not reason:
            raise InvalidField("reason", "Vui lòng ghi lý do chuyển.", "Please say why.")
        moved = counters.transfer(*counter, ticket, request.form.get("group", ""), reason)
        return {"notice": f"transferred {moved.shown}"}
    elif action == "next":
        if ticket:
            counters.finish(*counter, ticket)
        called = counters.call_next(*counter)
        return {"notice": "called" if called else NOBODY}
    else:
        raise Problem(400, "bad-request")
    return {"notice": action}


def _page(services: DeskServices, number: int, problem: Problem | None = None) -> Response:
    here = context()
    now = here.clock.now()
    with here.store.read() as connection:
        view = view_of(connection, services, number, principal().subject, now)
        filed = _filed(connection, view.ticket)
    notice, _, about = one_time_notice().partition(" ")
    return page(
        "intake/counter.html",
        services=services,
        view=view,
        filed=filed,
        problem=problem,
        notice=notice,
        about=about,
        states=STATES,
        channels=CHANNELS,
        counter_states=COUNTER_STATES,
        groups=[one for one in services.groups if view.ticket is None or one.code != view.ticket.group],
        form_key=secrets.token_urlsafe(),
    )


def _filed(connection: Connection, ticket: Ticket | None) -> list[str]:
    """Codes of what was filed in the visit of who is served."""
    if ticket is None or ticket.state is not State.SERVING:
        return []
    return list(store.dossiers_of_visit(connection, ticket.visit))


def _services() -> DeskServices:
    return desk_services(own_desk().code, local_day(context().clock.now()))
