"""The public pages of booking: which desk, what for, which day, which time, the telephone number, and the question whether all is right."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection

from services.intake.appointments.commands import Booking, book, mobile_number
from services.intake.appointments.domain import SlotNotOffered
from services.intake.appointments.opened import MAX_TEXT, PLACE, open_in_browser
from services.intake.appointments.queries import bookable_groups, days_offered, offered_slot
from services.intake.appointments.shown import day_in, short_name, shown_day, shown_slot, slot_address, start_in
from services.intake.appointments.throttle import count_booking
from services.intake.components import components
from services.intake.dossiers.desk_pages import Question, typed_fields
from services.intake.filing.domain.desk import ONE_STOP_DESK, NotADesk, open_desk
from services.intake.problems import domain_errors_as_problems
from services.intake.tickets.domain import Slot, local_day
from services.intake.tickets.groups import Group, desk_services
from shared.agencies import Agency
from shared.catalogue.text import fold, plain
from shared.web.authorization import public
from shared.web.carried_form import carried, carry, drop_carried
from shared.web.client_address import client_address
from shared.web.form_once import once_per_form
from shared.web.language import language, text, vietnamese
from shared.web.one_time_notice import redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

MAX_PHONE = 50
TYPED = "motcua_appointment_typed"
"""The cookie that keeps a telephone number while its owner chooses another time."""
LABELS = {"phone": ("Số điện thoại di động", "Mobile number")}

pages = page_blueprint("intake", __name__, "appointment_pages")


@dataclass(frozen=True, slots=True)
class Visit:
    """Where somebody wants to come, and what for.

    Attributes:
        desk: the one-stop desk.
        group: the service group.
        procedure: code of the procedure for which they come; empty if they have chosen only the group.
        procedure_name: its name, shortened.
    """

    desk: Agency
    group: Group
    procedure: str
    procedure_name: str

    def address(self, endpoint: str, **more: Any) -> str:
        """The address of one of the pages about this visit."""
        more |= {"desk": self.desk.code, "group": self.group.code, "procedure": self.procedure or None}
        return url_for(f"appointment_pages.{endpoint}", **more)


@pages.get("/appointments")
@public
def choose_desk() -> str:
    """The one-stop desks, and the way to an appointment that one has already."""
    here, sought = context(), request.args.get("q", "").strip()[:MAX_TEXT]
    procedure, name = _procedure()
    words = _letters(sought).split()
    found = [one for one in _desks(here.clock.now().date()) if all(word in _letters(one.name) for word in words)]
    return render_template("intake/appointment_desks.html", desks=found, q=sought, procedure=procedure, name=name)


@pages.get("/appointments/desks/<desk>")
@public
def choose_group(desk: str) -> Response:
    """What for: the service groups of the desk. Who comes from a procedure's page is asked nothing: its field decides."""
    agency, today = _desk(desk), context().clock.now().date()
    procedure, name = _procedure()
    groups = bookable_groups(agency.code, today)
    if procedure:
        with context().store.read() as connection:
            found = components().catalogue.current(connection, procedure, today)
        taking = desk_services(agency.code, today).group_for_field(found[1].field if found else "")
        if taking in groups:
            to = url_for("appointment_pages.choose_day", desk=desk, group=taking.code, procedure=procedure)
            return make_response(redirect(to, 303))
    return make_response(
        render_template("intake/appointment_groups.html", desk=agency, groups=groups, procedure=procedure, name=name)
    )


@pages.get("/appointments/desks/<desk>/<group>")
@public
def choose_day(desk: str, group: str) -> str:
    """Which day, and then which time of it."""
    visit = _visit(desk, group)
    day = day_in(request.args.get("day", "")[:MAX_TEXT])
    with context().store.read() as connection:
        return _times(connection, visit, day)


@pages.get("/appointments/desks/<desk>/<group>/<slot>")
@public
@domain_errors_as_problems()
def phone_form(desk: str, group: str, slot: str) -> str:
    """The telephone number to which the messages go."""
    visit = _visit(desk, group)
    with context().store.read() as connection:
        return _phone_form(visit, _slot(connection, visit, slot))


@pages.post("/appointments/desks/<desk>/<group>/<slot>")
@public
def ask_or_book(desk: str, group: str, slot: str) -> Response:
    """Asks whether all is right, and then books the visit; a time that has just been taken leads back to the others of the day."""
    visit, start = _visit(desk, group), start_in(slot)
    day = local_day(start) if start else None
    try:
        with domain_errors_as_problems(), context().store.read() as connection:
            chosen = _slot(connection, visit, slot)
    except Problem as problem:
        return _other_times(visit, day, problem)
    typed = request.form.get("phone", "")[:MAX_PHONE]
    if "edit" in request.form:
        return make_response(_phone_form(visit, chosen))
    try:
        with domain_errors_as_problems():
            number = mobile_number(typed)
            if "confirmed" not in request.form:
                return make_response(_check_page(visit, chosen, number))
            made = _book(visit, chosen, number)
    except Problem as problem:
        if problem.status == 409:
            return _other_times(visit, day, problem)
        return _answer(_phone_form(visit, chosen, problem), problem)
    response = redirect_with_notice(url_for("own_appointment_pages.mine"), "booked")
    drop_carried(response, TYPED, PLACE)
    return open_in_browser(response, made["code"])


