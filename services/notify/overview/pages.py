"""The pages of messages: what waits and how providers do, the messages of a dossier, those that failed, and costs."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for

from services.notify import access
from services.notify.channels.health.queries import provider_health
from services.notify.contacts.domain import mask_address
from services.notify.messages.queries import DeliveryRow, agencies_of_dossier, deliveries_of_dossier
from services.notify.overview.commands import resend
from services.notify.overview.domain import BADGES, CHANNEL_LABELS, RESENDABLE, STATE_LABELS
from services.notify.overview.frame import caller, place_after
from services.notify.overview.price_loader import prices_on
from services.notify.overview.provider_states import shown_providers
from services.notify.overview.queries import PAGE_SIZE, channel_loads, costs, provider_records, troubled
from services.notify.overview.reasons import reason_label
from services.notify.parked.queries import parked_of
from services.notify.problems import PROBLEMS, domain_errors_as_problems
from services.notify.templates.domain import fill_public_url
from services.notify.templates.labels import label_of
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles, scope_checked
from shared.web.domain_errors import problem_for
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

SINCE = timedelta(hours=24)
MAX_CODE = 100
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")

pages = page_blueprint("notify", __name__, "message_pages")


@pages.get("/")
@roles(*access.MESSAGE_READERS, agency="record")
@domain_errors_as_problems()
def overview() -> str:
    """What waits in each channel, how each provider stands, and what it has done in the last day."""
    here = context()
    _own_agencies()
    now = here.clock.now()
    with here.store.read() as connection:
        loads, records = channel_loads(connection), provider_records(connection, now - SINCE)
        measured = provider_health(connection)
    return render_template(
        "notify/overview.html",
        caller=caller(principal()),
        loads=loads,
        providers=shown_providers(measured, here.clock.wall()),
        records=records,
        channels=CHANNEL_LABELS,
    )


@pages.get("/dossiers")
@roles(*access.MESSAGE_READERS, agency="record")
@domain_errors_as_problems()
def find() -> Response:
    """Leads from the form with a dossier's code to its messages."""
    _own_agencies()
    code = request.args.get("code", "").strip()[:MAX_CODE]
    place = url_for("message_pages.of_dossier", code=code) if code else url_for("message_pages.overview")
    return make_response(redirect(place, 303))


@pages.get("/dossiers/<code>")
@roles(*access.MESSAGE_READERS, agency="record")
@audited
@domain_errors_as_problems()
def of_dossier(code: str) -> str:
    """All messages of a dossier by all channels, with masked addresses."""
    return _dossier_page(code)


@pages.post("/dossiers/<code>")
@roles(*access.MESSAGE_READERS, agency="record")
@domain_errors_as_problems()
def send_again(code: str) -> Response:
    """Sends one of a dossier's messages once more."""
    _require_reader(code)
    delivery = request.form.get("delivery", "")[:36]
    try:
        context().store.run(lambda work: resend(work, code, delivery))
    except tuple(PROBLEMS) as error:
        refused = problem_for(PROBLEMS, error)
        if refused.status == 404:
            raise refused from error
        return make_response(_dossier_page(code, refused), refused.status)
    return redirect_with_notice(url_for("message_pages.of_dossier", code=code))


@pages.get("/failed")
@roles(*access.PARKED_READERS, agency="record")
@audited
@domain_errors_as_problems()
def failed() -> str:
    """The caller's agencies' messages that failed, came back, or wait for another attempt, newest first; and parked events."""
    agencies = _own_agencies() if principal().has(*access.MESSAGE_READERS) else frozenset()
    of_parked = _parked_agencies()
    after = place_after(request.args.get("after", ""))
    with context().store.read() as connection:
        rows = troubled(connection, agencies, after, PAGE_SIZE + 1)
        parked = parked_of(connection, of_parked)
    record_reading("messages", principal().agency)
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    following = (
        "" if last is None else url_for("message_pages.failed", after=f"{last.created_at.isoformat()} {last.id}")
    )
    return render_template(
        "notify/failed.html",
        caller=caller(principal()),
        rows=[(_shown(row), row) for row in rows[:PAGE_SIZE]],
        resendable=RESENDABLE,
        beginning=url_for("message_pages.failed") if after else "",
        following=following,
        parked=parked,
        may_replay=principal().has(*access.PARKED_REPLAYERS),
        notice=one_time_notice(),
        **_labels(),
    )


@pages.get("/costs")
@roles(*access.MESSAGE_READERS, agency="record")
@domain_errors_as_problems()
def cost_report() -> str:
    """What the caller's agencies' messages of a month have cost."""
    agencies, here = _own_agencies(), context()
    today = here.clock.now().astimezone(VIETNAM).date()
    month = request.args.get("month", "")
    first = date.fromisoformat(f"{month}-01") if _MONTH.fullmatch(month) else today.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    begins, ends = (datetime(day.year, day.month, 1, tzinfo=VIETNAM) for day in (first, following))
    prices = prices_on(first)
    with here.store.read() as connection:
        rows = costs(connection, agencies, begins, ends)
    priced = [(row, prices.cost(row.channel, row.segments, row.provider)) for row in rows]
    return render_template(
        "notify/costs.html",
        caller=caller(principal()),
        rows=priced,
        total=sum(cost for _, cost in priced),
        month=f"{first:%Y-%m}",
        channels=CHANNEL_LABELS,
        prices=prices,
    )


def _own_agencies() -> frozenset[str]:
    here = context()
    found = access.own_agencies(principal(), here.reference.agencies, here.clock.now().date())
    scope_checked()
    return found


def _parked_agencies() -> frozenset[str] | None:
    here = context()
    found = access.parked_agencies(principal(), here.reference.agencies, here.clock.now().date())
    scope_checked()
    return found


def _require_reader(code: str) -> None:
    here = context()
    with here.store.read() as connection:
        concerned = agencies_of_dossier(connection, code)
    access.require_message_reader(principal(), concerned, here.reference.agencies, here.clock.now().date())
    scope_checked()


def _dossier_page(code: str, problem: Problem | None = None) -> str:
    _require_reader(code)
    with context().store.read() as connection:
        rows = deliveries_of_dossier(connection, code)
    record_reading("messages", code)
    return render_template(
        "notify/dossier_messages.html",
        caller=caller(principal()),
        code=code,
        rows=[(_shown(row), row) for row in rows],
        resendable=RESENDABLE,
        problem=problem,
        notice=one_time_notice(),
        **_labels(),
    )


def _shown(row: DeliveryRow) -> dict[str, Any]:
    public_url = context().settings.public_url
    return asdict(row) | {
        "address": mask_address(row.channel, row.address) if row.address else "",
        "text": fill_public_url(row.text, public_url),
        "label": label_of(row.kind),
        "reason": reason_label(row.reason),
    }


def _labels() -> dict[str, Any]:
    return {"channels": CHANNEL_LABELS, "states": STATE_LABELS, "badges": BADGES}
