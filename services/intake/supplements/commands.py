"""What the desk does for a citizen on a dossier's way: takes the papers that were asked for, or notes that he takes it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Row

from services.intake.components import Components
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import State, shown_state
from services.intake.filing.domain.assessment import GivenPaper, add_papers, find_papers
from services.intake.payments import store as money
from services.intake.supplements import store as supplements
from services.intake.supplements.domain import after_supplement, check_supplement, check_withdrawal
from shared.persistence.unit_of_work import UnitOfWork


def supplement(
    work: UnitOfWork, parts: Components, row: Row[Any], given: Sequence[tuple[str, int]], note: str, clerk: str
) -> dict[str, Any]:
    """Takes the papers that an agency asked for; the clock runs anew when routing has heard of it (NĐ 118/2025, article 19.5).

    Args:
        work: the transaction.
        parts: the catalogue.
        row: the dossier, locked.
        given: code or name of each paper, and how many copies; what the case does not know is kept as an extra paper.
        note: anything worth keeping.
        clerk: the subject of the clerk's token.

    Returns:
        code, time, the papers handed in now, and the state.

    Raises:
        services.intake.supplements.domain.NoSupplementAsked: the dossier does not wait for papers.
    """
    check_supplement(State(row.state))
    procedure = parts.catalogue.version(work.connection, row.procedure, row.procedure_version)
    papers = find_papers(procedure.accepted_papers(row.case_code), given)
    present = [GivenPaper.from_dict(paper) for paper in orjson.loads(row.papers)]
    together = orjson.dumps([paper.as_dict() for paper in add_papers(present, papers)]).decode()
    supplements.answer(work.connection, row.code, work.now, note or None, clerk)
    *through, then = after_supplement(money.owes(work.connection, row.code))
    dossiers.change(work.connection, row, then, work.now, through, papers=together, supplemented_at=work.now)
    work.emit("dossier.supplemented", {"dossier": row.code, "papers": len(papers), "supplemented_at": work.now})
    shown = {"code": row.code, "supplemented_at": work.now, "papers": [paper.as_dict() for paper in papers]}
    return shown | shown_state(then)


def withdraw(work: UnitOfWork, row: Row[Any], reason: str) -> dict[str, Any]:
    """Notes that the citizen takes the dossier back, as he may until the result is there (NĐ 118/2025, article 21).

    Args:
        work: the transaction.
        row: the dossier, locked.
        reason: his, if he gives any; stays here.

    Returns:
        code, time and state.

    Raises:
        services.intake.supplements.domain.NotWithdrawable: the result is there, or the dossier is over.
    """
    check_withdrawal(State(row.state))
    kept: dict[str, Any] = {"withdrawn_at": work.now, "withdrawal_reason": reason or None}
    dossiers.change(work.connection, row, State.WITHDRAWAL_REQUESTED, work.now, **kept)
    announced = {"dossier": row.code, "receiving_agency": row.receiving_agency, "withdrawn_at": work.now}
    work.emit("dossier.withdrawn", announced)
    return {"code": row.code, "withdrawn_at": work.now, **shown_state(State.WITHDRAWAL_REQUESTED)}
