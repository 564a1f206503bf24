"""Officials of an agency, their absences and deputies, and leaders on duty at the centre, as the agency's leader enters them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import Connection

from services.routing import schemas
from services.routing.access import Access
from services.routing.api.blueprint import OFFICIALS, api
from services.routing.caller import caller_access
from services.routing.domain.absence import Absence
from services.routing.domain.duty_roster import Duty
from services.routing.domain.step_permissions import Official
from services.routing.dossier.jurisdiction import day_of
from services.routing.problems import domain_errors_as_problems
from services.routing.staff import commands, officials, store
from services.routing.staff.store import AbsenceRow, DutyRow, MandateRow
from shared.auth.tokens import MAX_SUBJECT
from shared.persistence.unit_of_work import UnitOfWork
from shared.text import has_unprintable
from shared.web.authorization import principal, roles, scope_checked
from shared.web.problem import Problem
from shared.web.views import command, context, query


@api.get("/officials")
@roles(*OFFICIALS, agency="record")
@query(schemas.StaffQuerySchema, schemas.OfficialsSchema)
def list_officials(connection: Connection, asked: dict[str, Any]) -> dict[str, Any]:
    """Lists the officials of one's own agency; leaders may name one below it."""
    return {"items": list(officials.of_agency(connection, _seen(connection, asked["agency"])).values())}


@api.put("/officials/<subject>")
@roles("leader", agency="record")
@command(schemas.OfficialEntrySchema, schemas.OfficialSchema)
def enter_official(work: UnitOfWork, body: dict[str, Any], subject: str) -> Official:
    """Enters an official of one's own agency or of one below it, by the identifier that their tokens carry."""
    agency = _managed(work.connection, body["agency"])
    _check_subject(subject)
    return commands.enter_official(work, Official(subject, agency, body["role"]))


@api.delete("/officials/<subject>")
@roles("leader", agency="record")
@command()
def drop_official(work: UnitOfWork, subject: str) -> dict[str, Any]:
    """Deletes an official who has left one's own agency."""
    if not officials.drop(work.connection, subject, _managed(work.connection)):
        raise Problem(404, "not-found")
    return {}


@api.get("/absences")
@roles(*OFFICIALS, agency="record")
@query(schemas.StaffQuerySchema, schemas.AbsencesSchema)
def list_absences(connection: Connection, asked: dict[str, Any]) -> dict[str, Any]:
    """Lists the absences of one's own agency that are not over; leaders may name one below it."""
    agency = _seen(connection, asked["agency"])
    return {"items": store.absences_of(connection, agency, day_of(context().clock.now()))}


@api.post("/absences")
@roles("leader", agency="record")
@command(schemas.AbsenceEntrySchema, schemas.AbsenceSchema, status=201)
def enter_absence(work: UnitOfWork, body: dict[str, Any]) -> AbsenceRow:
    """Enters an absence of an official of one's own agency, with the deputy."""
    agency = _managed(work.connection)
    absence = Absence(body["official"], body["first_day"], body["last_day"], body["deputy"])
    with domain_errors_as_problems():
        return commands.enter_absence(work, agency, absence, principal().subject)


@api.delete("/absences/<id_>")
@roles("leader", agency="record")
@command()
def drop_absence(work: UnitOfWork, id_: str) -> dict[str, Any]:
    """Deletes an absence from the leave calendar."""
    if not store.drop_absence(work.connection, id_, _managed(work.connection)):
        raise Problem(404, "not-found")
    return {}


@api.get("/duties")
@roles(*OFFICIALS, agency="record")
@query(schemas.DutiesQuerySchema, schemas.DutiesSchema)
def list_duties(connection: Connection, asked: dict[str, Any]) -> dict[str, Any]:
    """Lists who is on duty at a centre from today on; at one's own agency unless another is named."""
    centre = asked["centre"] or _seen(connection)
    scope_checked()
    return {"items": store.duties_at(connection, centre, day_of(context().clock.now()))}


@api.put("/duties/<centre>/<day>")
@roles("leader", agency="record")
@command(schemas.DutyEntrySchema, schemas.DutySchema)
def enter_duty(work: UnitOfWork, body: dict[str, Any], centre: str, day: str) -> DutyRow:
    """Puts an official of one's own agency on duty at a centre on a day, where they may sign for it."""
    duty = Duty(body["official"], _managed(work.connection), centre, _day(day))
    with domain_errors_as_problems():
        return commands.enter_duty(work, duty, principal().subject)


@api.delete("/duties/<centre>/<day>")
@roles("leader", agency="record")
@command()
def drop_duty(work: UnitOfWork, centre: str, day: str) -> dict[str, Any]:
    """Takes one's own agency's official off duty."""
    if not store.drop_duty(work.connection, _managed(work.connection), centre, _day(day)):
        raise Problem(404, "not-found")
    return {}


@api.put("/mandates/<official>")
@roles("leader", agency="record")
@command(schemas.MandateEntrySchema, schemas.MandateSchema)
def enter_mandate(work: UnitOfWork, body: dict[str, Any], official: str) -> MandateRow:
    """Lets an official of another agency sign for one's own while they are on duty, from a day to another."""
    agency = _managed(work.connection)
    _check_subject(official)
    with domain_errors_as_problems():
        return commands.enter_mandate(work, agency, official, body["first_day"], body["last_day"], principal().subject)


def _check_subject(subject: str) -> None:
    """Refuses a path that names nobody.

    Raises:
        Problem: 422.
    """
    if not 0 < len(subject) <= MAX_SUBJECT or has_unprintable(subject):
        vi, en = f"Mã cán bộ có 1 đến {MAX_SUBJECT} ký tự in được.", f"1 to {MAX_SUBJECT} printable characters."
        raise Problem(422, "invalid", errors=[{"field": "subject", "message": vi, "message_en": en}])


def _managed(connection: Connection, agency: str = "") -> str:
    """The agency whose staff the caller may change: the named one, else their own.

    Raises:
        Problem: 403.
    """
    return _allowed(connection, agency, Access.require_may_manage_staff)


def _seen(connection: Connection, agency: str = "") -> str:
    """The agency whose staff the caller may see: the named one, else their own.

    Raises:
        Problem: 403.
    """
    return _allowed(connection, agency, Access.require_may_see_staff)


def _allowed(connection: Connection, agency: str, require: Callable[[Access, str], None]) -> str:
    agency = agency or principal().agency
    with domain_errors_as_problems():
        require(caller_access(connection), agency)
    return agency


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Problem(404, "not-found", detail=f"{text} không phải là ngày.", detail_en=f"{text} is no day.") from error
