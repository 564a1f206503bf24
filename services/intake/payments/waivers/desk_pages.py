"""The desk's pages of waivers: what waits; a claim with its evidence and scans, which a clerk grants or refuses."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for

from services.intake import access
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.desk_pages import servable
from services.intake.dossiers.domain import PAYABLE, Dossier
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.applicant import MAX_NOTE, InvalidField, plain_text
from services.intake.filing.domain.fee_reductions import waiver_categories
from services.intake.foreign_access.guard import require_reader
from services.intake.payments.waivers import store
from services.intake.payments.waivers.commands import ask_waiver, check_open, decide_waiver
from services.intake.payments.waivers.domain import (
    ASKED,
    MAX_NUMBER,
    SCANNED,
    SEEN,
    Claim,
    Decision,
    UnknownWaiver,
    Waiver,
    WaiverMovedOn,
    check_decision,
)
from services.intake.payments.waivers.form import CLAIM_LABELS, MAX_EVIDENCE, claim_of
from services.intake.problem_parts import invalid_fields
from services.intake.problems import PROBLEMS, domain_errors_as_problems
from services.intake.uploads.pages import FORM_BYTES, file_response, keep_given_files
from services.intake.uploads.rules import LARGEST, upload_rules
from services.intake.uploads.store import rows as uploads
from shared.persistence.unit_of_work import UnitOfWork
from shared.uploads.upload import State, Upload
from shared.web.authorization import principal, roles
from shared.web.domain_errors import problem_for
from shared.web.form_once import once_per_form
from shared.web.input_bounds import accepts_uploads
from shared.web.one_time_notice import redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

LABELS = CLAIM_LABELS | {
    "seen": ("Cách xem giấy tờ chứng minh", "How the paper was seen"),
    "decision": ("Quyết định", "Decision"),
    "reason": ("Lý do", "Reason"),
    "file": ("Tệp", "File"),
}
LIMIT = 100

pages = page_blueprint("intake", __name__, "waiver_pages")


@pages.get("/payments/waivers")
@roles("clerk", "leader", agency="record")
@audited
def waiting() -> str:
    """The waivers that wait for a decision of the caller's desks, the oldest first."""
    here, viewer = context(), principal()
    desks = access.listable_desks(viewer, "", here.reference.agencies, here.clock.now().date())
    access.require(bool(desks))
    record_reading("payments", viewer.agency)
    with here.store.read() as connection:
        found = store.asked(connection, desks, LIMIT)
        number = store.count_asked(connection, desks)
    return render_template("intake/waivers.html", caller=caller(viewer), waivers=found, number=number)


@pages.get("/dossiers/<code>/payments/waiver")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def form(code: str) -> str:
    """The form for deciding a waiver: the one that the citizen has asked for, or a new one."""
    return _page(_dossier(code))


@pages.post("/dossiers/<code>/payments/waiver")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def decide(code: str) -> Response:
    """Decides, once; or only records what was asked for, so that the paper can be scanned first."""
    dossier, later = _dossier(code), "later" in request.form
    try:
        claim, decision = _checked(code, later)
        once_per_form(lambda work: _decide(work, code, claim, decision))
    except Problem as problem:
        return make_response(_page(dossier, problem), problem.status)
    except tuple(PROBLEMS) as error:
        refused = problem_for(PROBLEMS, error)
        return make_response(_page(dossier, refused), refused.status)
    if later:
        return make_response(redirect(url_for("waiver_pages.form", code=code), 303))
    return redirect_with_notice(url_for("desk_payment_pages.overview", code=code))


@pages.post("/dossiers/<code>/payments/waiver/files")
@roles("clerk", agency="record")
@accepts_uploads(LARGEST + FORM_BYTES)
@domain_errors_as_problems()
def add_scans(code: str) -> Response:
    """Keeps scans of the paper with the claim that is not decided yet."""
    dossier = _dossier(code)
    if faults := keep_given_files(_asked(dossier).id, SCANNED):
        problem = invalid_fields(faults)
        return make_response(_page(dossier, problem), problem.status)
    return make_response(redirect(url_for("waiver_pages.form", code=code), 303))


@pages.post("/dossiers/<code>/payments/waiver/files/<file>/delete")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def delete_scan(code: str, file: str) -> Response:
    """Takes away a scan, such as of the wrong paper, before the decision; what the citizen has uploaded stays."""
    waiver = _asked(_dossier(code))
    found = _file(waiver, file)
    if found.paper != SCANNED:
        raise Problem(404, "not-found")
    context().store.run(lambda work: uploads.discard(work, waiver.id, found.id))
    return make_response(redirect(url_for("waiver_pages.form", code=code), 303))


