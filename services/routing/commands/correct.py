"""The agency's own error in a result (NĐ 118/2025, article 23.1)."""

from __future__ import annotations

from services.routing.commands.load import load_citizens_dossier
from services.routing.domain.correction import check_correction
from services.routing.domain.states import DossierState
from services.routing.dossier import correction
from services.routing.store import tasks
from services.routing.store.tasks import CORRECTION, Task
from shared.persistence.unit_of_work import UnitOfWork


def correct_result(work: UnitOfWork, code: str, reason: str, own_error: bool, by: str) -> Task:
    """Opens the correction of a result: the handling agency gets it in its worklist, with the law's deadline.

    Args:
        work: the transaction.
        code: the citizen's dossier, resolved or returned.
        reason: what is wrong.
        own_error: whether the error is the agency's own.
        by: who found it.

    Returns:
        The correction as a task.

    Raises:
        UnknownDossier: there is none.
        services.routing.domain.correction.CorrectionNotAllowed: there is no result, the error is not the agency's own, or another
            correction is open.
    """
    transaction = load_citizens_dossier(work, code, frozenset(DossierState))
    is_open = any(task.kind == CORRECTION for task in tasks.open_of_root(work.connection, code))
    check_correction(transaction.regulation, DossierState(transaction.root.state), own_error, is_open)
    return correction.begin(transaction, reason, by)
