"""The desk's page on which a citizen withdraws a dossier."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request, url_for

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.desk_pages import Question, confirmation, servable
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.applicant import MAX_NOTE, InvalidField, plain_text
from services.intake.problems import domain_errors_as_problems
from services.intake.withdrawals.commands import withdraw_dossier
from services.intake.withdrawals.domain import check_withdrawal
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.form_once import once_per_form
from shared.web.language import text
from shared.web.one_time_notice import redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

pages = page_blueprint("intake", __name__, "withdrawal_pages")


@pages.get("/dossiers/<code>/withdraw")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def withdrawal_form(code: str) -> str:
    """The form for the citizen's reason."""
    with context().store.read() as connection:
        check_withdrawal(servable(dossiers.get(connection, code)).state)
    return _form(code)


@pages.post("/dossiers/<code>/withdraw")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def withdraw(code: str) -> Response:
    """Asks whether the citizen really withdraws the dossier, and then records it (NĐ 118/2025, article 21)."""
    with context().store.read() as connection:
        dossier = servable(dossiers.get(connection, code))
    if "edit" in request.form:
        return make_response(_form(code))
    try:
        with domain_errors_as_problems():
            reason = typed_reason()
            if "confirmed" not in request.form:
                check_withdrawal(dossier.state)
                return make_response(confirmation(code, question(reason)))
    except Problem as problem:
        return make_response(_form(code, problem), problem.status)
    once_per_form(lambda work: _withdraw(work, code, reason))
    return redirect_with_notice(url_for("dossier_pages.dossier", code=code), "withdrawn")


def typed_reason() -> str:
    """The reason as typed.

    Raises:
        InvalidField: it is missing, too long, or cannot be printed.
    """
    reason = plain_text(request.form.get("reason", ""), "reason", MAX_NOTE)
    if not reason:
        raise InvalidField("reason", "Vui lòng ghi lý do rút hồ sơ.", "Enter the reason.")
    return reason


def question(reason: str) -> Question:
    """What the confirmation asks, of clerks and citizens alike.

    Args:
        reason: as typed.
    """
    ends = text(
        "Việc này không hoàn tác được: hồ sơ dừng giải quyết, không có kết quả. Muốn làm lại thì phải nộp hồ sơ mới.",
        "This cannot be undone: the dossier ends without a result. To begin again, a new one has to be filed.",
    )
    title = text("Rút hồ sơ này?", "Withdraw this dossier?")
    return Question(title, [(text("Lý do", "Reason"), reason)], ("Rút hồ sơ", "Withdraw the dossier"), [ends])


def _withdraw(work: UnitOfWork, code: str, reason: str) -> dict[str, Any]:
    return {"code": withdraw_dossier(work, servable(dossiers.lock(work.connection, code)), reason)["code"]}


def _form(code: str, problem: Problem | None = None) -> str:
    record_reading("dossier", code)
    return render_template(
        "intake/withdrawal.html", caller=caller(principal()), code=code, max_note=MAX_NOTE, problem=problem
    )
