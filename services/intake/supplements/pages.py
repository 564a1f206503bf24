"""The desk's page on which the papers that an agency asked for are taken."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy import Connection

from services.intake.components import components
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.desk_pages import Question, confirmation, servable
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.applicant import MAX_NOTE, plain_text
from services.intake.problems import domain_errors_as_problems
from services.intake.supplements import store
from services.intake.supplements.commands import Supplement, hand_in_supplement
from services.intake.supplements.domain import check_supplement
from services.intake.supplements.form import PAPERS, asked_papers, missing_papers, open_requests, typed_papers
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.form_once import once_per_form
from shared.web.language import text
from shared.web.one_time_notice import redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

pages = page_blueprint("intake", __name__, "supplement_pages")


@pages.get("/dossiers/<code>/supplement")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def supplement_form(code: str) -> str:
    """The papers that were asked for, to be ticked as they are handed in at the desk."""
    with context().store.read() as connection:
        dossier = servable(dossiers.get(connection, code))
        check_supplement(dossier.state)
        return _form(connection, dossier)


@pages.post("/dossiers/<code>/supplement")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def take_supplement(code: str) -> Response:
    """Asks whether all is right, and then takes the papers; the time limit runs anew from then (NĐ 118/2025, article 19.5)."""
    with context().store.read() as connection:
        dossier = servable(dossiers.get(connection, code))
        if "edit" in request.form:
            return make_response(_form(connection, dossier))
        asked = asked_papers(store.requests_of(connection, code))
        try:
            with domain_errors_as_problems():
                supplement = _typed(asked)
                if "confirmed" not in request.form:
                    check_supplement(dossier.state)
                    return make_response(confirmation(code, _question(asked, supplement)))
        except Problem as problem:
            return make_response(_form(connection, dossier, problem), problem.status)
    once_per_form(lambda work: _take(work, code))
    return redirect_with_notice(url_for("dossier_pages.dossier", code=code), "supplemented")


def _take(work: UnitOfWork, code: str) -> dict[str, Any]:
    dossier = servable(dossiers.lock(work.connection, code))
    asked = asked_papers(store.requests_of(work.connection, code))
    check_supplement(dossier.state)
    return {"code": hand_in_supplement(work, components().catalogue, dossier, _typed(asked))["code"]}


def _typed(asked: list[str]) -> Supplement:
    note = plain_text(request.form.get("note", ""), "note", MAX_NOTE)
    return Supplement(typed_papers(request.form, asked), note, principal().subject)


def _question(asked: list[str], supplement: Supplement) -> Question:
    listed = "; ".join(paper.text for paper in supplement.papers)
    rows = [(text("Giấy tờ nhận hôm nay", "Papers taken"), listed)]
    if supplement.note:
        rows.append((text("Ghi chú", "Remark"), supplement.note))
    missing = missing_papers(asked, supplement.papers)
    warnings = [
        text(
            "Sau khi nhận, hồ sơ được chuyển lại cho cơ quan giải quyết và thời hạn được tính lại từ đầu.",
            "The dossier then goes back to the agency, and the time limit runs anew.",
        )
    ]
    if missing:
        short = text(
            "Còn thiếu so với yêu cầu: {papers}. Việc yêu cầu bổ sung chỉ được thực hiện một lần.",
            "Still missing: {papers}. Papers can be asked for only once.",
            papers="; ".join(missing),
        )
        warnings.insert(0, short)
    title = text("Nhận các giấy tờ này?", "Take these papers?")
    return Question(title, rows, ("Nhận giấy tờ bổ sung", "Take the papers"), warnings)


def _form(connection: Connection, dossier: Dossier, problem: Problem | None = None) -> str:
    record_reading("dossier", dossier.code)
    requests = store.requests_of(connection, dossier.code)
    return render_template(
        "intake/supplement.html",
        caller=caller(principal()),
        code=dossier.code,
        requests=open_requests(requests),
        papers=list(enumerate(asked_papers(requests))),
        ticked=request.form.getlist(PAPERS),
        max_note=MAX_NOTE,
        problem=problem,
    )
