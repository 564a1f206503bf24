"""Ends of an application other than the desk's decision: withdrawn by the applicant, or closed since the papers never came."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.intake.applications import store
from services.intake.applications.domain import Application, Status, SupplementTooLate, check_transition
from services.intake.dossiers.domain import state_fields
from shared.calendar.answer_limits import supplement_end
from shared.calendar.deadlines import is_past
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.runtime.context import Context
from shared.runtime.reference_data import Reference

CLOSED_AT_ONCE = 100


def withdraw_application(work: UnitOfWork, application: Application, reason: str) -> dict[str, Any]:
    """Records that the applicant withdraws what the desk has not received yet.

    Args:
        work: the transaction that has locked the application.
        application: as read.
        reason: the applicant's, may be empty; it does not leave intake.

    Raises:
        services.intake.applications.domain.WrongStatus: it was decided, withdrawn or closed before.
    """
    _end(work, application, Status.WITHDRAWN, work.now, withdrawal_reason=reason)
    return status_fields(application.code, Status.WITHDRAWN)


def close_unsupplemented(context: Context) -> int:
    """Closes applications whose papers did not come in time (NĐ 118/2025, article 19.5); returns how many."""
    with context.store.read() as connection:
        codes = store.unsupplemented(connection, context.clock.now(), CLOSED_AT_ONCE)
    return sum(context.store.run(lambda work, code=code: _close(work, code)) for code in codes)  # type: ignore[misc]


def _close(work: UnitOfWork, code: str) -> int:
    """Closes one application if its time is over as it is counted now: its last day may have been declared off meanwhile."""
    application = store.lock(work.connection, code)
    if application.status is not Status.SUPPLEMENT_REQUESTED or application.supplement_requested_at is None:
        return 0
    until = supplement_end_of(application, application.supplement_requested_at, work.reference)
    if until is None or not is_past(until, work.now):
        store.change(work.connection, application, application.status, supplement_until=until)
        return 0
    _end(work, application, Status.CLOSED, until)
    return 1


def supplement_end_of(application: Application, requested_at: datetime, reference: Reference) -> datetime | None:
    """Until when the applicant may send papers, by the desk's calendar as it is known now; None without an end.

    Args:
        application: as read.
        requested_at: when they were asked for.
        reference: for the calendar and the regulation.
    """
    calendar = reference.calendar(application.receiving_agency, requested_at.astimezone(VIETNAM).date())
    return supplement_end(requested_at, calendar, reference.regulations.get(application.regulation))


def check_in_time(application: Application, reference: Reference, now: datetime) -> None:
    """Checks that the papers come in time, until 24:00 of the last day (Civil Code 2015, article 148.6).

    Raises:
        SupplementTooLate: they do not.
    """
    if application.supplement_requested_at is None:
        return
    until = supplement_end_of(application, application.supplement_requested_at, reference)
    if until is not None and is_past(until, now):
        raise SupplementTooLate(until)


def status_fields(code: str, status: Status) -> dict[str, Any]:
    """Code, status and state as JSON answers show them."""
    labels = {"status": str(status), "status_label": status.vi, "status_label_en": status.en}
    return {"code": code, **labels, **state_fields(status.state)}


def _end(work: UnitOfWork, application: Application, status: Status, at: datetime, **values: Any) -> None:
    check_transition(application.status, status)
    store.change(work.connection, application, status, decided_at=at, **values)
    work.emit(
        "application.closed",
        {
            "dossier": application.code,
            "channel": application.channel,
            "receiving_agency": application.receiving_agency,
            "cause": "withdrawn" if status is Status.WITHDRAWN else "no_supplement",
            "closed_at": at,
        },
    )
