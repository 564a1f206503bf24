"""Who was turned away at a desk in a period, for its clerks and leaders and those above: the list, its totals, and a search by person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from flask import Response, make_response, redirect, render_template, request

from services.intake import access
from services.intake.components import components
from services.intake.desk.declined import store
from services.intake.desk.declined.domain import GUIDANCE, REFUSAL, Reason
from services.intake.documents.domain import DocumentType
from services.intake.documents.register_pages import day_of_address, desks_to_choose
from services.intake.dossiers.pages import caller
from services.intake.problem_parts import field_error, invalid
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles
from shared.web.carried_form import carried, carry, drop_carried
from shared.web.pages import page_blueprint
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

READERS = ("clerk", "leader")
MOST = 200
LONGEST = timedelta(days=366)
MAX_TEXT = 100
SEARCH, PLACE = "motcua_declined_search", "/intake/desk/declined"

pages = page_blueprint("intake", __name__, "declined_list_pages")


@pages.get("/desk/declined")
@roles(*READERS, agency="record")
@audited
def declined_list() -> str:
    """The visitors of a period whom a desk has turned away, the newest first; today by default."""
    here, reader = context(), principal()
    today, agencies = here.clock.now().date(), here.reference.agencies
    first = day_of_address(request.args.get("from", ""), today, "from")
    last = day_of_address(request.args.get("to", ""), max(first, today), "to")
    if not timedelta(0) <= last - first <= LONGEST:
        raise invalid(field_error("to", "Khoảng thời gian từ 1 đến 366 ngày.", "The period has 1 to 366 days."))
    desk = request.args.get("desk", "").strip()[:50] or reader.agency
    desks = access.listable_desks(reader, desk, agencies, today)
    access.require(bool(desks))
    record_reading("declined-filings", desk)
    text = carried(request, SEARCH).get("text", "")
    wanted = store.Listing(desks, _begin(first), _begin(last + timedelta(days=1)), text)
    with here.store.read() as connection:
        found = store.listed(connection, wanted, MOST)
        counts = store.counted(connection, wanted)
        names = {
            one.id: components().catalogue.version(connection, one.procedure, one.procedure_version).name
            for one in found
            if one.procedure
        }
    return render_template(
        "intake/declined_list.html",
        caller=caller(reader),
        found=found,
        names=names,
        kinds={str(kind): DocumentType(kind) for kind in (GUIDANCE, REFUSAL)},
        reasons={str(reason): reason for reason in Reason},
        totals=_totals(counts),
        by_reason=_by_reason(counts),
        text=text,
        first=first,
        last=last,
        today=today,
        desk=desk,
        desks=desks_to_choose(reader, today),
        most=MOST,
    )


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


def _totals(counts: Mapping[tuple[str, str, bool], int]) -> dict[str, int]:
    return {
        "all": sum(counts.values()),
        "guided": sum(count for (kind, _, _), count in counts.items() if kind == GUIDANCE),
        "refused": sum(count for (kind, _, _), count in counts.items() if kind == REFUSAL),
        "repeated": sum(count for (_, _, repeated), count in counts.items() if repeated),
    }


def _by_reason(counts: Mapping[tuple[str, str, bool], int]) -> list[tuple[Reason, int]]:
    sums: dict[Reason, int] = {}
    for (_, reason, _), count in counts.items():
        sums[Reason(reason)] = sums.get(Reason(reason), 0) + count
    return sorted(sums.items(), key=lambda one: -one[1])


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)
