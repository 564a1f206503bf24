"""The counter's pages: which procedure, which case, the form, the question whether all is right, and what is to be handed out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, make_response, redirect, request, url_for
from sqlalchemy import Connection

from services.intake.components import components
from services.intake.desk import store
from services.intake.desk.checking import Checked, check
from services.intake.desk.declined.earlier import earlier_answers, earlier_visitor
from services.intake.desk.form import DeskForm, fill_from_cards, next_field, read_form, take_over
from services.intake.desk.originals import add_pages
from services.intake.desk.requests import case_of, own_desk, own_desks, page, procedure_of, servable
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import State
from services.intake.filing.commands import file_dossier, may_finish_at_desk
from services.intake.filing.domain.assessment import PaperForm
from services.intake.filing.domain.identity_document import DocumentKind
from services.intake.filing.domain.parties import MAX_CO_APPLICANTS, Relation
from services.intake.filing.preference_choices import channel_choices, language_choices, shown_preferences
from services.intake.payments.commands import NewPayment, take_payment
from services.intake.problems import domain_errors_as_problems
from services.intake.tickets.filings import link_filing, served_by, ticket_id
from shared.catalogue import Case, Procedure
from shared.persistence.unit_of_work import UnitOfWork
from shared.phones import is_mobile
from shared.web.admission.request_kinds import files_for
from shared.web.authorization import principal, roles
from shared.web.carried_form import carried, carry
from shared.web.form_once import once_per_form
from shared.web.input_bounds import accepts
from shared.web.language import text
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

FORM_BYTES = 96 * 1024
MAX_QUERY = 200
MAX_NEAREST = 10
FILED = "motcua_filed"
"""The cookie that carries the look-up secret to the page after the filing."""

pages = Blueprint(
    "desk_pages",
    __name__,
    url_prefix="/intake/desk",
    template_folder="templates",
    static_folder="static",
    static_url_path="/assets",
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of the person and the procedure: dossiers under way, and what they were told when they were turned away."""

    same: list[dict[str, Any]]
    earlier: list[dict[str, Any]]


@pages.get("")
@roles("clerk", agency="record")
def start() -> Response:
    """Which procedure: a code or words; the best that is found is taken at once, unless other words than those typed found it.

    Whom the clerk is serving at a counter is carried along, so that the dossier belongs to the visit.
    """
    desk = own_desk()
    ticket = _asked_ticket()
    if not ticket and "q" not in request.args:
        with context().store.read() as connection:
            served = served_by(connection, desk.code, principal().subject, context().clock.now().date())
        ticket = served.id if served else ""
    words = request.args.get("q", "").strip()[:MAX_QUERY]
    if words:
        with context().store.read() as connection:
            found = components().catalogue.search(connection, words, context().clock.now().date())
        nearest = [procedure for _, procedure in found.procedures]
        if nearest and found.instead in ("", words):
            place = url_for("desk_pages.form", procedure=nearest[0].code, ticket=ticket or None)
            return make_response(redirect(place, 303))
        return page("intake/desk_start.html", text=words, nearest=nearest[:MAX_NEAREST], ticket=ticket)
    return page("intake/desk_start.html", text=words, ticket=ticket)


@pages.get("/<procedure>")
@roles("clerk", agency="record")
def form(procedure: str) -> Response:
    """The empty form of a procedure; first the question of its case, if it has several."""
    own_desk()
    with context().store.read() as connection:
        found = procedure_of(connection, procedure)
    case = case_of(found)
    if case is None:
        return page("intake/desk_case.html", procedure=found, ticket=_asked_ticket())
    return _form_page(found, case, DeskForm({"ticket": _asked_ticket()}))


