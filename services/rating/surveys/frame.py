"""What the staff pages of surveys share: who looks, which campaign they look at, and what went wrong with a form."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.rating import access
from services.rating.surveys import store
from services.rating.surveys.domain import State, UnknownSurvey
from services.rating.surveys.store import Survey
from shared.auth import Principal
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, scope_checked
from shared.web.views import context

STATES = {
    State.DRAFT: (("Bản nháp", "Draft"), "plain"),
    State.OPEN: (("Đang nhận trả lời", "Open"), "busy"),
    State.CLOSED: (("Đã kết thúc", "Closed"), "waiting"),
    State.PUBLISHED: (("Đã công bố", "Published"), "good"),
}
"""State → what it is called, and the look of its badge."""
MAX_ID = 36


def caller(known: Principal) -> dict[str, Any]:
    """Who looks, as the frame of officials' pages shows it."""
    role = next((one for one in ("leader", "clerk", "auditor") if known.has(one)), "")
    return {"subject": known.subject, "agency": known.agency, "role": role}


def reach() -> frozenset[str]:
    """The agencies of the present leader: their own, those below and those merged into them."""
    here = context()
    return here.reference.agencies.descendants(principal().agency, here.clock.now().astimezone(VIETNAM).date())


def readable_survey(connection: Connection, id: str) -> Survey:
    """A campaign that the caller may read.

    Raises:
        UnknownSurvey: there is none of this id.
        services.rating.access.NotOrganiser: it is not theirs to read.
    """
    return _checked(connection, id, access.require_survey_reader)


def organised_survey(connection: Connection, id: str) -> Survey:
    """A campaign that the caller may change.

    Raises:
        UnknownSurvey: there is none of this id.
        services.rating.access.NotOrganiser: it is another agency's.
    """
    return _checked(connection, id, access.require_survey_organiser)


def _checked(connection: Connection, id: str, check: Any) -> Survey:
    scope_checked()
    here = context()
    survey = store.find_survey(connection, id[:MAX_ID])
    if survey is None:
        raise UnknownSurvey
    check(principal(), survey.organiser, here.reference.agencies, here.clock.now().astimezone(VIETNAM).date())
    return survey
