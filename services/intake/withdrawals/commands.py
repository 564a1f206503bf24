"""Recording that the citizen withdraws a dossier."""

from __future__ import annotations

from typing import Any

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier, State, state_fields
from services.intake.withdrawals.domain import check_withdrawal
from shared.persistence.unit_of_work import UnitOfWork


def withdraw_dossier(work: UnitOfWork, dossier: Dossier, reason: str) -> dict[str, Any]:
    """Records a withdrawal; routing then stops the dossier (NĐ 118/2025, article 21).

    Args:
        work: the transaction that has locked the dossier.
        dossier: as read.
        reason: the citizen's, may be empty; it does not leave intake.

    Returns:
        code, time and state.

    Raises:
        services.intake.withdrawals.domain.NotWithdrawable: there is a result, or the dossier is over.
    """
    check_withdrawal(dossier.state)
    values: dict[str, Any] = {"withdrawn_at": work.now, "withdrawal_reason": reason or None}
    dossiers.change(work, dossier, State.WITHDRAWAL_REQUESTED, work.now, **values)
    work.emit(
        "dossier.withdrawn",
        {"dossier": dossier.code, "receiving_agency": dossier.receiving_agency, "withdrawn_at": work.now},
    )
    return {"code": dossier.code, "withdrawn_at": work.now, **state_fields(State.WITHDRAWAL_REQUESTED)}