@accepts(FORM_BYTES)
@pages.post("/<procedure>")
@files_for("procedure")
@roles("clerk", agency="record")
def send(procedure: str) -> Response:
    """Fills the form from a card or an earlier filing, asks whether all is right, or receives the dossier."""
    desk = own_desk()
    typed, action = read_form(request.form), request.form.get("do", "fill")
    ticket = typed.values["ticket"] = ticket_id(typed.get("ticket"))
    with context().store.read() as connection:
        found = procedure_of(connection, procedure)
        case = case_of(found)
        if case is None:
            return page("intake/desk_case.html", procedure=found, ticket=ticket)
        if action not in ("review", "confirm", "finish"):
            _change(action, typed, found, case)
            _look_back(connection, typed, fill=action == "fill")
            return _form_page(found, case, typed, known=_known(connection, typed, found))
        fill_from_cards(typed, context().clock.now().date())
        if typed.errors:
            return _form_page(found, case, typed)
        try:
            checked = check(typed, found, case, desk, principal().subject)
            unanswered = typed.get("same_asked") and not typed.get("same_seen")
            if action == "review" or unanswered:
                known = _known(connection, typed, found)
                return _review_page(found, case, typed, checked, known, asked_again=action != "review")
        except Problem as problem:
            typed.focus = next((error["field"] for error in problem.errors), typed.focus)
            shown = _form_page(found, case, typed, problem, _known(connection, typed, found))
            shown.status_code = problem.status
            return shown

    @domain_errors_as_problems()
    def receive(work: UnitOfWork) -> dict[str, Any]:
        receipt = file_dossier(work, components(), replace(checked.filing, finish=action == "finish"))
        link_filing(work, desk.code, ticket, receipt["code"])
        return {"code": receipt["code"], "secret": receipt["secret"]}

    done = once_per_form(receive, ("secret",))
    place = url_for("desk_pages.filed", code=done["code"])
    response = make_response(redirect(url_for("desk_pages.filed", code=done["code"], ticket=ticket or None), 303))
    carry(response, FILED, place, {"secret": done["secret"]}, _secure())
    return response


@pages.get("/filed/<code>")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def filed(code: str) -> Response:
    """What was received: the fee to take, the receipt to print, and on to the next visitor."""
    with context().store.read() as connection:
        dossier = servable(dossiers.get(connection, code))
        procedure = components().catalogue.version(connection, dossier.procedure, dossier.procedure_version)
    record_reading("dossier", code)
    return page(
        "intake/desk_filed.html",
        dossier=dossier,
        procedure=procedure,
        case=procedure.case(dossier.case_code),
        finished=dossier.state is State.RETURNED,
        secret=carried(request, FILED).get("secret", ""),
        owed=0 if dossier.fee_paid_at else dossier.fee,
        sms_possible=is_mobile(dossier.applicant_phone),
        form_key=secrets.token_urlsafe(),
        payment=one_time_notice(),
        ticket=_asked_ticket(),
    )


@pages.post("/filed/<code>/payment")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def pay(code: str) -> Response:
    """Takes the filing fee in cash, once."""

    def take(work: UnitOfWork) -> dict[str, Any]:
        dossier = servable(dossiers.lock(work.connection, code))
        return take_payment(work, dossier, NewPayment(None, dossier.fee, "cash", "", principal().subject))

    taken = once_per_form(take)
    place, ticket = url_for("desk_pages.filed", code=code), ticket_id(request.form.get("ticket", ""))
    return redirect_with_notice(place, str(taken["id"]), f"ticket={ticket}" if ticket else "")


def _asked_ticket() -> str:
    """The ticket in whose visit the clerk works, as the address says; empty for none."""
    return ticket_id(request.args.get("ticket", ""))


