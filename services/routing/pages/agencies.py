"""The page of agencies' own software: how it answers its steps, and a button that sends it the unanswered ones again."""

from __future__ import annotations

from flask import Response, make_response, render_template, request

from services.routing.access import SOFTWARE_KEEPERS
from services.routing.caller import caller_access
from services.routing.pages.blueprint import pages
from services.routing.plugins.queries import answers_of_agencies
from services.routing.plugins.sending_again import NotPluggedIn, send_open_steps_again
from services.routing.problems import domain_errors_as_problems
from shared.web.authorization import principal, roles
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.problem import FieldError, Problem
from shared.web.views import context

MOST = 300
"""So many steps are sent at one press, which takes some seconds."""
MAX_CODE = 50


@pages.get("/agencies")
@roles(*SOFTWARE_KEEPERS, agency="record")
def agencies() -> str:
    """How the software of the agencies answers that the caller looks after."""
    return _page()


@pages.post("/agencies")
@roles(*SOFTWARE_KEEPERS, agency="record")
def send_again() -> Response:
    """Sends an agency's software its unanswered steps again; pressed twice, it sends nothing twice."""
    here, agency = context(), request.form.get("agency", "")
    if not 0 < len(agency) <= MAX_CODE:
        raise Problem(422, "invalid", errors=[_UNKNOWN])
    with here.store.read() as connection, domain_errors_as_problems():
        caller_access(connection).require_may_send_again(agency)
    try:
        found = send_open_steps_again(here.store, agency, most=MOST)
    except NotPluggedIn:
        return make_response(_page(Problem(422, "invalid", errors=[_UNKNOWN])), 422)
    return redirect_with_notice("/routing/agencies", f"{agency} {found.sent} {found.paused} {found.left}")


_UNKNOWN: FieldError = {
    "field": "agency",
    "message": "Cơ quan này không dùng phần mềm riêng.",
    "message_en": "This agency has no own software.",
}


def _page(problem: Problem | None = None) -> str:
    here = context()
    with here.store.read() as connection, domain_errors_as_problems():
        kept = caller_access(connection).software_kept()
        rows = answers_of_agencies(connection, kept)
    notice, known = one_time_notice().split(), principal()
    role = next(role for role in SOFTWARE_KEEPERS if known.has(role))
    return render_template(
        "routing/agencies.html",
        caller={"subject": known.subject, "agency": known.agency, "role": role},
        rows=rows,
        problem=problem,
        notice=notice if len(notice) == 4 else None,
    )
