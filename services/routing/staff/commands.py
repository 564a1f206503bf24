"""What a leader enters about the agency's staff: officials, absences with deputies, who is on duty at a centre, mandates."""

from __future__ import annotations

from datetime import date

from services.routing.commands.errors import NotAllowed
from services.routing.domain.absence import Absence, check_absence
from services.routing.domain.duty_roster import Duty, check_duty
from services.routing.domain.step_permissions import Official
from services.routing.staff import officials, store
from services.routing.staff.store import AbsenceRow, DutyRow, MandateRow
from services.routing.staff.substitution import leave_calendar
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork


def official_unknown(subject: str) -> NotAllowed:
    """The refusal to name an official whom the agency does not have."""
    return NotAllowed("official_unknown", "Không có cán bộ này", f"There is no official {subject}")


def enter_official(work: UnitOfWork, official: Official) -> Official:
    """Enters an official of an agency, or their new role there; entries of other agencies stay as they are.

    Args:
        work: the transaction.
        official: by the identifier that their tokens carry.
    """
    officials.save(work.connection, official, work.now)
    return official


def enter_absence(work: UnitOfWork, agency: str, absence: Absence, by: str) -> AbsenceRow:
    """Enters an absence with its deputy in the leave calendar.

    Raises:
        services.routing.domain.absence.AbsenceNotAllowed: as it says.
    """
    known = officials.of_agency(work.connection, agency)
    check_absence(absence, leave_calendar(work.connection, agency, absence.first), known)
    row = AbsenceRow(
        id=new_id(),
        agency=agency,
        official=absence.official,
        first_day=absence.first,
        last_day=absence.last,
        deputy=absence.deputy,
        entered_by=by,
        entered_at=work.now,
    )
    store.add_absence(work.connection, row)
    return row


def enter_duty(work: UnitOfWork, duty: Duty, by: str) -> DutyRow:
    """Puts an official on duty at a centre on a day, where they may sign for the agency; replaces an earlier entry.

    Raises:
        NotAllowed: the agency has no such official, there is no such centre on this day, or they are on duty at another one.
        services.routing.domain.duty_roster.DutyNotAllowed: as it says.
    """
    official = officials.find(work.connection, duty.official, duty.agency)
    if official is None:
        raise official_unknown(duty.official)
    check_duty(duty, official)
    agencies = work.reference.agencies
    if not agencies.exists(duty.centre, duty.day) or "one_stop_desk" not in agencies.get(duty.centre, duty.day).roles:
        raise NotAllowed("centre_unknown", "Không có Bộ phận Một cửa này", f"There is no one-stop desk {duty.centre}")
    elsewhere = store.duty_elsewhere(work.connection, duty.agency, duty.official, duty.day, duty.centre)
    if elsewhere is not None:
        raise NotAllowed(
            "duty_at_two_centres",
            f"Ngày này đã trực tại {elsewhere}",
            f"The official is on duty at {elsewhere} on this day",
        )
    row = DutyRow(duty.agency, duty.centre, duty.day, duty.official, entered_by=by, entered_at=work.now)
    store.set_duty(work.connection, row)
    return row


def enter_mandate(work: UnitOfWork, agency: str, official: str, first: date, last: date, by: str) -> MandateRow:
    """Lets another agency's official sign for this agency while on duty.

    Raises:
        NotAllowed: no agency knows the official, or the mandate would end before it begins.
    """
    if last < first:
        raise NotAllowed(
            "mandate_ends_before_it_begins", "Ngày cuối trước ngày đầu", "The last day is before the first"
        )
    if not officials.is_known(work.connection, official):
        raise official_unknown(official)
    row = MandateRow(agency, official, first, last, entered_by=by, entered_at=work.now)
    store.set_mandate(work.connection, row)
    return row
