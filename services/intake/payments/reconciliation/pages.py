"""The report of reconciliation for leaders: a day's statement of the provider against ours."""

from __future__ import annotations

from datetime import date

from flask import Response, make_response, redirect, render_template, request, url_for

from services.intake import access
from services.intake.dossiers.pages import caller
from services.intake.payments.providers.configured import provider_of
from services.intake.payments.providers.port import ProviderError
from services.intake.payments.reconciliation.commands import record_missing
from services.intake.payments.reconciliation.domain import MISSING_HERE, compare
from services.intake.payments.reconciliation.queries import recorded
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles
from shared.web.pages import page_blueprint
from shared.web.views import context

pages = page_blueprint("intake", __name__, "reconciliation_pages")


@pages.get("/payments/reconciliation")
@roles("leader", agency="record")
def report() -> str:
    """What does not match on a day: money that is missing here or there, and other amounts."""
    here, provider, day = context(), provider_of(context()), _day(request.args.get("day", ""))
    access.require(bool(access.listable_desks(principal(), "", here.reference.agencies, here.clock.now().date())))
    answered, theirs, mismatches = True, 0, []
    if provider is not None:
        try:
            statement = [(one.transaction, one.amount) for one in provider.statement(day)]
        except ProviderError:
            answered = False
        else:
            theirs = sum(amount for _, amount in statement)
            with here.store.read() as connection:
                ours = recorded(connection, provider.name, day, [transaction for transaction, _ in statement])
            mismatches = compare(statement, ours)
    return render_template(
        "intake/reconciliation.html",
        caller=caller(principal()),
        day=day,
        provider=provider is not None,
        answered=answered,
        theirs=theirs,
        mismatches=mismatches,
        missing=any(one.kind == MISSING_HERE for one in mismatches),
    )


@pages.post("/payments/reconciliation")
@roles("leader", agency="record")
def record() -> Response:
    """Records the money that only the statement knows; repeating it changes nothing."""
    here, provider, day = context(), provider_of(context()), _day(request.form.get("day", ""))
    access.require(bool(access.listable_desks(principal(), "", here.reference.agencies, here.clock.now().date())))
    place = make_response(redirect(url_for("reconciliation_pages.report", day=day.isoformat()), 303))
    if provider is not None:
        try:
            record_missing(here, provider, day)
        except ProviderError:
            return place  # the report says that the provider does not answer
    return place


def _day(text: str) -> date:
    """The day asked for; today where none can be read."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return context().clock.wall().astimezone(VIETNAM).date()
