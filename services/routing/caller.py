"""Who sends the present request, as an actor of routing."""

from __future__ import annotations

from sqlalchemy import Connection

from services.routing.access import Access
from services.routing.domain.step_permissions import Actor
from shared.web.authorization import principal, scope_checked
from shared.web.views import context


def caller() -> Actor:
    """The actor whom the request's token names."""
    known = principal()
    return Actor(known.subject, known.agency, known.roles)


def caller_access(connection: Connection) -> Access:
    """What the caller may see and do now; a check that passes also satisfies the route's ``agency="record"``."""
    here = context()
    return Access(connection, here.reference.agencies, caller(), here.clock.now(), scope_checked)
