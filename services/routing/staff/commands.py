"""What a leader enters about the people of his agency: officials, absences with deputies, who is on duty at a centre."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.routing.commands.errors import NotAllowed
from services.routing.domain.absence import Absence, check_absence
from services.routing.domain.duty_roster import Duty, check_duty
from services.routing.domain.step_permissions import Official
from services.routing.staff import officials
from services.routing.staff import store as people
from services.routing.staff.substitution import leave_calendar
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork


def enter_official(work: UnitOfWork, official: Official) -> Official:
    """Enters an official of an agency, or his new role there.

    Args:
        work: the transaction.
        official: by the identifier that his tokens carry.

    Raises:
        NotAllowed: he is another agency's, which has to take him off its list first.
    """
    known = officials.find(work.connection, official.subject)
    if known is not None and known.agency != official.agency:
        raise NotAllowed(
            "official_of_other_agency", "Cán bộ này thuộc cơ quan khác", "The official is of another agency"
        )
    officials.note(work.connection, official, work.now)
    return official


def enter_absence(work: UnitOfWork, agency: str, absence: Absence, by: str) -> dict[str, Any]:
    """Enters who is away from when to when, and who acts for him.

    Returns:
        The new row of the leave calendar.

    Raises:
        services.routing.domain.absence.AbsenceNotAllowed: as it says.
    """
    known = officials.of_agency(work.connection, agency)
    check_absence(absence, leave_calendar(work.connection, agency, absence.first), known)
    row = {
        "id": new_id(),
        "agency": agency,
        "official": absence.official,
        "first_day": absence.first,
        "last_day": absence.last,
        "deputy": absence.deputy,
        "entered_by": by,
        "entered_at": work.now,
    }
    people.add_absence(work.connection, row)
    return row


def enter_duty(work: UnitOfWork, duty: Duty, by: str) -> dict[str, Any]:
    """Says who of an agency is on duty at a centre on a day, and may sign there for it; a later word replaces an earlier one.

    Returns:
        The row of the roster.

    Raises:
        NotAllowed: there is no such official, or he is on duty at another centre on this day.
        services.routing.domain.duty_roster.DutyNotAllowed: as it says.
    """
    official = officials.find(work.connection, duty.official)
    if official is None:
        raise NotAllowed("official_unknown", "Không có cán bộ này", f"There is no official {duty.official}")
    check_duty(duty, official)
    elsewhere = people.duty_elsewhere(work.connection, duty.agency, duty.official, duty.day, duty.centre)
    if elsewhere is not None:
        raise NotAllowed(
            "duty_at_two_centres",
            f"Ngày này đã trực tại {elsewhere}",
            f"The official is on duty at {elsewhere} on this day",
        )
    row = {
        "agency": duty.agency,
        "centre": duty.centre,
        "day": duty.day,
        "official": duty.official,
        "entered_by": by,
        "entered_at": work.now,
    }
    people.set_duty(work.connection, row)
    return row


def enter_mandate(work: UnitOfWork, agency: str, official: str, first: date, last: date, by: str) -> dict[str, Any]:
    """Lets an official of another agency sign for this one while he is on duty.

    Returns:
        The row.

    Raises:
        NotAllowed: it would end before it begins.
    """
    if last < first:
        raise NotAllowed(
            "mandate_ends_before_it_begins", "Ngày cuối trước ngày đầu", "The last day is before the first"
        )
    row = {
        "agency": agency,
        "official": official,
        "first_day": first,
        "last_day": last,
        "entered_by": by,
        "entered_at": work.now,
    }
    people.set_mandate(work.connection, row)
    return row
