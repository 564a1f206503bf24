"""Handing a result over to the citizen."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from services.intake.documents.domain import RETURN, DocumentType
from services.intake.documents.due import note_due
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier, State, may_follow, state_fields
from services.intake.dossiers.official_acts import emit_handled
from services.intake.filing.domain.assessment import FiledPaper
from services.intake.results import store
from services.intake.results.domain import (
    HandOver,
    IdentityCheck,
    Method,
    NoResultFile,
    NotReturnable,
    check_early_return,
    give_back,
)
from services.intake.results.one_time_code import check_code, void_code
from shared.persistence.unit_of_work import UnitOfWork


def return_result(
    work: UnitOfWork, dossier: Dossier, hand_over: HandOver, clerk: str, one_time_code: str = ""
) -> dict[str, Any]:
    """Hands a result over to the citizen, or to the person they have sent.

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        hand_over: to whom, and how.
        clerk: the subject of the clerk's token.
        one_time_code: as typed, where the receiver is identified by it.

    Returns:
        code, state and time.

    Raises:
        services.intake.results.domain.NotReturnable: the dossier is in any state but "resolved".
        services.intake.results.domain.EarlyReturnNotAllowed: it is early and the citizen was not notified.
        services.intake.results.domain.NoResultFile: it is to be electronic and has no file.
        services.intake.results.one_time_code.WrongOneTimeCode: the code does not fit.
        services.intake.filing.domain.applicant.InvalidField: an original to give back is not in the desk's custody.
    """
    if not may_follow(dossier.state, State.RETURNED):
        raise NotReturnable(dossier.state)
    notified = _notified_by_clerk(dossier, hand_over, clerk, work.now)
    regulation = work.reference.regulations.get(dossier.regulation)
    notified_at = notified.get("result_notified_at", dossier.result_notified_at)
    check_early_return(regulation, dossier.due_at, work.now, notified_at)
    if hand_over.method is Method.ELECTRONIC and store.file_of(work.connection, dossier.code) is None:
        raise NoResultFile(f"dossier {dossier.code} has no file of its result")
    if hand_over.identity is IdentityCheck.ONE_TIME_CODE:
        check_code(work.connection, dossier.code, one_time_code, work.hash_key, work.clock.wall())
    values: dict[str, Any] = {
        "returned_at": work.now,
        "receiver_name": hand_over.receiver_name or None,
        "return_note": hand_over.note or None,
    }
    if hand_over.originals:
        papers = [FiledPaper.from_dict(paper) for paper in orjson.loads(dossier.papers)]
        after = give_back(papers, hand_over.originals, work.now)
        values["papers"] = orjson.dumps([paper.as_dict() for paper in after]).decode()
        values["originals_kept"] = sum(paper.in_custody for paper in after)
    dossiers.change(work, dossier, State.RETURNED, work.now, **values, **notified)
    void_code(work.connection, dossier.code)
    store.add_hand_over(work, dossier.code, hand_over, work.now, clerk)
    note_due(work, DocumentType.RETURN_SLIP, dossier.code, RETURN, clerk)
    _announce(work, dossier, hand_over, clerk)
    return {"code": dossier.code, "returned_at": work.now, **state_fields(State.RETURNED)}


def _announce(work: UnitOfWork, dossier: Dossier, hand_over: HandOver, clerk: str) -> None:
    work.emit(
        "dossier.returned",
        {
            "dossier": dossier.code,
            "procedure": dossier.procedure,
            "field": dossier.field,
            "receiving_agency": dossier.receiving_agency,
            "regulation": dossier.regulation,
            "returned_at": work.now,
            "method": str(hand_over.method),
        },
    )
    if hand_over.method is Method.COUNTER:
        about = {"dossier": dossier.code, "procedure": dossier.procedure, "field": dossier.field}
        emit_handled(work, "returned", clerk, dossier.receiving_agency, **about)
    if hand_over.method is Method.POST:
        posted = {"dossier": dossier.code, "receiving_agency": dossier.receiving_agency, "posted_at": work.now}
        work.emit("result.posted", posted | {"parcel": hand_over.parcel})


def _notified_by_clerk(dossier: Dossier, hand_over: HandOver, clerk: str, now: datetime) -> dict[str, Any]:
    """Columns that record the clerk's own notice; none if there was none, or a message came first."""
    earlier = dossier.result_notified_at is not None and dossier.result_notified_at <= now
    if not hand_over.citizen_notified or earlier:
        return {}
    return {"result_notified_at": now, "result_notified_by": clerk}
