"""Who looks at the work queues, with all that is his concern today."""

from __future__ import annotations

from sqlalchemy import Connection

from services.routing.dossier.jurisdiction import day_of
from services.routing.staff.competence import work_of
from services.routing.staff.substitution import below, official_of, represented_by, signs_for
from services.routing.store.worklists import Viewer
from shared.auth import Principal
from shared.runtime.context import Context


def viewer_of(connection: Connection, here: Context, principal: Principal) -> Viewer:
    """The viewer that somebody is today.

    Args:
        connection: any.
        here: for agencies and the clock.
        principal: who asks.
    """
    now = here.clock.now()
    agencies, today, official = here.reference.agencies, day_of(now), official_of(principal)
    return Viewer(
        subject=principal.subject,
        officials=represented_by(connection, official, today),
        agencies=work_of(agencies, principal.agency, today),
        signing=signs_for(connection, agencies, official, today),
        below=below(agencies, principal.agency, today) if official.role == "leader" else frozenset(),
        now=now,
    )
