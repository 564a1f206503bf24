"""All dossiers and applications of a signed-in person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection

from services.intake.applications import store as applications
from services.intake.applications.domain import Application, Status
from services.intake.applications.endings import supplement_end_of
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import BADGES, PAYABLE, Dossier, State
from services.intake.mine.domain import Part, part_of
from services.intake.payments import store as payments
from services.intake.procedures.catalogue import Catalogue
from services.intake.results.delivery import chose_post
from services.intake.sign_in.domain import Citizen
from services.intake.supplements import store as supplements
from services.intake.supplements.form import open_requests
from shared.calendar.deadlines import is_past
from shared.runtime.reference_data import Reference

F = TypeVar("F", Dossier, Application)

MOST = 200
"""Dossiers and applications that are listed; the newest ones."""


def find_own(connection: Connection, citizen: Citizen, code: str) -> tuple[Dossier | Application, Part] | None:
    """A dossier of a signed-in person, or an application that is not yet one; None where it is not theirs, or there is none.

    Args:
        connection: any.
        citizen: signed in.
        code: as in the address.
    """
    found: Dossier | Application | None = dossiers.find(connection, code) or applications.find(connection, code)
    part = part_of(citizen, found) if found is not None else None
    return (found, part) if found is not None and part is not None else None


@dataclass(frozen=True, slots=True)
class OwnDossier:
    """One line of the list.

    Attributes:
        code: of the dossier.
        procedure: its name.
        part: the person's part.
        at: when it was received or filed.
        label: its state, in Vietnamese and in English.
        badge: the kind of badge of the state.
        to_do: what it asks of the citizen now, the most pressing one: ``supplement``, ``pay``, ``fetch`` or nothing.
        until: until when; None without an end.
        amount: what is to be paid, in đồng.
        over: whether nothing more follows.
    """

    code: str
    procedure: str
    part: Part
    at: datetime
    label: tuple[str, str]
    badge: str
    to_do: str = ""
    until: datetime | None = None
    amount: int = 0
    over: bool = False


def own_dossiers(
    connection: Connection, citizen: Citizen, catalogue: Catalogue, reference: Reference, now: datetime
) -> list[OwnDossier]:
    """A person's dossiers and applications, the newest first.

    Args:
        connection: any.
        citizen: signed in.
        catalogue: for the procedures' names.
        reference: for the ends of periods.
        now: business time.
    """
    number = citizen.id_number
    received = _theirs(citizen, dossiers.list_of_person(connection, number, MOST))
    codes = {dossier.code for dossier, _ in received}
    filed = _theirs(citizen, applications.list_of_person(connection, number, MOST))
    lines = [_dossier(connection, catalogue, dossier, part, now) for dossier, part in received]
    lines += [
        _application(connection, catalogue, reference, one, part, now) for one, part in filed if one.code not in codes
    ]
    return sorted(lines, key=lambda line: (line.at, line.code), reverse=True)[:MOST]


def _theirs(citizen: Citizen, found: Iterable[F]) -> list[tuple[F, Part]]:
    """What is really theirs: an index finds numbers, not kinds of documents."""
    return [(one, part) for one in found if (part := part_of(citizen, one)) is not None]


def _name(connection: Connection, catalogue: Catalogue, filed: Dossier | Application) -> str:
    return catalogue.version(connection, filed.procedure, filed.procedure_version).name


def _dossier(connection: Connection, catalogue: Catalogue, dossier: Dossier, part: Part, now: datetime) -> OwnDossier:
    return OwnDossier(
        dossier.code,
        _name(connection, catalogue, dossier),
        part,
        dossier.received_at,
        (dossier.state.vi, dossier.state.en),
        BADGES[dossier.state],
        **_asked_of_dossier(connection, dossier, now),
        over=dossier.state.final,
    )


def _asked_of_dossier(connection: Connection, dossier: Dossier, now: datetime) -> dict[str, Any]:
    if dossier.state is State.SUPPLEMENT_REQUESTED:
        ends = [one.until for one in open_requests(supplements.requests_of(connection, dossier.code)) if one.until]
        return {"to_do": "supplement", "until": min(ends, default=None)}
    if dossier.state in PAYABLE:
        owed = [one.amount for one in payments.obligations_of(connection, dossier.code) if one.paid_at is None]
        owed += [dossier.fee] if dossier.fee and dossier.fee_paid_at is None else []
        if owed:
            return {"to_do": "pay", "amount": sum(owed)}
    if dossier.state is State.RESOLVED and not chose_post(connection, dossier.code):
        return {"to_do": "fetch"}
    return {}


def _application(
    connection: Connection,
    catalogue: Catalogue,
    reference: Reference,
    application: Application,
    part: Part,
    now: datetime,
) -> OwnDossier:
    asked: dict[str, Any] = {}
    if application.status is Status.SUPPLEMENT_REQUESTED and application.supplement_requested_at is not None:
        until = supplement_end_of(application, application.supplement_requested_at, reference)
        if until is None or not is_past(until, now):
            asked = {"to_do": "supplement", "until": until}
    return OwnDossier(
        application.code,
        _name(connection, catalogue, application),
        part,
        application.filed_at,
        (application.status.vi, application.status.en),
        "waiting" if application.status is Status.SUPPLEMENT_REQUESTED else BADGES[application.status.state],
        **asked,
        over=application.status.over,
    )
