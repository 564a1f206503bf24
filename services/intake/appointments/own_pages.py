"""A citizen's pages of one appointment: opening it by its code, what it says, its calendar file, another time, and cancelling it."""

from __future__ import annotations

import secrets
from typing import Any

import segno
from flask import Response, make_response, redirect, render_template, request, url_for

from services.intake.appointments.calendar_file import MEDIA_TYPE, Entry, calendar_file
from services.intake.appointments.code import shown_code
from services.intake.appointments.commands import cancel, move
from services.intake.appointments.domain import SlotNotOffered, State, UnknownAppointment, check_in_opens, may_change
from services.intake.appointments.opened import (
    MAX_TEXT,
    count_wrong_code,
    find_by_code,
    of_opened_appointment,
    open_in_browser,
    opened_code,
)
from services.intake.appointments.queries import days_offered, offered_slot, services_on
from services.intake.appointments.rules import appointment_rules
from services.intake.appointments.shown import day_in, short_name, shown_day, shown_slot, slot_address, start_in
from services.intake.appointments.store import Appointment
from services.intake.components import components
from services.intake.dossiers.desk_pages import Question, typed_fields
from services.intake.problems import domain_errors_as_problems
from services.intake.tickets.domain import Slot, local_day
from services.intake.tickets.groups import UnknownGroup
from shared.web.authorization import public
from shared.web.form_once import once_per_form
from shared.web.language import text, vietnamese
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

MAX_CODE = 40
LABELS = {"code": ("Mã lịch hẹn", "Code of the appointment")}

pages = page_blueprint("intake", __name__, "own_appointment_pages")


@pages.get("/a/<code>")
@public
def link(code: str) -> Response:
    """The link in a message: opens the appointment, and leads to a page whose address holds no code."""
    return _open(code[:MAX_TEXT])


@pages.get("/appointments/find")
@public
def find() -> str:
    """The form for the code of an appointment."""
    return render_template("intake/appointment_find.html", problem=None, labels=LABELS, longest=MAX_CODE)


@pages.post("/appointments/find")
@public
def open_by_code() -> Response:
    """Opens the appointment whose code was typed in."""
    return _open(request.form.get("code", "")[:MAX_TEXT])


@pages.get("/appointments/mine")
@public
@of_opened_appointment
def mine(found: Appointment) -> str:
    """What the appointment says: number, time, place, and the code for checking in, to be printed."""
    here, rules = context(), appointment_rules(local_day(found.slot_start))
    now = here.clock.now()
    code = opened_code()
    address = f"{here.settings.public_url}{url_for('own_appointment_pages.link', code=code)}"
    return render_template(
        "intake/appointment.html",
        appointment=found,
        state=found.state,
        states=State,
        facts=_facts(found),
        changeable=may_change(found.state, found.slot, now, rules),
        opens=check_in_opens(found.slot, rules),
        late_minutes=services_on(found.desk, found.slot_start).late_minutes,
        today=local_day(now) == local_day(found.slot_start),
        code=shown_code(code),
        qr=segno.make(address, error="m").svg_data_uri(scale=5, border=2) if found.state is State.BOOKED else "",
        notice=one_time_notice(),
    )


@pages.get("/appointments/mine.ics")
@public
@of_opened_appointment
def calendar(found: Appointment) -> Response:
    """The calendar file of the appointment."""
    here = context()
    desk = here.reference.agencies.name_of(found.desk, local_day(found.slot_start))
    entry = Entry(
        found.id,
        found.moves,
        found.slot,
        text("Lịch hẹn {number} tại Bộ phận Một cửa", "Appointment {number} at the one-stop desk", number=found.number),
        desk,
        text(
            "Mang theo giấy tờ, mã lịch hẹn hoặc mã QR để báo có mặt.",
            "Bring your papers, and the code or QR code for checking in.",
        ),
        f"{here.settings.public_url}{url_for('own_appointment_pages.find')}",
        found.state is State.CANCELLED,
    )
    response = make_response(calendar_file(entry, here.clock.now()))
    response.headers["Content-Type"] = MEDIA_TYPE
    response.headers["Content-Disposition"] = 'attachment; filename="lich-hen.ics"'
    return response


@pages.get("/appointments/mine/move")
@public
@of_opened_appointment
def choose_time(found: Appointment) -> Response:
    """Other days and times."""
    if (refused := _refused(found)) is not None:
        return refused
    return _times(found)


@pages.post("/appointments/mine/move/<slot>")
@public
@of_opened_appointment
def move_to(found: Appointment, slot: str) -> Response:
    """Asks whether the other time is right, and then moves the appointment there."""
    start = start_in(slot)
    code = opened_code()
    if "edit" in request.form:
        return make_response(redirect(url_for("own_appointment_pages.choose_time"), 303))
    try:
        with domain_errors_as_problems():
            if start is None:
                raise SlotNotOffered
            if "confirmed" not in request.form:
                return _ask_to_move(found, start)

            @domain_errors_as_problems()
            def effect(work: Any) -> dict[str, Any]:
                return {"id": move(work, code, start).id}

            once_per_form(effect, record=found.id)
    except Problem as problem:
        return _times(found, problem)
    return open_in_browser(redirect_with_notice(url_for("own_appointment_pages.mine"), "moved"), code)


