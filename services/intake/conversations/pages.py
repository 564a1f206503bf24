"""Officials' pages of conversations: what waits for their agency, and one dossier's conversation with all forms."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy import Connection

from services.intake import access
from services.intake.conversations import forms, store
from services.intake.conversations.commands import Filed
from services.intake.conversations.domain import CALL_SPAN, MAX_TEXT
from services.intake.conversations.queries import conversation, open_items
from services.intake.documents.queries import find_subject
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.pages import OFFICIALS, caller
from services.intake.foreign_access.guard import require_application_reader, require_reader
from services.intake.online_supplements.commands import lock_filed
from services.intake.plugin_access.store import holders_of
from services.intake.problems import domain_errors_as_problems
from services.intake.retention.store import erased_at
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

MOST = 200

pages = page_blueprint("intake", __name__, "conversation_pages")


@pages.get("/conversations")
@roles(*OFFICIALS, agency="record")
@audited
def waiting_list() -> str:
    """What waits for an answer of the official's agency, or for being read there, the oldest first. It quotes nothing."""
    here, actor = context(), principal()
    now = here.clock.now()
    own = access.own_steps(actor, here.reference.agencies, now.date())
    access.require(bool(own))
    record_reading("conversations", actor.agency)
    with here.store.read() as connection:
        found = open_items(store.waiting_at(connection, own, MOST), now)
    return render_template("intake/conversations.html", caller=caller(actor), found=found, most=MOST)


@pages.get("/dossiers/<code>/conversation")
@roles(*OFFICIALS, agency="record")
@audited
@domain_errors_as_problems()
def dossier_conversation(code: str) -> str:
    """All entries about a dossier, and what the official may write: the desk to everybody, a handling agency to the desk alone."""
    with context().store.read() as connection:
        return _page(connection, _readable(connection, code))


@pages.post("/dossiers/<code>/conversation")
@roles(*OFFICIALS, agency="record")
@domain_errors_as_problems()
def write(code: str) -> Response:
    """Writes an entry, once however often the button is pressed."""
    with context().store.read() as connection:
        filed = _readable(connection, code)
    try:
        with domain_errors_as_problems():
            wanted = forms.typed(request.form, context().clock.now())
            once_per_form(lambda work: _write(work, filed, wanted), record=filed.code)
    except Problem as problem:
        with context().store.read() as connection:
            return make_response(_page(connection, filed, problem), problem.status)
    return redirect_with_notice(url_for("conversation_pages.dossier_conversation", code=filed.code), "saved")


@domain_errors_as_problems()
def _write(work: UnitOfWork, filed: Filed, wanted: forms.Wanted) -> dict[str, Any]:
    locked = lock_filed(work, filed)
    rights = _rights(work.connection, locked)
    access.require(forms.is_allowed(wanted.act, rights))
    return {"entry": forms.perform(work, locked, wanted, rights).id}


def _readable(connection: Connection, code: str) -> Filed:
    """The dossier or application, if the caller may read it; officers read no applications.

    Raises:
        shared.web.problem.Problem: 403, they may not.
    """
    filed = find_subject(connection, code)
    if isinstance(filed, Dossier):
        require_reader(connection, filed)
    else:
        access.require(principal().has("clerk", "leader"))
        require_application_reader(connection, filed)
    return filed


def _rights(connection: Connection, filed: Filed) -> forms.Rights:
    here, actor = context(), principal()
    agencies, today = here.reference.agencies, here.clock.now().date()
    holders = holders_of(connection, filed.code)
    return forms.Rights(
        subject=actor.subject,
        agency=actor.agency,
        own=access.own_steps(actor, agencies, today),
        serves=access.may_write_to_citizen(actor, filed.receiving_agency, agencies, today),
        handles=access.may_ask_desk(actor, holders, agencies, today),
    )


def _page(connection: Connection, filed: Filed, problem: Problem | None = None) -> str:
    record_reading("conversation", filed.code)
    rights = _rights(connection, filed)
    over = erased_at(connection, filed.code) is not None
    return render_template(
        "intake/conversation.html",
        caller=caller(principal()),
        code=filed.code,
        is_dossier=isinstance(filed, Dossier),
        shown=conversation(connection, filed.code),
        rights=rights,
        over=over,
        max_text=MAX_TEXT,
        new_key=secrets.token_urlsafe,
        now=context().clock.now(),
        first_call=context().clock.now() - CALL_SPAN,
        notice=one_time_notice(),
        problem=problem,
    )