@pages.get("/dossiers/<code>/payments/waiver/files/<file>")
@roles("clerk", "leader", agency="record")
@audited
@domain_errors_as_problems()
def evidence(code: str, file: str) -> Response:
    """A file of the evidence, saved and not shown in place; the reading is recorded."""
    with context().store.read() as connection:
        require_reader(connection, dossiers.get(connection, code))
        found = store.of_dossier(connection, code)
        files = {one.id: one for waiver in found for one in uploads.of_draft(connection, waiver.id)}
    if file not in files:
        raise Problem(404, "not-found")
    record_reading("payments", code)
    return file_response(file, files[file].name)


def _decide(work: UnitOfWork, code: str, claim: Claim | None, decision: Decision | None) -> dict[str, Any]:
    dossier, clerk = servable(dossiers.lock(work.connection, code)), principal().subject
    identifier = request.form.get("waiver", "") if claim is None else ask_waiver(work, dossier, claim, clerk).id
    return {"id": decide_waiver(work, dossier, identifier, decision, clerk).id if decision else identifier}


def _checked(code: str, later: bool) -> tuple[Claim | None, Decision | None]:
    """What was typed: the claim, if the citizen has not asked before; and the decision, unless it follows later.

    Raises:
        Problem: 422, with all faults.
        Others as :func:`check_open`: the form with these fields is no longer on the page.
    """
    claim, faults = (None, []) if request.form.get("waiver") else claim_of(request.form)
    reason, grant = "", request.form.get("decision", "") == "grant"
    try:
        reason = plain_text(request.form.get("reason", ""), "reason", MAX_NOTE)
    except InvalidField as fault:
        faults.append(fault)
    decision = None if later and claim else Decision(grant, request.form.get("seen", ""), reason)
    if decision is not None and request.form.get("decision") not in ("grant", "refuse"):
        faults.append(InvalidField("decision", "Chọn miễn, giảm hoặc không.", "Choose one."))
    elif decision is not None:
        faults += _faults_of(decision, code)
    if faults:
        with context().store.read() as connection:
            dossier = dossiers.get(connection, code)
            check_open(connection, servable(dossier), request.form.get("waiver", ""))
        raise invalid_fields(faults)
    return claim, decision


def _faults_of(decision: Decision, code: str) -> list[Any]:
    """What the decision lacks, to be said beside what else is wrong; the command checks it again."""
    with context().store.read() as connection:
        asked = [one.id for one in store.of_dossier(connection, code) if one.state == ASKED]
        files = sum(len(uploads.of_draft(connection, one)) for one in asked)
    try:
        check_decision(decision, files)
    except tuple(PROBLEMS) as error:
        return [
            InvalidField(one["field"], one["message"], one["message_en"]) for one in problem_for(PROBLEMS, error).errors
        ]
    return []


def _dossier(code: str) -> Dossier:
    with context().store.read() as connection:
        return servable(dossiers.get(connection, code))


def _asked(dossier: Dossier) -> Waiver:
    """The claim that waits for a decision.

    Raises:
        WaiverMovedOn: none does.
    """
    with context().store.read() as connection:
        found = store.of_dossier(connection, dossier.code)
    waiver = next((one for one in found if one.state == ASKED), None)
    if waiver is None:
        raise WaiverMovedOn(dossier.code)
    return waiver


def _file(waiver: Waiver, id: str) -> Upload:
    with context().store.read() as connection:
        found = next((one for one in uploads.shown_of_draft(connection, waiver.id) if one.id == id), None)
    if found is None:
        raise UnknownWaiver(id)
    return found


def _page(dossier: Dossier, problem: Problem | None = None) -> str:
    record_reading("payments", dossier.code)
    today = context().clock.now().date()
    with context().store.read() as connection:
        found = store.of_dossier(connection, dossier.code)
        files = {one.id: uploads.shown_of_draft(connection, one.id) for one in found}
    rules = upload_rules(today)
    asked = next((one for one in found if one.state == ASKED), None)
    return render_template(
        "intake/decide_waiver.html",
        caller=caller(principal()),
        dossier=dossier,
        owed=0 if dossier.fee_paid_at or dossier.state not in PAYABLE else dossier.fee,
        asked=asked,
        decided=[one for one in found if one.state != ASKED],
        files=files,
        readable=[one for one in files.get(asked.id, []) if one.state is State.KEPT] if asked else [],
        scanned=SCANNED,
        seen=SEEN,
        categories={one.code: one for one in waiver_categories(today)},
        labels=LABELS,
        limits=(MAX_EVIDENCE, MAX_NUMBER, MAX_NOTE),
        megabytes=rules.file_bytes >> 20,
        most=rules.files_per_paper,
        problem=problem,
        form_key=secrets.token_urlsafe(),
    )
