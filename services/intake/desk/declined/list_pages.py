"""Who was turned away at a desk in a period, for its clerks and leaders and those above: the list, its totals, and a search by person."""

from __future__ import annotations

from datetime import date

from flask import Response, make_response, redirect, render_template, request

from services.intake import access
from services.intake.components import components
from services.intake.desk.declined import store
from services.intake.desk.declined.domain import GUIDANCE, REFUSAL, Reason
from services.intake.desk.declined.queries import by_reason, period_of, totals_of
from services.intake.documents.domain import DocumentType
from services.intake.documents.register_pages import day_of_address, desks_to_choose
from services.intake.dossiers.pages import caller
from services.intake.problems import domain_errors_as_problems
from shared.web.authorization import principal, roles
from shared.web.carried_form import carried, carry, drop_carried
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

READERS = ("clerk", "leader")
MOST = 200
MAX_TEXT = 100
SEARCH, PLACE = "motcua_declined_search", "/intake/desk/declined"

pages = page_blueprint("intake", __name__, "declined_list_pages")


@pages.get("/desk/declined")
@roles(*READERS, agency="record")
@audited
def declined_list() -> Response:
    """The visitors of a period whom a desk has turned away, the newest first; today by default."""
    here, reader = context(), principal()
    today, agencies = here.clock.now().date(), here.reference.agencies
    first, last, problem = _period(today)
    start, end = period_of(first, last)
    desk = request.args.get("desk", "").strip()[:50] or reader.agency
    desks = access.listable_desks(reader, desk, agencies, today)
    access.require(bool(desks))
    record_reading("declined-filings", desk)
    text = carried(request, SEARCH).get("text", "")
    wanted = store.Listing(desks, start, end, text)
    with here.store.read() as connection:
        found = store.listed(connection, wanted, MOST)
        counts = store.counted(connection, wanted)
        names = {
            one.id: components().catalogue.version(connection, one.procedure, one.procedure_version).name
            for one in found
            if one.procedure
        }
    shown = render_template(
        "intake/declined_list.html",
        caller=caller(reader),
        found=found,
        names=names,
        kinds={str(kind): DocumentType(kind) for kind in (GUIDANCE, REFUSAL)},
        reasons={str(reason): reason for reason in Reason},
        totals=totals_of(counts),
        by_reason=by_reason(counts),
        text=text,
        first=first,
        last=last,
        typed=[
            request.args.get(name, "") if problem else day.isoformat() for name, day in (("from", first), ("to", last))
        ],
        problem=problem,
        today=today,
        desk=desk,
        desks=desks_to_choose(reader, today),
        most=MOST,
    )
    return make_response(shown, problem.status if problem else 200)


def _period(today: date) -> tuple[date, date, Problem | None]:
    """The days that the address asks for; today, and what is wrong, where they are no period."""
    try:
        with domain_errors_as_problems():
            first = day_of_address(request.args.get("from", ""), today, "from")
            last = day_of_address(request.args.get("to", ""), max(first, today), "to")
            period_of(first, last)
    except Problem as problem:
        return today, today, problem
    return first, last, None


@pages.post("/desk/declined")
@roles(*READERS, agency="any")
def search() -> Response:
    """Searches for a person; what was typed is in no address."""
    query = request.query_string.decode("ascii", "ignore")[:300]
    response = make_response(redirect(f"{PLACE}?{query}" if query else PLACE, 303))
    if text := request.form.get("text", "").strip()[:MAX_TEXT]:
        carry(response, SEARCH, PLACE, {"text": text}, context().settings.public_url.startswith("https:"))
    else:
        drop_carried(response, SEARCH, PLACE)
    return response