def _change(action: str, typed: DeskForm, procedure: Procedure, case: Case) -> None:
    """Changes the form as a button asks: reads cards, makes room for another person, or ticks the required papers."""
    accepted = procedure.accepted_papers(case.code)
    if action == "add":
        typed.people = min(typed.people + 1, MAX_CO_APPLICANTS)
        typed.focus = f"co_applicants.{typed.people - 1}.name"
        return
    if action == "all":
        typed.values |= {f"paper.{paper.code}": "1" for paper in accepted if paper.required}
        typed.focus = "review"
        return
    scanned_other = bool(typed.get("representative.card") or typed.get("co_applicants.card"))
    fill_from_cards(typed, context().clock.now().date())
    typed.focus = next_field(typed, accepted)
    if scanned_other and not typed.errors:
        typed.focus = "representative.authority" if typed.get("representative.name") else "co_applicants.card"


def _look_back(connection: Connection, typed: DeskForm, fill: bool) -> None:
    """Offers what the person gave earlier at the clerk's own desk, which the clerk may read anyway; the reading is recorded."""
    numbers = typed.numbers()
    if not fill or not numbers:
        return
    own = own_desks()
    take_over(typed, store.earlier_filing(connection, own, numbers) or earlier_visitor(connection, numbers, own))
    if typed.offered and typed.earlier:
        if typed.earlier.declined:
            record_reading("declined-filing", typed.earlier.declined)
        else:
            record_reading("dossier", typed.earlier.code)
        if not typed.errors and typed.focus.startswith("applicant."):
            missing = (f"applicant.{name}" for name in ("id_number", "name", "phone"))
            typed.focus = next((name for name in missing if not typed.get(name)), "all")


def _same(connection: Connection, typed: DeskForm, procedure: Procedure) -> list[dict[str, Any]]:
    """Dossiers of the same person and procedure under way, at any desk: code, desk and day, nothing of the person."""
    numbers = typed.numbers()
    found = store.under_way(connection, numbers, procedure.code) if numbers else []
    own = own_desks()
    for one in found:
        record_reading("duplicates", one.code)
    return [
        {"code": one.code, "desk": one.receiving_agency, "at": one.received_at, "own": one.receiving_agency in own}
        for one in found
    ]


def _known(connection: Connection, typed: DeskForm, procedure: Procedure) -> _Known:
    return _Known(_same(connection, typed, procedure), earlier_answers(connection, typed.numbers(), procedure.code))


def _form_page(
    procedure: Procedure,
    case: Case,
    typed: DeskForm,
    problem: Problem | None = None,
    known: _Known | None = None,
) -> Response:
    known = known or _Known([], [])
    return page(
        "intake/desk_form.html",
        procedure=procedure,
        case=case,
        papers=procedure.accepted_papers(case.code),
        fees=procedure.fee_items(case.code),
        form=typed,
        errors=[*typed.errors, *(problem.errors if problem else [])],
        problem=problem,
        same=known.same,
        earlier=known.earlier,
        paper_forms=list(PaperForm),
        relations=[(one.value, text(one.vi, one.en)) for one in Relation],
        kinds=[(one.value, text(one.vi, one.en)) for one in DocumentKind],
        told_by=channel_choices(typed.get("applicant.channels")),
        languages=language_choices(usual=""),
    )


def _review_page(
    procedure: Procedure,
    case: Case,
    typed: DeskForm,
    checked: Checked,
    known: _Known,
    asked_again: bool,
) -> Response:
    return page(
        "intake/desk_review.html",
        procedure=procedure,
        case=case,
        form=typed,
        filing=checked.filing,
        assessment=checked.assessment,
        same=known.same,
        earlier=known.earlier,
        asked_again=asked_again,
        relations={one.value: one for one in Relation},
        paper_forms={one.value: one for one in PaperForm},
        kinds={str(one): one for one in DocumentKind},
        may_finish=may_finish_at_desk(procedure, case.code, checked.assessment.chosen),
        sms_possible=is_mobile(checked.filing.applicant.phone),
        told_by=shown_preferences(checked.filing.applicant.preferences),
        form_key=secrets.token_urlsafe(),
    )


def _secure() -> bool:
    return context().settings.public_url.startswith("https:")


add_pages(pages)
