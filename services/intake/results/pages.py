"""The desk's page on which a result is handed over to the right person."""

from __future__ import annotations

import secrets
from typing import Any

import orjson
from flask import Response, make_response, render_template, request, url_for
from sqlalchemy import Connection

from services.intake.documents.domain import REFUSED, DocumentType, IssuedDocument
from services.intake.documents.store import valid_document
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.desk_pages import Question, confirmation, servable
from services.intake.dossiers.domain import REFUSED_OUTCOME, Dossier, State, may_follow
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.applicant import MAX_NAME, MAX_NOTE
from services.intake.filing.domain.assessment import FiledPaper
from services.intake.problem_parts import invalid_fields
from services.intake.problems import domain_errors_as_problems
from services.intake.results import commands
from services.intake.results.delivery import chose_post
from services.intake.results.domain import (
    MAX_DOCUMENT,
    HandOver,
    IdentityCheck,
    Method,
    NotReturnable,
    make_hand_over,
)
from services.intake.results.one_time_code import check_code, counting_wrong_codes, issue_code
from services.intake.results.store import file_of
from shared.persistence.unit_of_work import UnitOfWork
from shared.phones import is_mobile
from shared.web.authorization import principal, roles
from shared.web.form_once import once_per_form
from shared.web.language import text
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

ORIGINALS = "originals"

pages = page_blueprint("intake", __name__, "result_pages")


@pages.get("/dossiers/<code>/return")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def return_form(code: str) -> str:
    """The form for handing a result over: how, to whom, how they were identified, and which originals are given back."""
    with context().store.read() as connection:
        dossier = servable(dossiers.get(connection, code))
        _require_result(dossier)
        return _form(connection, dossier)


@pages.post("/dossiers/<code>/return")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def hand_over(code: str) -> Response:
    """Asks whether all is right, and then records that the result was handed over."""
    with context().store.read() as connection:
        dossier = servable(dossiers.get(connection, code))
        if "edit" in request.form:
            return make_response(_form(connection, dossier))
        try:
            with domain_errors_as_problems(), counting_wrong_codes(context().store, code):
                typed = _typed(dossier)
                if "confirmed" not in request.form:
                    _require_result(dossier)
                    _check_code(connection, dossier, typed)
                    return make_response(confirmation(code, _question(dossier, typed)))
                once_per_form(lambda work: _hand_over(work, code))
        except Problem as problem:
            return make_response(_form(connection, dossier, problem), problem.status)
    return redirect_with_notice(url_for("dossier_pages.dossier", code=code), "returned")


@pages.post("/dossiers/<code>/return/code")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def send_code(code: str) -> Response:
    """Sends a one-time code to the applicant's telephone."""
    with context().store.read() as connection:
        dossier = servable(dossiers.get(connection, code))
        try:
            with domain_errors_as_problems():
                once_per_form(lambda work: _send_code(work, code))
        except Problem as problem:
            return make_response(_form(connection, dossier, problem), problem.status)
    return redirect_with_notice(url_for("result_pages.return_form", code=code), "code_sent")


def _send_code(work: UnitOfWork, code: str) -> dict[str, Any]:
    issue_code(work, servable(dossiers.lock(work.connection, code)), principal().subject)
    return {"code": code}


def _typed_code() -> str:
    return request.form.get("one_time_code", "")


def _check_code(connection: Connection, dossier: Dossier, typed: HandOver) -> None:
    if typed.identity is IdentityCheck.ONE_TIME_CODE:
        here = context()
        check_code(connection, dossier.code, _typed_code(), here.settings.hash_key, here.clock.wall())


def _require_result(dossier: Dossier) -> None:
    if not may_follow(dossier.state, State.RETURNED):
        raise NotReturnable(dossier.state)


def _hand_over(work: UnitOfWork, code: str) -> dict[str, Any]:
    dossier = servable(dossiers.lock(work.connection, code))
    return {"code": commands.return_result(work, dossier, _typed(dossier), principal().subject, _typed_code())["code"]}


