"""The reception's page: giving a visitor a number and printing it, letting missed visitors wait again, cancelling."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, request, url_for

from services.intake import access
from services.intake.desk.requests import own_desk, page
from services.intake.filing.domain.applicant import InvalidField
from services.intake.problems import domain_errors_as_problems
from services.intake.tickets import commands, queries, store
from services.intake.tickets.domain import Ticket, local_day
from services.intake.tickets.groups import DeskServices, desk_services
from services.intake.tickets.states import CancelCause, Channel, State
from services.intake.tickets.words import STATES
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.admission.request_kinds import vital
from shared.web.authorization import principal, roles
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

STAFF = ("clerk", "leader")

pages = page_blueprint("intake", __name__, "reception_pages")


@pages.get("/reception")
@roles(*STAFF, agency="record")
def reception() -> Response:
    """The form for a new number, who waits, and who missed the call today."""
    return _page(_services())


@pages.post("/reception")
@vital
@roles(*STAFF, agency="record")
def give_number() -> Response:
    """Gives the next number of a group; the same form sent again shows the same number."""
    services = _services()

    @domain_errors_as_problems()
    def give(work: UnitOfWork) -> dict[str, Any]:
        group = request.form.get("group", "")
        if not group:
            raise InvalidField("group", "Chọn nhóm thủ tục.", "Choose a service group.")
        priority = request.form.get("priority", "")
        return {"id": commands.issue(work, services, group=group, channel=Channel.RECEPTION, priority=priority).id}

    try:
        given = once_per_form(give)
    except Problem as problem:
        return _refused(services, problem)
    return redirect_with_notice(url_for("reception_pages.ticket", id=given["id"]))


@pages.get("/reception/tickets/<id>")
@roles(*STAFF, agency="record")
@domain_errors_as_problems()
def ticket(id: str) -> Response:
    """A number, to be printed on paper of 80 mm and given to the visitor."""
    services, here = _services(), context()
    now = here.clock.now()
    with here.store.read() as connection:
        found = store.get(connection, id)
        access.require(access.may_serve_visitors(principal(), found.desk))
        place = queries.place_in_line(connection, services, found, now)
    return page(
        "intake/ticket.html",
        services=services,
        ticket=found,
        place=place,
        group=services.group(found.group),
        states=STATES,
        today=found.day == local_day(now),
        given=one_time_notice() == "saved",
    )


@pages.post("/reception/tickets/<id>")
@roles(*STAFF, agency="record")
def change(id: str) -> Response:
    """Lets a missed visitor wait again, or cancels a number; the same form sent again does nothing more."""
    services, action = _services(), request.form.get("do", "")

    @domain_errors_as_problems()
    def act(work: UnitOfWork) -> dict[str, Any]:
        if action == "requeue":
            changed = commands.requeue(work, services, id)
        elif action == "cancel":
            changed = commands.cancel(work, services, id, CancelCause.VISITOR)
        else:
            raise Problem(400, "bad-request")
        return {"number": changed.shown}

    try:
        done = once_per_form(act)
    except Problem as problem:
        return _refused(services, problem)
    return redirect_with_notice(url_for("reception_pages.reception"), f"{action} {done['number']}")


def _refused(services: DeskServices, problem: Problem) -> Response:
    if problem.status in (400, 403, 404):
        raise problem
    shown = _page(services, problem)
    shown.status_code = problem.status
    return shown


def _page(services: DeskServices, problem: Problem | None = None) -> Response:
    here = context()
    now = here.clock.now()
    with here.store.read() as connection:
        line = queries.waiting(connection, services.desk, now)
        estimates = queries.wait_estimates(connection, services, now)
        rest = store.of_day(connection, services.desk, local_day(now), State.MISSED, State.ISSUED)
        numbers = queries.numbers_of_desk(connection, services.desk, local_day(now))
    notice, _, about = one_time_notice().partition(" ")
    return page(
        "intake/reception.html",
        services=services,
        problem=problem,
        notice=notice,
        about=about,
        line=line,
        estimates=estimates,
        missed=[one for one in rest if _may_come_back(one)],
        booked=sum(1 for one in rest if one.state is State.ISSUED and one.arrived_at is None),
        numbers=numbers,
        now=now,
        counts={group.code: sum(1 for one in line if one.group == group.code) for group in services.groups},
        form_key=secrets.token_urlsafe(),
    )


def _may_come_back(ticket: Ticket) -> bool:
    return ticket.state is State.MISSED and ticket.requeued_at is None


def _services() -> DeskServices:
    return desk_services(own_desk().code, local_day(context().clock.now()))
