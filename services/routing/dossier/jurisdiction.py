"""Which agency does a step, and by which calendar and rules a dossier's time is counted."""

from __future__ import annotations

import json
from datetime import date, datetime

from services.routing.domain.measures import NewPromise, Terms
from services.routing.store import definitions
from services.routing.store.dossiers import Dossier
from shared.agencies import RoleNotFound, UnknownAgency
from shared.calendar import TimeLimit, WorkingCalendar
from shared.catalogue import Procedure
from shared.catalogue.route import Step
from shared.messaging.errors import Permanent
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.runtime.reference_data import Reference


class Unroutable(Permanent):
    """No agency can be found for a step; the event or the command succeeds once the agency data are corrected."""


def day_of(moment: datetime) -> date:
    """The date of a moment in Vietnam, by which agencies and their calendars are found."""
    return moment.astimezone(VIETNAM).date()


def agency_for(reference: Reference, step: Step, near: str, at: datetime) -> str:
    """The agency that does a step for the receiving agency `near` at a moment.

    Raises:
        Unroutable: there is none.
    """
    try:
        return reference.agencies.resolve(step.agency_role, near, day_of(at), step.agency_level or None).code
    except (RoleNotFound, UnknownAgency) as error:
        raise Unroutable(f"the route cannot go on: {error}") from error


def current_agency(reference: Reference, agency: str, at: datetime) -> str:
    """The agency that does an agency's work at a moment: itself or its successor; itself too when it has no successor."""
    try:
        return reference.agencies.successor(agency, day_of(at)).code
    except UnknownAgency:
        return agency


def calendar_of(reference: Reference, agency: str, at: datetime) -> WorkingCalendar:
    """The calendar of the agency that does an agency's work at a moment."""
    return reference.calendar(current_agency(reference, agency, at), day_of(at))


def receiving_calendar(reference: Reference, dossier: Dossier) -> WorkingCalendar:
    """The calendar by which a dossier's promise was made: the receiving agency's, as of the day of receipt."""
    return reference.calendar(dossier.receiving_agency, day_of(dossier.received_at))


def procedure_of(work: UnitOfWork, dossier: Dossier) -> Procedure:
    """The procedure in the version that a dossier pins.

    Raises:
        LookupError: it is not in the store.
    """
    found = definitions.find_pinned(work, dossier.procedure, dossier.version)
    if found is None:
        raise LookupError(f"procedure {dossier.procedure} version {dossier.version} is not in the store")
    return found


def terms_of(reference: Reference, dossier: Dossier, procedure: Procedure) -> Terms:
    """The terms by which a dossier's time is counted."""
    case = procedure.case(dossier.case)
    limit = procedure.limit_for(dossier.case, json.loads(dossier.chosen))
    return Terms(
        dossier.promise_moved_to or dossier.promised_at,
        TimeLimit.of(limit.unit, limit.amount),
        reference.regulations.get(dossier.regulation),
        case.remote_extra_days if dossier.remote else 0,
    )


def new_promises_of(dossier: Dossier) -> list[NewPromise]:
    """The dossier's re-appointment, and the due time that was last moved because its day was declared off, as far as there are any."""
    pairs = ((dossier.extended_at, dossier.extended_to), (dossier.moved_at, dossier.moved_to))
    return [NewPromise(at, due_at) for at, due_at in pairs if at is not None and due_at is not None]
