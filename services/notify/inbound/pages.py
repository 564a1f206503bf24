"""The page of inbound SMS: what citizens have asked about an agency's dossiers, and what they were answered."""

from __future__ import annotations

from flask import render_template, request, url_for

from services.notify import access
from services.notify.channels.domain import Channel
from services.notify.contacts.domain import mask_address
from services.notify.inbound.domain import answerable_number
from services.notify.inbound.labels import purpose_label, reply_label
from services.notify.inbound.queries import PAGE_SIZE, InboundRow, inbound_of
from services.notify.inbound.store import ANSWERED
from services.notify.overview.frame import caller, place_after
from services.notify.problems import domain_errors_as_problems
from shared.web.authorization import principal, roles, scope_checked
from shared.web.pages import page_blueprint
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

pages = page_blueprint("notify", __name__, "inbound_pages")


@pages.get("/inbound")
@roles(*access.MESSAGE_READERS, agency="record")
@audited
@domain_errors_as_problems()
def list_inbound() -> str:
    """Inbound SMS about dossiers that the caller's agencies have received, newest first, with masked numbers."""
    here = context()
    agencies = access.own_agencies(principal(), here.reference.agencies, here.clock.now().date())
    scope_checked()
    after = place_after(request.args.get("after", ""))
    with here.store.read() as connection:
        rows = inbound_of(connection, agencies, after, PAGE_SIZE + 1)
    record_reading("inbound-messages", principal().agency)
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    following = "" if last is None else _place(f"{last.received_at.isoformat()} {last.id}")
    return render_template(
        "notify/inbound.html",
        caller=caller(principal()),
        rows=[(row, _shown(row)) for row in rows[:PAGE_SIZE]],
        beginning=_place() if after else "",
        following=following,
    )


def _place(after: str | None = None) -> str:
    return url_for("inbound_pages.list_inbound", after=after)


def _shown(row: InboundRow) -> dict[str, object]:
    return {
        "sender": mask_address(Channel.SMS, answerable_number(row.sender, ())),
        "purpose": purpose_label(row.purpose),
        "answered": row.state == ANSWERED,
        "reply": reply_label(row.reply),
    }
