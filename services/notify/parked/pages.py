"""The button that has a parked event applied again; the page of failed messages shows it."""

from __future__ import annotations

from flask import Response, make_response, redirect, request, url_for

from services.notify import access
from services.notify.parked.commands import replay
from services.notify.parked.queries import find_parked
from services.notify.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles, scope_checked
from shared.web.one_time_notice import redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.reading_audit import record_reading, write_readings
from shared.web.views import context

MAX_DIGITS = 18
"""Of a number that the database can hold."""

pages = page_blueprint("notify", __name__, "parked_pages")


@pages.post("/failed")
@roles(*access.PARKED_REPLAYERS, agency="record")
@domain_errors_as_problems()
def replay_event() -> Response:
    """Has a parked event applied again; pressed twice, it is once. Who did it stands in the audit of reading."""
    here, typed = context(), request.form.get("event", "")
    agencies = access.parked_agencies(principal(), here.reference.agencies, here.clock.now().date())
    scope_checked()
    place = url_for("message_pages.failed")
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) <= MAX_DIGITS else 0
    with here.store.read() as connection:
        entry = find_parked(connection, number, agencies)
    if entry is None:
        return make_response(redirect(place, 303))
    record_reading("parked-replay", entry.key)

    def change(work: UnitOfWork) -> None:
        replay(work, number)
        write_readings(work)

    here.store.run(change)
    return redirect_with_notice(place)
