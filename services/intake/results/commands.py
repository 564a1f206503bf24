"""Handing a result over to the citizen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier, State, may_follow, state_fields
from services.intake.results.domain import NotReturnable, check_early_return
from shared.persistence.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class ResultHandOver:
    """How a result is handed over.

    Attributes:
        receiver_name: who takes it, if not the applicant.
        note: the clerk's remark.
        citizen_notified: whether the clerk has notified the citizen of the result, by telephone or at the desk.
        clerk: the subject of the clerk's token.
    """

    receiver_name: str
    note: str
    citizen_notified: bool
    clerk: str


def return_result(work: UnitOfWork, dossier: Dossier, hand_over: ResultHandOver) -> dict[str, Any]:
    """Hands a result over to the citizen, or to the person they have sent.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        hand_over: to whom, and how.

    Returns:
        code, state and time.

    Raises:
        services.intake.results.domain.NotReturnable: the dossier is in any state but "resolved".
        services.intake.results.domain.EarlyReturnNotAllowed: it is early and the citizen was not notified.
    """
    if not may_follow(dossier.state, State.RETURNED):
        raise NotReturnable(dossier.state)
    notified = _notified_by_clerk(dossier, hand_over, work.now)
    regulation = work.reference.regulations.get(dossier.regulation)
    notified_at = notified.get("result_notified_at", dossier.result_notified_at)
    check_early_return(regulation, dossier.due_at, work.now, notified_at)
    values: dict[str, Any] = {
        "returned_at": work.now,
        "receiver_name": hand_over.receiver_name or None,
        "return_note": hand_over.note or None,
    }
    dossiers.change(work.connection, dossier, State.RETURNED, work.now, **values, **notified)
    work.emit(
        "dossier.returned",
        {
            "dossier": dossier.code,
            "procedure": dossier.procedure,
            "field": dossier.field,
            "receiving_agency": dossier.receiving_agency,
            "returned_at": work.now,
        },
    )
    return {"code": dossier.code, "returned_at": work.now, **state_fields(State.RETURNED)}


def _notified_by_clerk(dossier: Dossier, hand_over: ResultHandOver, now: datetime) -> dict[str, Any]:
    """Columns that record the clerk's own notice; none if there was none, or a message came first."""
    earlier = dossier.result_notified_at is not None and dossier.result_notified_at <= now
    if not hand_over.citizen_notified or earlier:
        return {}
    return {"result_notified_at": now, "result_notified_by": hand_over.clerk}
