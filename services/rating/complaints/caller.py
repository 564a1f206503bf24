"""Who sends the present request, and what they may do with complaints."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from services.rating.complaints.access import Access, Actor
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, scope_checked
from shared.web.views import context

_RANKS = ("leader", "officer", "clerk", "auditor")


@dataclass(frozen=True, slots=True)
class Caller:
    """What the frame of officials' pages shows: subject, agency and the highest role."""

    subject: str
    agency: str
    role: str


def caller() -> Caller:
    """The official whom the request's token names."""
    known = principal()
    return Caller(known.subject, known.agency, next((role for role in _RANKS if known.has(role)), ""))


def caller_access(connection: Connection) -> Access:
    """What the caller may do now; a check that passes also satisfies the route's ``agency="record"``."""
    here, known = context(), principal()
    today = here.clock.now().astimezone(VIETNAM).date()
    actor = Actor(known.subject, known.agency, known.roles)
    return Access(connection, here.reference.agencies, actor, today, scope_checked)
