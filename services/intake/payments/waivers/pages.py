"""The citizen's pages that ask for a waiver of the fee, where the dossier was just opened: the form, then the files and the check."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for

from services.intake.applications.domain import Application
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier
from services.intake.filing.domain.fee_reductions import waiver_categories
from services.intake.lookup.opened import keep_open, may_act, of_opened, owner_of
from services.intake.payments.waivers import store
from services.intake.payments.waivers.commands import begin_waiver, send_waiver, touch_waiver
from services.intake.payments.waivers.domain import MAX_NUMBER, UPLOADED, Claim, UnknownWaiver, Waiver
from services.intake.payments.waivers.form import CLAIM_LABELS, MAX_EVIDENCE, claim_of
from services.intake.problem_parts import invalid_fields
from services.intake.problems import PROBLEMS, domain_errors_as_problems
from services.intake.uploads.pages import FORM_BYTES, file_response, keep_given_files
from services.intake.uploads.rules import LARGEST, upload_rules
from services.intake.uploads.store import rows as uploads
from shared.persistence.unit_of_work import UnitOfWork
from shared.uploads.upload import State, Upload
from shared.web.authorization import public
from shared.web.domain_errors import problem_for
from shared.web.form_once import once_per_form
from shared.web.input_bounds import accepts_uploads
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

Filed = Dossier | Application

pages = page_blueprint("intake", __name__, "own_waiver_pages")


@pages.get("/pay/waiver")
@public
@domain_errors_as_problems()
@of_opened
def form(filed: Filed) -> Response:
    """The form: who the citizen is, and by which paper."""
    dossier = _of_applicant(filed)
    return keep_open(make_response(_form(dossier, _begun(dossier))))


@pages.post("/pay/waiver")
@public
@domain_errors_as_problems()
@of_opened
def begin(filed: Filed) -> Response:
    """Keeps what was typed, and goes on to the files and the check."""
    dossier, owner = _of_applicant(filed), owner_of(filed)
    try:
        claim, faults = claim_of(request.form)
        if faults:
            raise invalid_fields(faults)
        context().store.run(lambda work: begin_waiver(work, dossiers.lock(work.connection, dossier.code), claim, owner))
    except Problem as problem:
        return keep_open(make_response(_form(dossier, None, problem), problem.status))
    except tuple(PROBLEMS) as error:
        refused = problem_for(PROBLEMS, error)
        return keep_open(make_response(_form(dossier, None, refused), refused.status))
    return _to("check")


@pages.get("/pay/waiver/check")
@public
@domain_errors_as_problems()
@of_opened
def check(filed: Filed) -> Response:
    """What is asked for, its files, and the button that sends it."""
    dossier = _of_applicant(filed)
    waiver = _begun(dossier)
    return _to_payments() if waiver is None else keep_open(make_response(_check(dossier, waiver)))


@pages.post("/pay/waiver/check")
@public
@domain_errors_as_problems()
@of_opened
def send(filed: Filed) -> Response:
    """Asks; once. A clerk decides by the paper."""
    dossier, owner = _of_applicant(filed), owner_of(filed)
    try:
        once_per_form(lambda work: _send(work, dossier, owner), record=dossier.code)
    except Problem as problem:
        waiver = _begun(dossier)
        if waiver is None:
            raise
        return keep_open(make_response(_check(dossier, waiver, problem), problem.status))
    return _to_payments()


@pages.post("/pay/waiver/files")
@public
@accepts_uploads(LARGEST + FORM_BYTES)
@domain_errors_as_problems()
@of_opened
def add_files(filed: Filed) -> Response:
    """Checks and keeps files of the evidence; those that are not accepted are named, the others stay."""
    dossier, owner = _of_applicant(filed), owner_of(filed)
    draft = context().store.run(lambda work: touch_waiver(work, dossiers.lock(work.connection, dossier.code), owner))
    faults, waiver = keep_given_files(draft, UPLOADED), _begun(dossier)
    if faults and waiver is not None:
        problem = invalid_fields(faults)
        return keep_open(make_response(_check(dossier, waiver, problem), problem.status))
    return _to("check")


@pages.post("/pay/waiver/files/<file>/delete")
@public
@domain_errors_as_problems()
@of_opened
def delete_file(filed: Filed, file: str) -> Response:
    """Takes away a file that is not sent yet."""
    waiver, found = _own_file(_of_applicant(filed), file)
    context().store.run(lambda work: uploads.discard(work, waiver.id, found.id))
    return _to("check")


@pages.get("/pay/waiver/files/<file>")
@public
@domain_errors_as_problems()
@of_opened
def download(filed: Filed, file: str) -> Response:
    """A file that is not sent yet, for who has uploaded it, to look at it again."""
    found = _own_file(_of_applicant(filed), file)[1]
    if found.state is not State.KEPT:
        raise Problem(404, "not-found")
    return file_response(found.id, found.name)


@domain_errors_as_problems()
def _send(work: UnitOfWork, dossier: Dossier, owner: str) -> dict[str, Any]:
    return {"id": send_waiver(work, dossiers.lock(work.connection, dossier.code), owner).id}


def _of_applicant(filed: Filed) -> Dossier:
    """The dossier, if who has opened it may ask for a waiver.

    Raises:
        Problem: 404, it is no dossier yet, or another person's to act for.
    """
    if not isinstance(filed, Dossier) or not may_act():
        raise Problem(404, "not-found")
    return filed


def _begun(dossier: Dossier) -> Waiver | None:
    with context().store.read() as connection:
        return store.begun(connection, dossier.code, owner_of(dossier))


def _files(waiver: Waiver) -> list[Upload]:
    with context().store.read() as connection:
        return uploads.shown_of_draft(connection, waiver.id)


def _own_file(dossier: Dossier, id: str) -> tuple[Waiver, Upload]:
    waiver = _begun(dossier)
    if waiver is None:
        raise UnknownWaiver(id)
    found = next((one for one in _files(waiver) if one.id == id), None)
    if found is None:
        raise Problem(404, "not-found")
    return waiver, found


def _to(view: str) -> Response:
    return keep_open(make_response(redirect(url_for(f"own_waiver_pages.{view}"), 303)))


def _to_payments() -> Response:
    return keep_open(make_response(redirect(url_for("pay_pages.owed"), 303)))


def _form(dossier: Dossier, begun: Waiver | None, problem: Problem | None = None) -> str:
    return render_template(
        "intake/ask_waiver.html",
        code=dossier.code,
        fee=dossier.fee,
        claim=begun or Claim("", ""),
        categories=waiver_categories(context().clock.now().date()),
        labels=CLAIM_LABELS,
        limits=(MAX_EVIDENCE, MAX_NUMBER),
        problem=problem,
    )


def _check(dossier: Dossier, waiver: Waiver, problem: Problem | None = None) -> str:
    today = context().clock.now().date()
    rules = upload_rules(today)
    return render_template(
        "intake/check_waiver.html",
        code=dossier.code,
        fee=dossier.fee,
        waiver=waiver,
        category=next((one for one in waiver_categories(today) if one.code == waiver.category), None),
        files=_files(waiver),
        megabytes=rules.file_bytes >> 20,
        most=rules.files_per_paper,
        labels=CLAIM_LABELS,
        problem=problem,
        form_key=secrets.token_urlsafe(),
    )
