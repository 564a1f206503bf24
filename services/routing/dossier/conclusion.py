"""A dossier ends: with its result, without one, or, for a sub-dossier, as the end of its parent's step."""

from __future__ import annotations

from services.routing.apologies import drafting
from services.routing.domain.states import DossierState
from services.routing.dossier import clock, completion, jurisdiction
from services.routing.dossier.errors import StaleState
from services.routing.dossier.transaction import DossierTransaction
from services.routing.metrics import count_decided
from services.routing.store import dossiers, tasks
from services.routing.store.tasks import STEP, Task
from shared.calendar.deadlines import is_past


def resolve(transaction: DossierTransaction, outcome: str) -> None:
    """The citizen's dossier has reached the end of its route: its result is at the one-stop desk."""
    intervals, resolved_at = clock.stop(transaction)
    law, index = clock.by_law(transaction, intervals, resolved_at), clock.by_index(transaction, intervals, resolved_at)
    on_time = law.on_time and transaction.root.overdue_at is None
    _end(
        transaction,
        DossierState.RESOLVED,
        outcome=outcome,
        resolved_at=resolved_at,
        on_time=on_time,
        index_on_time=index.on_time,
    )
    count_decided(transaction.work, transaction.root, on_time)
    transaction.emit(
        "dossier.resolved",
        outcome=outcome,
        agency=transaction.root.handling_agency,
        promised_at=transaction.root.promised_at,
        due_at=transaction.root.due_at,
        resolved_at=resolved_at,
        on_time=on_time,
        index_on_time=index.on_time,
        **({"handed_over": True} if transaction.handed_over else {}),
    )


def end_without_result(transaction: DossierTransaction, cause: str, reason: str = "", by: str | None = None) -> None:
    """Ends a dossier that was withdrawn by the citizen, not supplemented, or stopped by a leader.

    Args:
        transaction: of the citizen's dossier.
        cause: one of :data:`shared.contracts.routing.STOP_CAUSES`.
        reason: in words, for the notice (form 05); may be empty.
        by: the leader who stops it.
    """
    open_steps = [
        task for task in tasks.open_of_root(transaction.connection, transaction.root.code) if task.kind == STEP
    ]
    if open_steps:
        clock.mark_overdue(transaction, open_steps[0])
    completion.cancel_all(transaction, cause)
    end_subs(transaction)
    intervals, stopped_at = clock.stop(transaction)
    index = clock.by_index(transaction, intervals, stopped_at)
    on_time = clock.by_law(transaction, intervals, stopped_at).on_time and transaction.root.overdue_at is None
    after = DossierState.WITHDRAWN if cause == "withdrawn" else DossierState.STOPPED
    _end(
        transaction,
        after,
        stopped_at=stopped_at,
        stop_cause=cause,
        stopped_by=by,
        on_time=on_time,
        index_on_time=index.on_time,
        supplement_until=None,
    )
    count_decided(transaction.work, transaction.root, on_time)
    transaction.emit(
        "dossier.stopped",
        agency=transaction.root.handling_agency,
        cause=cause,
        reason=reason,
        due_at=transaction.root.due_at,
        on_time=on_time,
        index_on_time=index.on_time,
        stopped_at=stopped_at,
    )


def end_subs(transaction: DossierTransaction) -> None:
    """Ends the sub-dossiers that are still active together with the citizen's dossier."""
    for sub in dossiers.subs_of(transaction.connection, transaction.root.code):
        if sub.state == DossierState.ACTIVE:
            dossiers.move(transaction.connection, sub.code, DossierState.ACTIVE, DossierState.STOPPED)


def _end(transaction: DossierTransaction, after: DossierState, **values: object) -> None:
    transaction.move_root(after, next_check_at=None, paused=False, **values)
    drafting.close(transaction)


def resolve_sub(transaction: DossierTransaction, outcome: str) -> tuple[DossierTransaction, Task]:
    """A sub-dossier has reached the end of its route.

    Returns:
        The parent dossier, and the step of it that the sub-dossier did; the sub-dossier's outcome is that step's outcome.
    """
    sub, at = transaction.dossier, transaction.at
    due_at = jurisdiction.calendar_of(transaction.reference, sub.receiving_agency, at).rolled(sub.due_at)
    moved = dossiers.move(
        transaction.connection,
        sub.code,
        DossierState.ACTIVE,
        DossierState.RESOLVED,
        outcome=outcome,
        resolved_at=at,
        on_time=not is_past(due_at, at),
    )
    task = tasks.find(transaction.connection, sub.parent_task or "")
    if not moved or task is None:
        raise StaleState(f"sub-dossier {sub.code} is no longer active")
    return transaction.for_code(task.dossier), task