@pages.get("/appointments/mine/cancel")
@public
@of_opened_appointment
def cancel_form(found: Appointment) -> Response:
    """Asks whether the appointment is to be cancelled."""
    return _refused(found) or _ask_to_cancel(found)


@pages.post("/appointments/mine/cancel")
@public
@of_opened_appointment
def call_off(found: Appointment) -> Response:
    """Cancels the appointment, once however often it is asked for."""
    code = opened_code()
    if "confirmed" not in request.form:
        return make_response(redirect(url_for("own_appointment_pages.mine"), 303))
    try:

        @domain_errors_as_problems()
        def effect(work: Any) -> dict[str, Any]:
            return {"id": cancel(work, code).id}

        once_per_form(effect, record=found.id)
    except Problem as problem:
        return _ask_to_cancel(found, problem)
    return open_in_browser(redirect_with_notice(url_for("own_appointment_pages.mine"), "cancelled"), code)


def _open(typed: str) -> Response:
    try:
        with domain_errors_as_problems():
            try:
                with context().store.read() as connection:
                    find_by_code(connection, typed)
            except UnknownAppointment:
                count_wrong_code()
                raise
    except Problem as problem:
        page = render_template("intake/appointment_find.html", problem=problem, labels=LABELS, longest=MAX_CODE)
        response = make_response(page, problem.status)
        response.headers.extend(problem.headers)
        return response
    return open_in_browser(make_response(redirect(url_for("own_appointment_pages.mine"), 303)), typed)


def _refused(found: Appointment) -> Response | None:
    """The page of an appointment that cannot be changed any more, instead of a form that would be refused."""
    rules = appointment_rules(local_day(found.slot_start))
    if may_change(found.state, found.slot, context().clock.now(), rules):
        return None
    return redirect_with_notice(url_for("own_appointment_pages.mine"), "not_changeable")


def _times(found: Appointment, problem: Problem | None = None) -> Response:
    here = context()
    with here.store.read() as connection:
        days = days_offered(connection, here.reference.agencies, found.desk, found.group_code, here.clock.now())
    day = day_in(request.args.get("day", "")[:MAX_TEXT])
    page = render_template(
        "intake/appointment_move.html",
        appointment=found,
        facts=_facts(found)[:3],
        days=days,
        chosen=next((one for one in days if one.day.date == day and one.offers), None),
        problem=problem,
        shown_day=shown_day,
        shown_slot=shown_slot,
        slot_address=slot_address,
    )
    return make_response(page, problem.status if problem else 200)


def _ask_to_move(found: Appointment, start: Any) -> Response:
    here = context()
    agencies, now = here.reference.agencies, here.clock.now()
    with here.store.read() as connection:
        slot = offered_slot(connection, agencies, found.desk, found.group_code, start, now)
    rows = [(text("Lịch hẹn hiện nay", "Now"), _when(found.slot)), (text("Đổi sang", "Then"), _when(slot))]
    rows.append((text("Nơi đến", "Where"), vietnamese(agencies.name_of(found.desk, local_day(start)))))
    question = Question(text("Đổi sang giờ này?", "Move the appointment?"), rows, ("Đổi giờ hẹn", "Move"))
    return _confirmation(question)


def _ask_to_cancel(found: Appointment, problem: Problem | None = None) -> Response:
    question = Question(
        text("Hủy lịch hẹn này?", "Cancel this appointment?"), _facts(found), ("Hủy lịch hẹn", "Cancel")
    )
    return _confirmation(question, problem)


def _confirmation(question: Question, problem: Problem | None = None) -> Response:
    page = render_template(
        "intake/appointment_check.html",
        question=question,
        typed_fields=typed_fields(),
        form_key=secrets.token_urlsafe(),
        problem=problem,
    )
    return make_response(page, problem.status if problem else 200)


def _when(slot: Slot) -> str:
    return f"{shown_slot(slot)}, {shown_day(local_day(slot.start))}"


def _facts(found: Appointment) -> list[tuple[str, str]]:
    here, day = context(), local_day(found.slot_start)
    rows = [
        (text("Ngày", "Day"), shown_day(day)),
        (text("Giờ", "Time"), shown_slot(found.slot)),
        (text("Nơi đến", "Where"), vietnamese(here.reference.agencies.name_of(found.desk, day))),
    ]
    try:
        group = services_on(found.desk, found.slot_start).group(found.group_code)
        rows.append((text("Nhóm thủ tục", "What for"), text(group.name, group.name_en)))
    except UnknownGroup:  # the desk has other groups now
        rows.append((text("Nhóm thủ tục", "What for"), found.group_code))
    if found.procedure:
        with here.store.read() as connection:
            known = components().catalogue.current(connection, found.procedure, here.clock.now().date())
        rows.append((text("Thủ tục", "Procedure"), vietnamese(short_name(known[1].name)) if known else found.procedure))
    return rows
