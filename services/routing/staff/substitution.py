"""Who acts for whom today: deputies of absent officials, and leaders on duty at the centre."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import Connection

from services.routing.domain.absence import Absence, LeaveCalendar
from services.routing.domain.duty_roster import Duty, Mandate, led_by
from services.routing.domain.step_permissions import Official
from services.routing.staff import officials, store
from shared.agencies import Agencies


def leave_calendar(connection: Connection, agency: str, since: date) -> LeaveCalendar:
    """The absences of an agency's officials from a day on."""
    rows = store.absences_of(connection, agency, since)
    return LeaveCalendar(Absence(row.official, row.first_day, row.last_day, row.deputy) for row in rows)


def acting_official(connection: Connection, subject: str, agencies: Iterable[str], day: date) -> str | None:
    """Who does an official's work on a day: they themselves or a deputy; None: anybody of the agency.

    Args:
        connection: any.
        subject: the official's identifier.
        agencies: of which they may be an official, the likeliest first.
        day: the local day.
    """
    official = next(filter(None, (officials.find(connection, subject, agency) for agency in agencies)), None)
    if official is None:
        return subject
    leave = leave_calendar(connection, official.agency, day)
    acting = leave.acting_for(official, day, officials.of_agency(connection, official.agency))
    return acting.subject if acting else None


def represented_by(connection: Connection, official: Official, day: date) -> frozenset[str]:
    """Whose steps an official does on a day: their own, and those of absent colleagues for whom they act."""
    absent = {row.official for row in store.absences_of(connection, official.agency, day) if row.first_day <= day}
    if not absent:
        return frozenset({official.subject})
    colleagues = officials.of_agency(connection, official.agency) | {official.subject: official}
    leave = leave_calendar(connection, official.agency, day)
    return frozenset({official.subject}) | {
        subject
        for subject in absent
        if subject in colleagues
        and (acting := leave.acting_for(colleagues[subject], day, colleagues)) is not None
        and acting.subject == official.subject
    }


def signs_for(connection: Connection, agencies: Agencies, official: Official, day: date) -> frozenset[str]:
    """The agencies whose leader's steps an official may do on a day: their own if they lead it, and those they are on duty for."""
    own = agencies.handled_by(official.agency, day) if official.role == "leader" else frozenset()
    roster = [
        Duty(row.official, row.agency, row.centre, row.day)
        for row in store.duties_of(connection, official.subject, day)
    ]
    if not roster:
        return own
    mandates = [
        Mandate(row.agency, row.official, row.first_day, row.last_day)
        for row in store.mandates_of(connection, official.subject, day)
    ]
    led = led_by(official, day, roster, mandates, leave_calendar(connection, official.agency, day))
    return own.union(*(agencies.handled_by(code, day) for code in led))
