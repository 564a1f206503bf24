"""Officials' pages of dossiers: a list with a search by the applicant's name, and one dossier in full.

The applicant's data are in this service alone, so the pages of the other services link here. Every reading is recorded.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Response, make_response, redirect, render_template, request

from services.intake import access
from services.intake.components import components
from services.intake.dossiers import queries, store
from services.intake.dossiers.domain import BADGES, IN_PROGRESS, State
from services.intake.filing.domain.identity_document import DocumentKind
from services.intake.filing.domain.preferences import preferences_in
from services.intake.filing.preference_choices import shown_preferences
from services.intake.foreign_access.guard import require_reader
from services.intake.online_supplements.commands import uploaded_papers
from services.intake.problems import domain_errors_as_problems
from services.intake.results.queries import hand_over_view
from services.intake.retention.store import hold_of
from shared.auth import Principal
from shared.text import clean_code
from shared.web.authorization import principal, roles
from shared.web.carried_form import carried, carry, drop_carried
from shared.web.one_time_notice import one_time_notice
from shared.web.pages import page_blueprint
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

OFFICIALS = ("clerk", "officer", "leader")
PAGE_SIZE = 50
MAX_TEXT = 100
CODE = re.compile(r"[0-9A-Z.]+-[0-9]{6}-[0-9]{4,}")
SEARCH, PLACE = "motcua_dossier_search", "/intake/dossiers"
CHOICES = {
    "": IN_PROGRESS | {State.RESOLVED},
    "all": frozenset(State),
    **{str(int(one)): frozenset({one}) for one in State},
}
"""What the list may be limited to: all that are not over, all, or one state."""

pages = page_blueprint("intake", __name__, "dossier_pages")


@pages.get("/dossiers")
@roles(*OFFICIALS, agency="record")
@audited
def dossier_list() -> str:
    """The dossiers of the official's desk, and those of which their agency has an open step: all, or those searched for."""
    reference, today, viewer = context().reference, context().clock.now().date(), principal()
    sought = carried(request, SEARCH)
    text, state = sought.get("text", ""), sought.get("state", "")
    holders = access.own_steps(viewer, reference.agencies, today)
    access.require(bool(holders))
    serves = viewer.has("clerk") or viewer.has("leader")
    wanted = queries.WorklistPage(
        desks=access.listable_desks(viewer, "", reference.agencies, today) if serves else frozenset(),
        holders=holders,
        states=CHOICES.get(state, CHOICES[""]),
        after=request.args.get("after", "")[:MAX_TEXT],
        limit=PAGE_SIZE,
        text=text,
    )
    record_reading("dossiers", viewer.agency)
    with context().store.read() as connection:
        found = queries.worklist(connection, wanted, components().catalogue, reference.agencies, today)
    return render_template(
        "intake/dossier_list.html",
        caller=caller(viewer),
        found=found,
        text=text,
        state=state,
        states=list(State),
        badges=BADGES,
        first=not wanted.after,
        elsewhere=_elsewhere(text),
    )


def _elsewhere(text: str) -> str:
    """The code of a dossier that somebody looks for by its code alone, so that it may be another agency's; else empty."""
    code = clean_code(text).upper()
    return code if CODE.fullmatch(code) else ""


@pages.post("/dossiers")
@roles(*OFFICIALS, agency="any")
def search() -> Response:
    """Searches; what was typed may be a person's name, so it is in no address."""
    response = make_response(redirect(PLACE, 303))
    text, state = request.form.get("text", "").strip()[:MAX_TEXT], request.form.get("state", "")
    if text or state:
        secure = context().settings.public_url.startswith("https:")
        carry(response, SEARCH, PLACE, {"text": text, "state": state if state in CHOICES else ""}, secure)
    else:
        drop_carried(response, SEARCH, PLACE)
    return response


@pages.get("/dossiers/<code>")
@roles(*OFFICIALS, agency="record")
@audited
@domain_errors_as_problems()
def dossier(code: str) -> str:
    """One dossier in full: the applicant, the papers, the fees, where it is, and what has happened."""
    reference, now = context().reference, context().clock.now()
    with context().store.read() as connection:
        known = store.get(connection, code)
        require_reader(connection, known)
        detail = queries.dossier_detail(connection, known, components().catalogue, reference.agencies, now.date())
        returned = hand_over_view(connection, code)
        uploaded = uploaded_papers(connection, code)
        hold = hold_of(connection, code, now)
    record_reading("dossier", code)
    return render_template(
        "intake/staff_dossier.html",
        caller=caller(principal()),
        clerk=principal().has("clerk"),
        may_correct=principal().has("clerk")
        and access.may_serve_at_desk(principal(), known, reference.agencies, now.date()),
        dossier=detail,
        id_kind=DocumentKind(known.applicant_id_kind),
        notice=one_time_notice(),
        hand_over=returned,
        uploaded=uploaded,
        hold=hold,
        may_hold=access.may_hold_dossier(principal(), known.receiving_agency, reference.agencies, now.date()),
        overdue=queries.overdue(reference, known, now),
        badge_kind=BADGES[known.state],
        badges=BADGES,
        told_by=shown_preferences(preferences_in(known.applicant_preferences)),
    )


def caller(known: Principal) -> dict[str, Any]:
    """Who looks, as the frame of officials' pages shows it."""
    role = next((one for one in reversed(OFFICIALS) if known.has(one)), "")
    return {"subject": known.subject, "agency": known.agency, "role": role}
