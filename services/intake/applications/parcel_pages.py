"""The desk's pages for parcels of the public post: which procedure, what came, whether it is right, and the slip for the applicant."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for

from services.intake import access
from services.intake.applications.api import delivery_of, parcel_of
from services.intake.applications.domain import Delivery, Parcel
from services.intake.applications.parcels import register_parcel
from services.intake.components import components
from services.intake.dossiers.pages import caller
from services.intake.filing.commands import Filing
from services.intake.filing.domain.applicant import (
    MAX_ADDRESS,
    MAX_EMAIL,
    MAX_NAME,
    MAX_NOTE,
    InvalidField,
    make_applicant,
    plain_text,
)
from services.intake.filing.domain.assessment import HandedPaper
from services.intake.filing.domain.desk import open_desk
from services.intake.filing.domain.identity_document import DocumentKind
from services.intake.problem_parts import invalid_fields, unknown_procedure
from services.intake.problems import domain_errors_as_problems
from services.intake.procedures.queries import procedure_list
from shared.catalogue import Procedure
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.carried_form import carried, carry
from shared.web.form_once import once_per_form
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

MAX_TEXT = 200
FOUND = 20
FIELDS = (
    "number",
    "sender",
    "name",
    "id_number",
    "id_kind",
    "phone",
    "email",
    "address",
    "by",
    "delivery_address",
    "note",
)
LIMITS = {
    "number": 60,
    "sender": MAX_ADDRESS,
    "name": MAX_NAME,
    "id_number": 50,
    "phone": 50,
    "email": MAX_EMAIL,
    "address": MAX_ADDRESS,
    "delivery_address": MAX_ADDRESS,
    "note": MAX_NOTE,
}
LABELS = {
    "number": ("Số bưu gửi", "Number of the parcel"),
    "sender": ("Người gửi, địa chỉ ghi trên bưu gửi", "Sender and address on the parcel"),
    "name": ("Họ tên người nộp hoặc tên tổ chức", "Applicant's name"),
    "id_number": ("Số giấy tờ", "Number of the document"),
    "id_kind": ("Loại giấy tờ", "Kind of document"),
    "phone": ("Số điện thoại", "Phone"),
    "email": ("Thư điện tử", "Email"),
    "address": ("Địa chỉ", "Address"),
    "papers": ("Giấy tờ trong bưu gửi", "Papers in the parcel"),
    "by": ("Cách nhận kết quả", "How to get the result"),
    "delivery_address": ("Địa chỉ nhận kết quả", "Address for the result"),
    "note": ("Ghi chú", "Note"),
}
REGISTERED = "motcua_parcel"
"""The cookie that carries the secret to the page that shows it."""

pages = page_blueprint("intake", __name__, "parcel_pages")


@pages.get("/applications/parcel")
@roles("clerk", agency="any")
def parcel_form() -> str:
    """First the search for the procedure, then the form for what came in the parcel."""
    text, code, case = (request.args.get(name, "").strip()[:MAX_TEXT] for name in ("q", "procedure", "case"))
    today = context().clock.now().date()
    with context().store.read() as connection:
        if code:
            found = components().catalogue.current(connection, code, today)
            if found is None:
                raise unknown_procedure()
            return _form(found[1], case)
        results = procedure_list(connection, components().catalogue, today, text, limit=FOUND) if text else None
    return render_template("intake/parcel_procedure.html", caller=caller(principal()), q=text, found=results)


@pages.post("/applications/parcel")
@roles("clerk", agency="any")
@domain_errors_as_problems()
def register() -> Response:
    """First shows what was typed for confirmation, then registers it."""
    with context().store.read() as connection:
        found = components().catalogue.current(
            connection, request.form.get("procedure", ""), context().clock.now().date()
        )
    if found is None:
        raise unknown_procedure()
    procedure, case = found[1], request.form.get("case", "")
    try:
        if "edit" in request.form:
            return make_response(_form(procedure, case))
        _checked()
        if "confirmed" not in request.form:
            return make_response(_confirmation(procedure, case))
        done = once_per_form(_register, ("secret",))
    except Problem as problem:
        return make_response(_form(procedure, case, problem), problem.status)
    place = url_for("parcel_pages.registered")
    response = make_response(redirect(place, 303))
    secure = context().settings.public_url.startswith("https:")
    carry(response, REGISTERED, place, {name: str(done[name]) for name in ("code", "secret")}, secure)
    return response


@pages.get("/applications/parcel/registered")
@roles("clerk", agency="any")
def registered() -> Response:
    """Code and secret of what was registered, for some minutes, to the browser that registered it."""
    told = carried(request, REGISTERED)
    if not told:
        return make_response(redirect(url_for("application_pages.application_list"), 303))
    page = render_template(
        "intake/parcel_registered.html",
        caller=caller(principal()),
        code=told.get("code", ""),
        secret=told.get("secret", ""),
    )
    return make_response(page)


@domain_errors_as_problems()
def _register(work: UnitOfWork) -> dict[str, Any]:
    filing, parcel, delivery, note = _checked()
    receipt = register_parcel(work, components(), filing, parcel, delivery, note)
    return {name: receipt[name] for name in ("code", "secret")}


def _checked() -> tuple[Filing, Parcel, Delivery, str]:
    """What was typed.

    Raises:
        Problem: 422, with all faults; 403, the clerk's agency is no desk.
    """
    form = {name: request.form.get(name, "") for name in FIELDS}
    today = context().clock.now().date()
    with domain_errors_as_problems():
        desk = open_desk(context().reference.agencies, principal().agency, today)
    access.require(access.may_file_at(principal(), desk))
    person = {name: form[name] for name in ("name", "id_number", "id_kind", "phone", "email", "address")}
    applicant, faults = make_applicant(**person, today=today)
    parcel, delivery, note = Parcel("", ""), Delivery(), ""
    try:
        parcel = parcel_of(form)
    except InvalidField as fault:
        faults.insert(0, fault)
    try:
        delivery = delivery_of({"by": form["by"] or "desk", "address": form["delivery_address"]}, "delivery_")
    except InvalidField as fault:
        faults.append(fault)
    try:
        note = plain_text(form["note"], "note", MAX_NOTE)
    except InvalidField as fault:
        faults.append(fault)
    papers = [HandedPaper(code) for code in request.form.getlist("paper")]
    if not papers:
        faults.append(InvalidField("papers", "Đánh dấu ít nhất một giấy tờ.", "Tick at least one paper."))
    if applicant is None or faults:
        raise invalid_fields(faults)
    filing = Filing(
        procedure=request.form.get("procedure", ""),
        case=request.form.get("case") or None,
        channel="post",
        desk=desk,
        applicant=applicant,
        papers=papers,
        remote=False,
        chosen=request.form.getlist("chosen"),
        clerk=principal().subject,
    )
    return filing, parcel, delivery, note


def _form(procedure: Procedure, case: str, problem: Problem | None = None) -> str:
    known = {one.code for one in procedure.cases}
    chosen_case = case if case in known else procedure.cases[0].code if len(procedure.cases) == 1 else ""
    return render_template(
        "intake/parcel.html",
        caller=caller(principal()),
        procedure=procedure,
        case=chosen_case,
        papers=procedure.accepted_papers(chosen_case) if chosen_case else (),
        linked=procedure.linked.procedures if procedure.linked else (),
        ticked=request.form.getlist("paper"),
        linked_ticked=request.form.getlist("chosen"),
        kinds=list(DocumentKind),
        labels=LABELS,
        limits=LIMITS,
        problem=problem,
    )


def _confirmation(procedure: Procedure, case: str) -> str:
    papers = {paper.code: paper.name for paper in procedure.papers}
    ticked = request.form.getlist("paper")
    here = set(ticked)
    missing = [paper.name for paper in procedure.required_papers(case or None) if paper.code not in here]
    return render_template(
        "intake/parcel_confirm.html",
        caller=caller(principal()),
        procedure=procedure,
        case=case,
        papers=[papers.get(code, code) for code in ticked],
        missing=missing,
        typed_fields=[(name, request.form.get(name, "")) for name in FIELDS],
        hidden=[(name, value) for name in ("paper", "chosen") for value in request.form.getlist(name)],
        kinds={str(kind): (kind.vi, kind.en) for kind in DocumentKind},
        labels=LABELS,
        form_key=secrets.token_urlsafe(),
    )
