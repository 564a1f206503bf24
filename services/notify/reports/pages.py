"""The page of recipients of reports for leaders and operators, and the page by which a recipient stops the e-mails."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import date

from flask import Response, make_response, render_template, request, url_for

from services.notify import access
from services.notify.contacts.domain import mask_address
from services.notify.overview.frame import caller
from services.notify.problems import domain_errors_as_problems
from services.notify.reports import store
from services.notify.reports.commands import UnknownRecipient, add_recipient, remove_recipient, unsubscribe
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, public, roles, scope_checked
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

MOST = 1000
MAX_TYPED = 320
FIELDS = ("agency", "email", "language")

pages = page_blueprint("notify", __name__, "report_recipient_pages")


@pages.get("/report-recipients")
@roles(*access.RECIPIENT_KEEPERS, agency="record")
@domain_errors_as_problems()
def recipients() -> str:
    """Who gets e-mails about the reports of which of the caller's agencies; addresses are masked."""
    return _page({"language": "vi"})


@pages.post("/report-recipients")
@roles(*access.RECIPIENT_KEEPERS, agency="record")
def add() -> Response:
    """Enters a recipient."""
    typed = {name: request.form.get(name, "")[:MAX_TYPED].strip() for name in FIELDS}
    by = principal().subject
    try:
        with domain_errors_as_problems():
            _require_keeper(typed["agency"])
            once_per_form(lambda work: {"id": add_recipient(work, **typed, by=by)})
    except Problem as problem:
        if problem.status == 403:
            raise
        return make_response(_page(typed, problem), problem.status)
    return redirect_with_notice(url_for("report_recipient_pages.recipients"), "added")


@pages.get("/report-recipients/<recipient>/remove")
@roles(*access.RECIPIENT_KEEPERS, agency="record")
@domain_errors_as_problems()
def confirm_removal(recipient: str) -> str:
    """Asks whether the recipient is to get no more e-mails."""
    with context().store.read() as connection:
        found = next((one for one in store.listed(connection, None, MOST) if one.recipient.id == recipient), None)
    if found is None:
        raise UnknownRecipient
    _require_keeper(found.recipient.agency)
    return render_template(
        "notify/report_recipient_remove.html",
        caller=caller(principal()),
        recipient=found.recipient,
        masked=mask_address("email", found.email),
    )


@pages.post("/report-recipients/<recipient>/remove")
@roles(*access.RECIPIENT_KEEPERS, agency="record")
@domain_errors_as_problems()
def remove(recipient: str) -> Response:
    """Ends e-mails to the recipient; pressed twice, it is once."""
    with context().store.read() as connection:
        found = store.find(connection, recipient)
    if found is None:
        raise UnknownRecipient
    _require_keeper(found.agency)
    if found.removed_at is None:
        with suppress(UnknownRecipient):  # somebody else has just removed them
            context().store.run(lambda work: remove_recipient(work, recipient))
    return redirect_with_notice(url_for("report_recipient_pages.recipients"), "removed")


@pages.get("/report-mail/<recipient_token>")
@public
@domain_errors_as_problems()
def unsubscribe_page(recipient_token: str) -> str:
    """Asks the recipient who holds this link whether they want no more e-mails about reports."""
    with context().store.read() as connection:
        found = store.by_token(connection, recipient_token)
    if found is None:
        raise UnknownRecipient
    return render_template("notify/report_unsubscribe.html", recipient=found, done=found.removed_at is not None)


@pages.post("/report-mail/<recipient_token>")
@public
@domain_errors_as_problems()
def stop(recipient_token: str) -> str:
    """Ends e-mails to the recipient who holds this link."""
    context().store.run(lambda work: unsubscribe(work, recipient_token))
    return unsubscribe_page(recipient_token)


def _require_keeper(agency: str) -> None:
    access.require_recipient_keeper(principal(), agency, context().reference.agencies, _today())
    scope_checked()


def _page(filled: Mapping[str, str], problem: Problem | None = None) -> str:
    here, agencies = context(), context().reference.agencies
    kept = access.recipient_agencies(principal(), agencies, _today())
    scope_checked()  # the list is limited to these agencies
    with here.store.read() as connection:
        known = store.listed(connection, kept, MOST)
    existing = [one for one in agencies.all(_today()) if kept is None or one.code in kept]
    return render_template(
        "notify/report_recipients.html",
        caller=caller(principal()),
        rows=[(one.recipient, mask_address("email", one.email), one.language) for one in known],
        agencies=[(one.code, f"{one.name} ({one.code})", "vi") for one in existing],
        filled=filled,
        problem=problem,
        notice=one_time_notice(),
        form_key=secrets.token_urlsafe(16),
    )


def _today() -> date:
    return context().clock.now().astimezone(VIETNAM).date()
