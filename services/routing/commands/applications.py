"""The clock of applications: a desk is alerted two hours after one was filed, and answers within eight working hours.

Source: NĐ 118/2025, article 17.2. The numbers are those of the regulation under which it was filed. An application that is not answered in
time is escalated to the desk's leaders, and then to the centre's, by the same practice as an overdue dossier.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.routing.dossier import jurisdiction
from services.routing.dossier.control_sheet import operational_settings
from services.routing.store import applications
from services.routing.store.applications import TimedApplication
from shared.agencies.escalation import CENTRE, UNIT
from shared.calendar.answer_limits import AnswerLimits, answer_limits
from shared.calendar.deadlines import past_from
from shared.messaging.errors import NotYet
from shared.messaging.event import Event
from shared.persistence.unit_of_work import UnitOfWork

_RECHECK = timedelta(hours=8)
"""How often an application of which everybody was told is looked at again, since a day off may still move its limit."""


def on_dossier_filed(event: Event, work: UnitOfWork) -> None:
    """Begins to time the desk's answer.

    Raises:
        shared.messaging.errors.Conflict: another application of this code is known.
    """
    data = event.data
    row = {name: data[name] for name in ("channel", "procedure", "regulation", "filed_at")}
    row |= {"code": data["dossier"], "agency": data["receiving_agency"], "waiting_since": data["filed_at"]}
    applications.add(work.connection, row | {"escalation": 0, "next_check_at": data["filed_at"]})


def on_supplement_requested(event: Event, work: UnitOfWork) -> None:
    """Stops the desk's time: it has answered, and waits for the applicant.

    Raises:
        NotYet: the application is not known here yet.
    """
    found, at = _lock(work, event), event.data["requested_at"]
    answered = found.supplemented_at is not None and at <= found.supplemented_at
    still_runs: dict[str, Any] = {} if answered or found.ended_at is not None else {"next_check_at": None}
    applications.change(work.connection, found.code, supplement_requested_at=at, **still_runs)


def on_supplemented(event: Event, work: UnitOfWork) -> None:
    """Lets the desk's time run anew.

    Raises:
        NotYet: the application is not known here yet.
    """
    found, at = _lock(work, event), event.data["supplemented_at"]
    if found.ended_at is not None or found.supplemented_at is not None:
        return
    anew = {"alerted_at": None, "overdue_at": None, "escalation": 0, "next_check_at": at}
    applications.change(work.connection, found.code, supplemented_at=at, waiting_since=at, **anew)


def on_dossier_accepted_online(event: Event, work: UnitOfWork) -> None:
    """Ends the desk's time: the dossier is received, and its own clock runs.

    Raises:
        NotYet: the application is not known here yet.
    """
    _end(work, event, event.data["accepted_at"])


def on_dossier_refused(event: Event, work: UnitOfWork) -> None:
    """Ends the desk's time: the application is refused.

    Raises:
        NotYet: the application is not known here yet.
    """
    _end(work, event, event.data["refused_at"])


def on_application_closed(event: Event, work: UnitOfWork) -> None:
    """Ends the desk's time: the application was withdrawn, or closed for want of papers.

    Raises:
        NotYet: the application is not known here yet.
    """
    _end(work, event, event.data["closed_at"])


def check_application(work: UnitOfWork, code: str) -> bool:
    """Alerts the desk and tells leaders as far as it is time for it; returns whether anybody was told."""
    found = applications.lock(work.connection, code)
    if found is None or found.next_check_at is None:
        return False
    limits, now = _limits(work, found), work.now
    values: dict[str, Any] = {}
    if limits.alert_at is not None and limits.alert_at <= now and found.alerted_at is None:
        values["alerted_at"] = now
        _emit(work, "application.unanswered", found, limits, alerted_at=now)
    reached = _escalation(work, found, limits, now)
    for level in range(found.escalation + 1, reached + 1):
        values |= {"escalation": level, "overdue_at": found.overdue_at or now}
        _emit(work, "application.overdue", found, limits, escalation=level, overdue_at=found.overdue_at or now)
    applications.change(work.connection, code, **values, next_check_at=_next_check(work, found, limits, reached))
    return bool(values)


def _end(work: UnitOfWork, event: Event, at: datetime) -> None:
    found = _lock(work, event)
    if found.ended_at is None:
        applications.change(work.connection, found.code, ended_at=at, next_check_at=None)


def _lock(work: UnitOfWork, event: Event) -> TimedApplication:
    found = applications.lock(work.connection, event.data["dossier"])
    if found is None:
        raise NotYet(f"application {event.data['dossier']} is not known yet")
    return found


def _limits(work: UnitOfWork, found: TimedApplication) -> AnswerLimits:
    calendar = jurisdiction.calendar_of(work.reference, found.agency, work.now)
    return answer_limits(found.waiting_since, calendar, work.reference.regulations.get(found.regulation))


def _moments(work: UnitOfWork, found: TimedApplication, answer_by: datetime) -> dict[int, datetime]:
    """When each escalation is due."""
    late_from, thresholds = past_from(answer_by), operational_settings().dossier
    calendar = jurisdiction.calendar_of(work.reference, found.agency, work.now)
    to_unit = thresholds.unit_leader_minutes
    to_centre = to_unit + thresholds.centre_leader_minutes
    return {
        level: max(late_from, calendar.add_working_minutes(answer_by, minutes).at if minutes else late_from)
        for level, minutes in ((UNIT, to_unit), (CENTRE, to_centre))
    }


def _escalation(work: UnitOfWork, found: TimedApplication, limits: AnswerLimits, now: datetime) -> int:
    if limits.answer_by is None:
        return 0
    return max((level for level, at in _moments(work, found, limits.answer_by).items() if at <= now), default=0)


def _next_check(work: UnitOfWork, found: TimedApplication, limits: AnswerLimits, reached: int) -> datetime:
    """When to look again; always some time, since the desk still has to answer."""
    ahead = [limits.alert_at] if limits.alert_at is not None else []
    if limits.answer_by is not None:
        ahead += [at for level, at in _moments(work, found, limits.answer_by).items() if level > reached]
    return min((at for at in ahead if at > work.now), default=work.now + _RECHECK)


def _emit(work: UnitOfWork, name: str, found: TimedApplication, limits: AnswerLimits, **data: object) -> None:
    common = {"dossier": found.code, "agency": found.agency, "channel": found.channel, "answer_by": limits.answer_by}
    work.emit(name, common | {"waiting_since": found.waiting_since} | data)