def _typed(dossier: Dossier) -> HandOver:
    """The hand-over as typed.

    Raises:
        Problem: 422, with all faults.
    """
    known = _originals(dossier)
    places = [text for text in request.form.getlist(ORIGINALS) if text.isascii() and text.isdigit() and len(text) < 4]
    texts = {
        name: request.form.get(name, "")
        for name in ("method", "identity", "receiver_name", "document", "parcel", "note")
    }
    made, faults = make_hand_over(
        **texts,
        originals=tuple(known[int(place)] for place in dict.fromkeys(places) if int(place) < len(known)),
        citizen_notified="citizen_notified" in request.form,
    )
    if made is None:
        raise invalid_fields(faults)
    return made


def _originals(dossier: Dossier) -> list[str]:
    """Names of the originals in the desk's custody."""
    papers = (FiledPaper.from_dict(paper) for paper in orjson.loads(dossier.papers))
    return list(dict.fromkeys(paper.name for paper in papers if paper.in_custody))


def _question(dossier: Dossier, typed: HandOver) -> Question:
    rows = [(text("Cách trả", "How"), text(*typed.method.label))]
    if typed.method is Method.COUNTER:
        rows.append((text("Người nhận", "Receiver"), typed.receiver_name or dossier.applicant_name))
    if typed.identity:
        rows.append((text("Đối chiếu người nhận", "Identified by"), text(*typed.identity.label)))
    if typed.document:
        rows.append((text("Văn bản ủy quyền", "Authorisation"), typed.document))
    if typed.parcel:
        rows.append((text("Mã bưu gửi", "Parcel"), typed.parcel))
    if typed.originals:
        rows.append((text("Bản chính trả lại", "Originals given back"), "; ".join(typed.originals)))
    if typed.note:
        rows.append((text("Ghi chú", "Remark"), typed.note))
    kept = [name for name in _originals(dossier) if name not in typed.originals]
    warnings = []
    if kept:
        kept_text = text(
            "Bản chính chưa trả lại: {papers}.", "Originals that are not given back: {papers}.", papers="; ".join(kept)
        )
        warnings.append(kept_text)
    title = text("Trả kết quả như sau?", "Hand the result over like this?")
    return Question(title, rows, ("Trả kết quả", "Hand the result over"), warnings)


def _form(connection: Connection, dossier: Dossier, problem: Problem | None = None) -> str:
    record_reading("dossier", dossier.code)
    sent = request.form if request.method == "POST" else {}
    sms = is_mobile(dossier.applicant_phone)
    early = dossier.due_at > context().clock.now() and dossier.result_notified_at is None
    return render_template(
        "intake/return.html",
        caller=caller(principal()),
        dossier=dossier,
        methods=[(str(one), text(*one.label)) for one in _methods(connection, dossier)],
        checks=[(str(one), text(*one.label)) for one in IdentityCheck if sms or one is not IdentityCheck.ONE_TIME_CODE],
        sms=sms,
        phone_end=dossier.applicant_phone[-3:],
        notice=one_time_notice(),
        form_key=secrets.token_urlsafe(),
        originals=list(enumerate(_originals(dossier))),
        by_post=chose_post(connection, dossier.code),
        ticked=request.form.getlist(ORIGINALS) if sent else [],
        notified="citizen_notified" in sent,
        early=early,
        refusal=_refusal(connection, dossier),
        limits={"receiver_name": MAX_NAME, "document": MAX_DOCUMENT, "note": MAX_NOTE},
        problem=problem,
    )


def _refusal(connection: Connection, dossier: Dossier) -> IssuedDocument | None:
    """Form 03, which goes to the applicant with a refused dossier."""
    if dossier.outcome != REFUSED_OUTCOME:
        return None
    return valid_document(connection, dossier.code, DocumentType.REFUSAL, REFUSED)


def _methods(connection: Connection, dossier: Dossier) -> list[Method]:
    """The ways in which this result can be handed over: an electronic one only once it has a file."""
    return [one for one in Method if one is not Method.ELECTRONIC or file_of(connection, dossier.code) is not None]
