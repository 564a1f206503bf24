"""Who looks at the work queues, and which steps concern them today."""

from __future__ import annotations

from sqlalchemy import Connection

from services.routing.domain.step_permissions import Actor
from services.routing.dossier.jurisdiction import day_of
from services.routing.staff.substitution import represented_by, signs_for
from services.routing.store.worklists import Viewer
from shared.agencies.escalation import centre_leaders, told_about, unit_leaders
from shared.runtime.context import Context


def viewer_of(connection: Connection, here: Context, actor: Actor) -> Viewer:
    """What concerns an actor today.

    Args:
        connection: any.
        here: for agencies and the clock.
        actor: who asks.
    """
    now = here.clock.now()
    agencies, today, official = here.reference.agencies, day_of(now), actor.official
    leads, nothing = official.role == "leader", frozenset[str]()
    return Viewer(
        subject=actor.subject,
        officials=represented_by(connection, official, today),
        agencies=agencies.handled_by(actor.agency, today),
        signing=signs_for(connection, agencies, official, today),
        below=agencies.descendants(actor.agency, today) if leads else nothing,
        told_units=told_about(agencies, actor.agency, today, unit_leaders) if leads else nothing,
        told_desks=told_about(agencies, actor.agency, today, centre_leaders) if leads else nothing,
        now=now,
    )
