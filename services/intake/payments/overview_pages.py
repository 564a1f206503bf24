"""The entrance to everything about money at a desk: what waits, and where it is done."""

from __future__ import annotations

from flask import render_template

from services.intake import access
from services.intake.dossiers.pages import caller
from services.intake.payments.closing import store as closing
from services.intake.payments.refunds import store as refunds
from services.intake.payments.transfers import store as transfers
from services.intake.payments.waivers import store as waivers
from shared.web.authorization import principal, roles
from shared.web.pages import page_blueprint
from shared.web.views import context

MANY = 100

pages = page_blueprint("intake", __name__, "payment_overview_pages")


@pages.get("/payments")
@roles("clerk", "leader", agency="record")
def overview() -> str:
    """How many waivers, refunds, open days and payments to be paid on wait; the way to each, and to the reconciliation."""
    here, viewer = context(), principal()
    now = here.clock.now()
    desks = access.listable_desks(viewer, "", here.reference.agencies, now.date())
    access.require(bool(desks))
    overseen = access.overseen_desks(viewer, here.reference.agencies, now.date())
    with here.store.read() as connection:
        late = transfers.overdue_by_desk(connection, overseen, now)
        return render_template(
            "intake/payments_overview.html",
            caller=caller(viewer),
            waivers=waivers.count_asked(connection, desks),
            refunds=len(refunds.waiting(connection, desks, MANY)),
            open_days=len(closing.open_days(connection, desks, viewer.subject)),
            transfers=transfers.count(connection, desks),
            overdue=sum(one.payments for one in late),
            overdue_since=late[0].oldest if late else None,
            leads=viewer.has("leader"),
        )
