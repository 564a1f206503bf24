"""At a kiosk: who has booked a visit says that they are here, by the appointment's code or its QR code, and gets the number."""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from services.intake.appointments.commands import check_in
from services.intake.appointments.domain import NotChangeable, NotCheckInTime, UnknownAppointment
from services.intake.kiosk.visits import keep_opened, pages, show_again
from services.intake.lookup.throttle import TooManyTries, count_wrong_try
from services.intake.problems import PROBLEMS
from services.intake.tickets.errors import OtherDay, RequeueTooLate, WrongTicketState
from shared.web.admission.request_kinds import vital
from shared.web.authorization import roles
from shared.web.client_address import client_address
from shared.web.domain_errors import problem_for
from shared.web.views import context

MAX_SCANNED = 500
FAULTS = (UnknownAppointment, NotChangeable, NotCheckInTime, WrongTicketState, OtherDay, RequeueTooLate)


@pages.get("/<visit>/check-in")
@roles("device", agency="path")
@vital
def check_in_form(agency: str) -> str:
    """The form for the code of an appointment; a scanner may type the QR code into it."""
    return render_template("intake/kiosk/check_in.html", code="", problem=None)


@pages.post("/<visit>/check-in")
@roles("device", agency="path")
@vital
def arrive(agency: str) -> Response:
    """Lets the visitor wait from now on. Wrong codes are counted for this kiosk's address."""
    here, typed = context(), request.form.get("code", "")[:MAX_SCANNED]
    try:
        ticket = here.store.run(lambda work: check_in(work, typed, desk=agency))
    except FAULTS as error:
        told: Exception = error
        if isinstance(error, UnknownAppointment):
            try:
                count_wrong_try(here.store, "", client_address(), here.settings.hash_key)
            except TooManyTries as too_many:
                told = too_many
        problem = problem_for(PROBLEMS, told)
        page = render_template("intake/kiosk/check_in.html", code=typed[:60], problem=problem)
        return make_response(page, problem.status, dict(problem.headers))
    return keep_opened(show_again("issued"), ticket=ticket.id, ahead="", wait="", prints="0")
