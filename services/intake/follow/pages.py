"""A citizen's pages of a dossier that the browser has just looked up: withdrawing it, and choosing how to get the result."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, redirect, render_template, request, url_for

from services.intake.applications import store as applications
from services.intake.applications.domain import Application, Status, check_transition
from services.intake.applications.endings import withdraw_application
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.desk_pages import Question, typed_fields
from services.intake.dossiers.domain import Dossier
from services.intake.filing.domain.applicant import MAX_NOTE
from services.intake.lookup.opened import may_act, of_opened
from services.intake.lookup.queries import WrongCodeOrSecret
from services.intake.problems import domain_errors_as_problems
from services.intake.results.delivery import (
    DeliveryNotChoosable,
    choose_delivery,
    chose_post,
    may_choose_delivery,
)
from services.intake.withdrawals.commands import withdraw_dossier
from services.intake.withdrawals.domain import check_withdrawal
from services.intake.withdrawals.pages import question as withdrawal_question
from services.intake.withdrawals.pages import typed_reason
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import public
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

View = TypeVar("View", bound=Callable[..., Any])

pages = page_blueprint("intake", __name__, "follow_pages")


def of_opened_by_who_acts(view: View) -> View:
    """As :func:`of_opened`, for what only the applicant and who represents them may do; others are led back to the dossier."""

    @wraps(view)
    def endpoint(filed: Dossier | Application, **path: Any) -> Any:
        return view(filed, **path) if may_act() else redirect(url_for("lookup_pages.found"), 303)

    return cast(View, of_opened(endpoint))


def of_opened_dossier(view: View) -> View:
    """As :func:`of_opened_by_who_acts`, for a dossier that was received; an application leads to its page."""

    @wraps(view)
    def endpoint(filed: Dossier | Application) -> Any:
        return view(filed) if isinstance(filed, Dossier) else redirect(url_for("lookup_pages.found"), 303)

    return cast(View, of_opened_by_who_acts(endpoint))


@pages.get("/dossier/withdraw")
@public
@domain_errors_as_problems()
@of_opened_by_who_acts
def withdrawal_form(filed: Dossier | Application) -> str:
    """The form in which a citizen says why they withdraw the dossier."""
    _check_withdrawal(filed)
    return _withdrawal_form(filed)


@pages.post("/dossier/withdraw")
@public
@of_opened_by_who_acts
def withdraw(filed: Dossier | Application) -> str | Response | tuple[str, int]:
    """Asks whether the citizen really withdraws the dossier, and then records it (NĐ 118/2025, article 21)."""
    if "edit" in request.form:
        return _withdrawal_form(filed)
    try:
        with domain_errors_as_problems():
            reason = typed_reason()
            if "confirmed" not in request.form:
                _check_withdrawal(filed)
                return _confirmation(filed, withdrawal_question(reason))
            once_per_form(lambda work: _withdraw(work, filed, reason), record=filed.code)
    except Problem as problem:
        return _withdrawal_form(filed, problem), problem.status
    return redirect_with_notice(url_for("lookup_pages.found"), "withdrawn")


@pages.get("/dossier/delivery")
@public
@domain_errors_as_problems()
@of_opened_dossier
def delivery_form(dossier: Dossier) -> str:
    """The choice between the desk and the public post."""
    if not may_choose_delivery(dossier.state):
        raise DeliveryNotChoosable(dossier.state)
    return _delivery_form(dossier)


@pages.post("/dossier/delivery")
@public
@of_opened_dossier
def choose(dossier: Dossier) -> str | Response | tuple[str, int]:
    """Records how the citizen wants to get the result; it can be changed until the result is handed over."""
    by_post = request.form.get("delivery") == "post"
    try:
        with domain_errors_as_problems():
            once_per_form(lambda work: _choose(work, dossier, by_post), record=dossier.code)
    except Problem as problem:
        return _delivery_form(dossier, problem), problem.status
    return redirect_with_notice(url_for("lookup_pages.found"), "by_post" if by_post else "at_desk")


def _check_withdrawal(filed: Dossier | Application) -> None:
    if isinstance(filed, Application):
        check_transition(filed.status, Status.WITHDRAWN)
    else:
        check_withdrawal(filed.state)


@domain_errors_as_problems()
def _withdraw(work: UnitOfWork, filed: Dossier | Application, reason: str) -> dict[str, Any]:
    if isinstance(filed, Dossier):
        return {"code": withdraw_dossier(work, _same(work, filed), reason)["code"]}
    return {"code": withdraw_application(work, applications.lock(work.connection, filed.code), reason)["code"]}


def _choose(work: UnitOfWork, dossier: Dossier, by_post: bool) -> dict[str, Any]:
    choose_delivery(work.connection, _same(work, dossier), by_post, work.now)
    return {"code": dossier.code}


def _same(work: UnitOfWork, dossier: Dossier) -> Dossier:
    """The dossier, locked, if the secret that opened it is still its secret.

    Raises:
        WrongCodeOrSecret: the secret was replaced meanwhile.
    """
    locked = dossiers.lock(work.connection, dossier.code)
    if locked.secret_hash != dossier.secret_hash:
        raise WrongCodeOrSecret(dossier.code)
    return locked


def _confirmation(filed: Dossier | Application, question: Question) -> str:
    return render_template(
        "intake/confirm_own.html",
        code=filed.code,
        question=question,
        typed_fields=typed_fields(),
        form_key=secrets.token_urlsafe(),
    )


def _withdrawal_form(filed: Dossier | Application, problem: Problem | None = None) -> str:
    return render_template(
        "intake/own_withdrawal.html",
        code=filed.code,
        received=isinstance(filed, Dossier),
        max_note=MAX_NOTE,
        problem=problem,
    )


def _delivery_form(dossier: Dossier, problem: Problem | None = None) -> str:
    with context().store.read() as connection:
        by_post = chose_post(connection, dossier.code)
    here = context()
    desk = here.reference.agencies.name_of(dossier.receiving_agency, here.clock.now().date())
    return render_template(
        "intake/delivery.html",
        code=dossier.code,
        desk=desk,
        by_post=by_post,
        form_key=secrets.token_urlsafe(),
        problem=problem,
    )
