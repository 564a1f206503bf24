"""Officials' pages of appointments: who comes today, checking them in, and the days on which the desk gives none."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from services.intake import access
from services.intake.appointments import closing_store, store
from services.intake.appointments.closing import close_desk, read_closing
from services.intake.appointments.commands import arrive, check_in
from services.intake.appointments.domain import SHOWN_REASON, State, UnknownAppointment
from services.intake.appointments.opened import MAX_TEXT
from services.intake.appointments.shown import shown_day, shown_slot
from services.intake.dossiers.desk_pages import Question, typed_fields
from services.intake.dossiers.pages import caller
from services.intake.problems import domain_errors_as_problems
from services.intake.tickets import store as ticket_store
from services.intake.tickets.domain import local_day
from services.intake.tickets.groups import desk_services
from services.intake.tickets.states import Channel
from shared.agencies.roles import ONE_STOP_DESK
from shared.calendar import TIMEZONE
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles, scope_checked
from shared.web.form_once import once_per_form
from shared.web.language import text, vietnamese
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

STAFF = ("clerk", "leader")
LABELS = {
    "closed_on": ("Ngày", "Day"),
    "from_time": ("Từ giờ", "From"),
    "until_time": ("Đến giờ", "Until"),
    "reason": ("Lý do", "Reason"),
}
STATES = {
    State.BOOKED: (("Chưa đến", "To come"), "plain"),
    State.ARRIVED: (("Đã báo có mặt", "Checked in"), "good"),
    State.MISSED: (("Vắng", "Missed"), "late"),
}
CAME_LATE = (("Đến muộn", "Came late"), "good")

pages = page_blueprint("intake", __name__, "desk_appointment_pages")


@pages.get("/appointments/today")
@roles(*STAFF, agency="record")
def today() -> str:
    """Who comes today to the official's desk, by number; an appointment has no name."""
    if not _asked() and not _desks():  # the menu leads every leader here
        scope_checked()
        return render_template("intake/desk_appointments_none.html", caller=caller(principal()))
    return _today_page(_desk())


@pages.post("/appointments/today")
@roles("clerk", agency="record")
def arrived() -> Response:
    """Checks a visitor in: by the row of the list, or by the code."""
    desk = _desk()
    id, code = (request.form.get(name, "").strip()[:MAX_TEXT] for name in ("id", "code"))

    @domain_errors_as_problems()
    def effect(work: UnitOfWork) -> str:
        if not id:
            return check_in(work, code, Channel.RECEPTION, desk).shown
        found = store.get(work.connection, id, lock=True)
        if found is None or found.desk != desk:
            raise UnknownAppointment
        return arrive(work, found, Channel.RECEPTION).shown

    try:
        number = context().store.run(effect)
    except Problem as problem:
        return make_response(_today_page(desk, problem), problem.status)
    return redirect_with_notice(url_for("desk_appointment_pages.today"), number, f"desk={desk}")


@pages.get("/appointments/closings")
@roles(*STAFF, agency="record")
def closings() -> str:
    """The days and hours on which the desk gives no appointments, and the form for another."""
    return _closings_page(_desk())


@pages.post("/appointments/closings")
@roles(*STAFF, agency="record")
def change_closings() -> Response:
    """Asks whether it is right, and then closes the desk for some time, or opens it again."""
    desk, actor = _desk(), principal()
    place = url_for("desk_appointment_pages.closings")
    if request.form.get("action") == "reopen":
        id = request.form.get("id", "")[:MAX_TEXT]
        context().store.run(lambda work: _reopen(work, desk, id, actor.subject))
        return redirect_with_notice(place, "reopened", f"desk={desk}")
    if "edit" in request.form:
        return make_response(_closings_page(desk))
    try:
        with domain_errors_as_problems():
            typed = [request.form.get(name, "")[:1000] for name in LABELS]
            start, end, reason = read_closing(typed[0], typed[1], typed[2], typed[3], context().clock.now())
    except Problem as problem:
        return make_response(_closings_page(desk, problem), problem.status)
    if "confirmed" not in request.form:
        return make_response(_confirmation(desk, start, end, reason))

    def effect(work: UnitOfWork) -> dict[str, Any]:
        return {"id": close_desk(work, desk, start, end, reason, actor.subject).id}

    once_per_form(effect, record=desk)
    return redirect_with_notice(place, "closed", f"desk={desk}")


