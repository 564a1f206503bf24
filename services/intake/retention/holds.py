"""Holding a dossier or an application, and ending that. Each hold stays on record with who began and who ended it."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.intake import access
from services.intake.applications.domain import Application
from services.intake.documents.issuing import lock_subject
from services.intake.dossiers.domain import Dossier
from services.intake.retention import store
from services.intake.retention.domain import AlreadyErased, LegalHold, end_of_hold, hold_reason
from shared.auth import Principal
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.random_bytes import random_hex

ID_BYTES = 16


def hold_dossier(
    work: UnitOfWork, subject: Dossier | Application, reason: str, last_day: date | None, by: str
) -> dict[str, Any]:
    """Keeps a dossier from being erased. One that is held already gets the new reason and period; the same again changes nothing.

    Args:
        work: the transaction that has locked it.
        subject: the dossier or application.
        reason: the complaint, the case or the inspection, as typed.
        last_day: of the period; None until somebody ends it.
        by: the subject of the leader's token.

    Raises:
        InvalidField: the reason is missing or not valid, or the day has passed.
        AlreadyErased: nothing is left to hold.
    """
    clean, until = hold_reason(reason), end_of_hold(last_day, work.now.date())
    if store.erased_at(work.connection, subject.code) is not None:
        raise AlreadyErased(subject.code)
    present = store.hold_of(work.connection, subject.code, work.now)
    if present is None or (present.reason, present.until) != (clean, until):
        store.end_hold(work, subject.code, by)
        hold = LegalHold(
            random_hex(ID_BYTES), subject.code, subject.receiving_agency, clean, work.now, by, until, None, ""
        )
        store.add_hold(work.connection, hold)
    return {"code": subject.code, "held": True, "changed_at": work.now}


def release_dossier(work: UnitOfWork, subject: Dossier | Application, by: str) -> dict[str, Any]:
    """Lets a dossier be erased when its time is over; arguments as for :func:`hold_dossier`."""
    store.end_hold(work, subject.code, by)
    return {"code": subject.code, "held": False, "changed_at": work.now}


def to_hold(work: UnitOfWork, code: str, actor: Principal) -> Dossier | Application:
    """The dossier or application, locked, for leaders of its desk and above.

    Raises:
        shared.web.problem.Problem: 403, another desk's.
        services.intake.dossiers.domain.UnknownDossier: there is none.
    """
    subject = lock_subject(work, code)
    access.require(access.may_hold_dossier(actor, subject.receiving_agency, work.reference.agencies, work.now.date()))
    return subject
