"""What pages show of assessments, by who looks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from services.rating import access
from services.rating.rankings.assessments import store
from services.rating.rankings.assessments.domain import (
    AT_DEPARTMENT,
    SEEN_BY_OFFICIAL,
    Action,
    AssessmentError,
    AssessmentState,
    UnknownAssessment,
    following,
)
from services.rating.rankings.assessments.figures import span_of
from services.rating.rankings.assessments.findings import NamedComplaint, complaints_about
from services.rating.rankings.assessments.store import Assessment, Entry
from shared.agencies import Agencies
from shared.auth import Principal
from shared.runtime.clock import VIETNAM

MOST = 500


@dataclass(frozen=True, slots=True)
class Lists:
    """The assessments of a year that somebody may see.

    Attributes:
        led: that their agencies make; of an auditor all.
        received: that were sent to their department.
    """

    led: Sequence[Assessment]
    received: Sequence[Assessment]


@dataclass(frozen=True, slots=True)
class AssessmentView:
    """One assessment as somebody sees it.

    Attributes:
        one: as stored.
        figures: name, position and what was counted.
        entries: what was done, in order; without the words.
        complaints: about the official, for who drafts; empty for others.
        may: the actions that are open to who looks.
    """

    one: Assessment
    figures: dict[str, Any]
    entries: Sequence[Entry]
    complaints: Sequence[NamedComplaint]
    may: frozenset[Action]


def lists(connection: Connection, actor: Principal, agencies: Agencies, year: int, today: date) -> Lists:
    """The assessments of a year for a leader or an auditor."""
    if actor.has("auditor"):
        return Lists(store.of_agencies(connection, None, year, MOST), [])
    led = access.led_agencies(actor, agencies, today)
    return Lists(store.of_agencies(connection, led, year, MOST), store.received(connection, led, year, MOST))


def view_of(connection: Connection, actor: Principal, id_: str, agencies: Agencies, now: datetime) -> AssessmentView:
    """One assessment, if the actor may see it as it now is.

    Raises:
        UnknownAssessment: there is none for them.
        services.rating.access.WrongAgency: it is another agency's.
    """
    found, today = store.find(connection, id_), now.astimezone(VIETNAM).date()
    if found is None:
        raise UnknownAssessment(id_)
    led = access.led_agencies(actor, agencies, today)
    own = found.official == actor.subject and found.state in SEEN_BY_OFFICIAL
    leads = found.agency in led and found.official != actor.subject
    receives = found.home_agency in led and found.state in AT_DEPARTMENT
    if not (own or leads or receives or actor.has("auditor")):
        raise UnknownAssessment(id_) if found.official == actor.subject else access.WrongAgency
    figures = found.figures
    drafts = leads and found.state == AssessmentState.DRAFTED
    return AssessmentView(
        found,
        figures,
        store.entries_of(connection, id_),
        complaints_about(connection, found.official, span_of(figures)) if drafts else [],
        frozenset(_open_actions(found, own, leads, receives, now)),
    )


def _open_actions(found: Assessment, own: bool, leads: bool, receives: bool, now: datetime) -> list[Action]:
    over = found.comment_until is not None and now > found.comment_until
    wanted = [Action.COMMENT] if own and not over else []
    if leads:
        wanted += [Action.EDIT, Action.SHOW, Action.REVISE, Action.CANCEL]
        wanted += [Action.SIGN] if over or found.state == AssessmentState.COMMENTED else []
    wanted += [Action.ACKNOWLEDGE] if receives else []
    return [action for action in wanted if _allowed(found.state, action)]


def _allowed(state: AssessmentState, action: Action) -> bool:
    try:
        following(state, action)
    except AssessmentError:
        return False
    return True
