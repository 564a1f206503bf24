"""Who acts for whom today: absences and deputies, leaders on duty at the centre, agencies below one's own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from sqlalchemy import Connection

from services.routing.domain.absence import Absence, LeaveCalendar
from services.routing.domain.duty_roster import Duty, Mandate, led_by
from services.routing.domain.step_permissions import RANKS, Official
from services.routing.staff import officials
from services.routing.staff import store as people
from services.routing.staff.competence import work_of
from shared.agencies import Agencies, UnknownAgency
from shared.auth import Principal


def official_of(principal: Principal) -> Official:
    """Whoever asks, with the highest of his roles that mean something for steps."""
    ranked = sorted(principal.roles & RANKS.keys(), key=lambda role: RANKS[role])
    role = ranked[-1] if ranked else ("agency" if principal.has("agency") else "")
    return Official(principal.subject, principal.agency, role)


def leave_calendar(connection: Connection, agency: str, since: date) -> LeaveCalendar:
    """The leave calendar of an agency's officials, from a day on."""
    rows = people.absences_of(connection, agency, since)
    return LeaveCalendar(Absence(row.official, row.first_day, row.last_day, row.deputy) for row in rows)


def acting_for(connection: Connection, subject: str, day: date) -> str | None:
    """Who does an official's work on a day: himself, a deputy, or None: anybody of the agency."""
    official = officials.find(connection, subject)
    if official is None:
        return subject
    leave = leave_calendar(connection, official.agency, day)
    acting = leave.acting_for(official, day, officials.of_agency(connection, official.agency))
    return acting.subject if acting else None


def represented_by(connection: Connection, viewer: Official, day: date) -> frozenset[str]:
    """Whose steps are an official's concern today: his own, and those of absent colleagues for whom he acts."""
    away = {row.official for row in people.absences_of(connection, viewer.agency, day) if row.first_day <= day}
    if not away:
        return frozenset({viewer.subject})
    colleagues = officials.of_agency(connection, viewer.agency) | {viewer.subject: viewer}
    leave = leave_calendar(connection, viewer.agency, day)
    return frozenset({viewer.subject}) | {
        subject
        for subject in away
        if subject in colleagues
        and (acting := leave.acting_for(colleagues[subject], day, colleagues)) is not None
        and acting.subject == viewer.subject
    }


def signs_for(connection: Connection, agencies: Agencies, viewer: Official, day: date) -> frozenset[str]:
    """The agencies whose leader's steps somebody may do today: his own if he leads it, and what being on duty adds."""
    own = work_of(agencies, viewer.agency, day) if viewer.role == "leader" else frozenset()
    roster = [
        Duty(row.official, row.agency, row.centre, row.day) for row in people.duties_of(connection, viewer.subject, day)
    ]
    if not roster:
        return own
    mandates = [
        Mandate(row.agency, row.official, row.first_day, row.last_day)
        for row in people.mandates_of(connection, viewer.subject, day)
    ]
    led = led_by(viewer, day, roster, mandates, leave_calendar(connection, viewer.agency, day))
    return own | _with_merged(agencies, led, day)


def _with_merged(agencies: Agencies, codes: Iterable[str], day: date) -> frozenset[str]:
    return frozenset().union(*(work_of(agencies, code, day) for code in codes))


@lru_cache(maxsize=1024)
def below(agencies: Agencies, code: str, day: date) -> frozenset[str]:
    """An agency and all under it: those for whose work its leader answers, with what was merged into them.

    Args:
        agencies: all of all times.
        code: the agency; empty for nobody.
        day: as of when.
    """
    if not code:
        return frozenset()
    found = {code}
    for agency in agencies.all(day):
        if _is_under(agencies, agency.code, code, day):
            found.add(agency.code)
    return _with_merged(agencies, found, day)


def _is_under(agencies: Agencies, code: str, above: str, day: date) -> bool:
    seen: set[str] = set()
    try:
        agency = agencies.get(code, day)
        while agency.parent is not None and agency.parent not in seen:
            if agency.parent == above:
                return True
            seen.add(agency.parent)
            agency = agencies.get(agency.parent, day)
    except UnknownAgency:
        return False
    return False