def _book(visit: Visit, slot: Slot, phone: str) -> dict[str, Any]:
    here = context()
    count_booking(here.store, client_address(), here.settings.hash_key)
    wanted = Booking(visit.desk.code, visit.group.code, slot.start, phone, language(), visit.procedure)

    @domain_errors_as_problems()
    def effect(work: Any) -> dict[str, Any]:
        return dict(book(work, wanted))

    return once_per_form(effect, secrets=("code",))


def _phone_form(visit: Visit, slot: Slot, problem: Problem | None = None) -> str:
    return render_template(
        "intake/appointment_phone.html",
        visit=visit,
        facts=_facts(visit, slot),
        day=local_day(slot.start),
        phone=request.form.get("phone") or carried(request, TYPED).get("phone", ""),
        longest=MAX_PHONE,
        labels=LABELS,
        problem=problem,
    )


def _check_page(visit: Visit, slot: Slot, number: str) -> str:
    rows = [*_facts(visit, slot), (text(*LABELS["phone"]), number)]
    question = Question(text("Đặt lịch hẹn này?", "Book this appointment?"), rows, ("Đặt lịch hẹn", "Book"))
    return render_template(
        "intake/appointment_check.html",
        question=question,
        typed_fields=typed_fields(),
        form_key=secrets.token_urlsafe(),
    )


def _facts(visit: Visit, slot: Slot) -> list[tuple[str, str]]:
    what = [(text("Thủ tục", "Procedure"), vietnamese(visit.procedure_name))] if visit.procedure_name else []
    return [
        (text("Nơi đến", "Where"), vietnamese(visit.desk.name)),
        (text("Nhóm thủ tục", "What for"), text(visit.group.name, visit.group.name_en)),
        *what,
        (text("Ngày", "Day"), shown_day(local_day(slot.start))),
        (text("Giờ", "Time"), shown_slot(slot)),
    ]


def _times(connection: Connection, visit: Visit, day: date | None, problem: Problem | None = None) -> str:
    here = context()
    days = days_offered(connection, here.reference.agencies, visit.desk.code, visit.group.code, here.clock.now())
    chosen = next((one for one in days if one.day.date == day and one.offers), None)
    return render_template(
        "intake/appointment_times.html", visit=visit, days=days, chosen=chosen, problem=problem, **_writers()
    )


def _other_times(visit: Visit, day: date | None, problem: Problem) -> Response:
    with context().store.read() as connection:
        response = _answer(_times(connection, visit, day, problem), problem)
    if typed := request.form.get("phone", "")[:MAX_PHONE]:
        secure = context().settings.public_url.startswith("https:")
        carry(response, TYPED, PLACE, {"phone": typed}, secure)
    return response


def _writers() -> dict[str, Any]:
    return {"shown_day": shown_day, "shown_slot": shown_slot, "slot_address": slot_address}


def _answer(page: str, problem: Problem) -> Response:
    response = make_response(page, problem.status)
    response.headers.extend(problem.headers)
    return response


def _slot(connection: Connection, visit: Visit, address: str) -> Slot:
    here, start = context(), start_in(address)
    if start is None:
        raise SlotNotOffered
    desk, group, now = visit.desk.code, visit.group.code, here.clock.now()
    return offered_slot(connection, here.reference.agencies, desk, group, start, now)


def _visit(desk: str, group: str) -> Visit:
    """The desk and the group of an address.

    Raises:
        Problem: 404, there is none, or it gives no appointments.
    """
    agency, today = _desk(desk), context().clock.now().date()
    found = next((one for one in bookable_groups(agency.code, today) if one.code == group), None)
    if found is None:
        raise Problem(404, "not-found")
    return Visit(agency, found, *_procedure())


def _desk(code: str) -> Agency:
    here = context()
    try:
        return open_desk(here.reference.agencies, code, here.clock.now().date())
    except NotADesk:
        raise Problem(404, "not-found") from None


def _desks(today: date) -> list[Agency]:
    found = (one for one in context().reference.agencies.all(today) if ONE_STOP_DESK in one.roles)
    return sorted(found, key=lambda one: one.name)


def _letters(words: str) -> str:
    return plain(fold(words))


def _procedure() -> tuple[str, str]:
    """The procedure that the address names, with its name; empty if it names none that is in force."""
    code = request.args.get("procedure", "")[:MAX_TEXT]
    if not code:
        return "", ""
    with context().store.read() as connection:
        found = components().catalogue.current(connection, code, context().clock.now().date())
    return (code, short_name(found[1].name)) if found else ("", "")
