"""The citizen's page of a conversation: what the desk has answered and written, and the form to ask."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from services.intake.applications.domain import Application
from services.intake.conversations.commands import ask
from services.intake.conversations.domain import MAX_TEXT, entry_text
from services.intake.conversations.queries import conversation
from services.intake.dossiers.domain import Dossier
from services.intake.follow.pages import of_opened_by_who_acts
from services.intake.lookup.opened import keep_open
from services.intake.lookup.queries import WrongCodeOrSecret
from services.intake.online_supplements.commands import lock_filed
from services.intake.problems import domain_errors_as_problems
from services.intake.retention.store import erased_at
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import public
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

Filed = Dossier | Application

pages = page_blueprint("intake", __name__, "own_conversation_pages")


@pages.get("/dossier/conversation")
@public
@domain_errors_as_problems()
@of_opened_by_who_acts
def own_conversation(filed: Filed) -> Response:
    """What was asked and answered, and the form for a question; for the applicant and who represents them."""
    return keep_open(make_response(_page(filed)))


@pages.post("/dossier/conversation")
@public
@of_opened_by_who_acts
def ask_desk(filed: Filed) -> Response:
    """Records a question for the desk, once however often the button is pressed."""
    try:
        with domain_errors_as_problems():
            text = entry_text(request.form.get("text", ""))
            once_per_form(lambda work: _ask(work, filed, text), record=filed.code)
    except Problem as problem:
        return keep_open(make_response(_page(filed, problem), problem.status))
    return keep_open(redirect_with_notice(url_for("own_conversation_pages.own_conversation"), "asked"))


@domain_errors_as_problems()
def _ask(work: UnitOfWork, filed: Filed, text: str) -> dict[str, Any]:
    locked = lock_filed(work, filed)
    if locked.secret_hash != filed.secret_hash:  # replaced meanwhile
        raise WrongCodeOrSecret(filed.code)
    return {"entry": ask(work, locked, text).id}


def _page(filed: Filed, problem: Problem | None = None) -> str:
    here = context()
    with here.store.read() as connection:
        shown = conversation(connection, filed.code, for_citizen=True)
        over = erased_at(connection, filed.code) is not None
    return render_template(
        "intake/own_conversation.html",
        code=filed.code,
        desk=here.reference.agencies.name_of(filed.receiving_agency, here.clock.now().date()),
        shown=shown,
        over=over,
        max_text=MAX_TEXT,
        form_key=secrets.token_urlsafe(),
        notice=one_time_notice(),
        problem=problem,
    )
