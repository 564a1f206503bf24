"""The appointment that a browser has opened, or has just booked. Its code travels in a cookie, so that it is in no address and no log."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, make_response, redirect, request, url_for
from sqlalchemy import Connection

from services.intake.appointments import store
from services.intake.appointments.code import LENGTH, hash_code, normalise_code
from services.intake.appointments.domain import UnknownAppointment
from services.intake.appointments.store import Appointment
from services.intake.lookup.throttle import TooManyTries, count_wrong_try
from shared.web.carried_form import carried, carry, drop_carried
from shared.web.client_address import client_address
from shared.web.views import context

View = TypeVar("View", bound=Callable[..., Any])

OPENED, PLACE = "motcua_appointment", "/intake/appointments"
"""The cookie, and the path of the pages that read it."""
MAX_TEXT = 200


def open_in_browser(response: Response, code: str) -> Response:
    """Lets the browser's next pages be about the appointment of a code."""
    secure = context().settings.public_url.startswith("https:")
    # Lax: the browser may come here by the link in a message that another site shows
    carry(response, OPENED, PLACE, {"code": code}, secure, "Lax")
    return response


def opened_code() -> str:
    """The code that the browser has opened; empty for none."""
    return normalise_code(carried(request, OPENED).get("code", "")[:MAX_TEXT])


def find_by_code(connection: Connection, typed: str) -> Appointment:
    """The appointment of a code as typed.

    Raises:
        UnknownAppointment: there is none.
    """
    code = normalise_code(typed)
    found = store.find(connection, hash_code(code, context().settings.hash_key)) if len(code) == LENGTH else None
    if found is None:
        raise UnknownAppointment
    return found


def count_wrong_code() -> None:
    """Counts a code that opens nothing.

    Raises:
        services.intake.lookup.throttle.TooManyTries: there were too many from this address.
    """
    count_wrong_try(context().store, "", client_address(), context().settings.hash_key)


def of_opened_appointment(view: View) -> View:
    """Gives a view the appointment that the browser has opened; without one, leads to the form for the code."""

    @wraps(view)
    def endpoint(**path: Any) -> Response:
        try:
            with context().store.read() as connection:
                found = find_by_code(connection, opened_code())
        except UnknownAppointment:
            if opened_code():
                with suppress(TooManyTries):  # the answer is the same, and the right code is never refused
                    count_wrong_code()
            response = make_response(redirect(url_for("own_appointment_pages.find"), 303))
            drop_carried(response, OPENED, PLACE)
            return response
        return make_response(view(found, **path))

    return cast(View, endpoint)