def _reopen(work: UnitOfWork, desk: str, id: str, by: str) -> None:
    found = closing_store.closing(work.connection, id)
    if found is None or found.desk != desk:
        raise Problem(404, "not-found")
    closing_store.reopen(work, id, by)


def _desks() -> list[str]:
    here, actor = context(), principal()
    now, agencies = here.clock.now().date(), here.reference.agencies
    mine = access.overseen_desks(actor, agencies, now)
    found = [one for one in agencies.all(now) if one.code in mine and ONE_STOP_DESK in one.roles]
    return [one.code for one in sorted(found, key=lambda one: one.name)]


def _desk() -> str:
    """The desk that the page is about: the one asked for, else the official's own.

    Raises:
        Problem: 403, it is not the official's to look after.
    """
    desks, asked = _desks(), _asked()
    wanted = asked or (principal().agency if principal().agency in desks else next(iter(desks), ""))
    access.require(wanted in desks)
    return wanted


def _asked() -> str:
    return request.args.get("desk", "") or request.form.get("desk", "")


def _today_page(desk: str, problem: Problem | None = None) -> str:
    here = context()
    day = local_day(here.clock.now())
    begins = datetime.combine(day, time(), TIMEZONE)
    with here.store.read() as connection:
        found = store.of_day(connection, [desk], begins, begins + timedelta(days=1))
        ahead = store.counts_by_day(connection, desk, begins + timedelta(days=1), begins + timedelta(days=91))
        here_now = {one.id for one in ticket_store.of_day(connection, desk, day) if one.arrived_at is not None}
    return render_template(
        "intake/desk_appointments.html",
        caller=caller(principal()),
        desk=desk,
        desks=_desks(),
        day=shown_day(day),
        found=[(one, _label(one, here_now)) for one in found],
        ahead=[(shown_day(one), count) for one, count in sorted(ahead.items())],
        groups={group.code: (group.name, group.name_en) for group in desk_services(desk, day).groups},
        shown_slot=shown_slot,
        problem=problem,
        notice=one_time_notice(),
    )


def _label(found: store.Appointment, here_now: Collection[str]) -> tuple[tuple[str, str], str]:
    """The state of an appointment, and its look; who missed it and then let the reception requeue the number has come."""
    return CAME_LATE if found.state is State.MISSED and found.ticket in here_now else STATES[found.state]


def _closings_page(desk: str, problem: Problem | None = None) -> str:
    here = context()
    now = here.clock.now()
    with here.store.read() as connection:
        found = closing_store.closings_of(connection, [desk], now)
    return render_template(
        "intake/desk_closings.html",
        caller=caller(principal()),
        desk=desk,
        desks=_desks(),
        found=[(one, _when(one.start, one.end)) for one in found],
        today=local_day(now),
        longest=SHOWN_REASON,
        labels=LABELS,
        problem=problem,
        notice=one_time_notice(),
    )


def _confirmation(desk: str, start: datetime, end: datetime, reason: str) -> str:
    here = context()
    with here.store.read() as connection:
        count = store.count_between(connection, desk, start, end)
    warning = text(
        "{count} lịch hẹn trong thời gian này sẽ được chuyển sang khung giờ trống kế tiếp và người hẹn được nhắn tin."
        " Thời hạn giải quyết hồ sơ không đổi.",
        "Appointments at that time: {count}. They are moved to the next free time, and those who booked them are told."
        " Time limits of dossiers stay.",
        count=count,
    )
    rows = [
        (text("Bộ phận Một cửa", "One-stop desk"), vietnamese(here.reference.agencies.name_of(desk, local_day(start)))),
        (text("Thời gian", "Time"), _when(start, end)),
        (text(*LABELS["reason"]), vietnamese(reason)),
    ]
    question = Question(text("Nghỉ nhận lịch hẹn?", "Give no appointments then?"), rows, ("Nghỉ", "Close"), [warning])
    return render_template(
        "intake/desk_closing_confirm.html",
        caller=caller(principal()),
        question=question,
        typed_fields=typed_fields(),
        form_key=secrets.token_urlsafe(),
    )


def _when(start: datetime, end: datetime) -> str:
    local = start.astimezone(TIMEZONE)
    day = shown_day(local.date())
    if end - start == timedelta(days=1):
        return f"{day}, {text('cả ngày', 'the whole day')}"
    last = end.astimezone(TIMEZONE)
    until = "24:00" if last.date() > local.date() else f"{last:%H:%M}"
    return f"{day}, {local:%H:%M}–{until}"
