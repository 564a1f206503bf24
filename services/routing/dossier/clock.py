"""The clock of the citizen's dossier as rows: its intervals, its due times by both measures, and when the sweep must look at it next.

A sub-dossier has no clock of its own: the citizen has one dossier and one promise.
"""

from __future__ import annotations

from datetime import datetime

from services.routing.domain import clock, measures, waiting
from services.routing.domain.clock import Interval, Kind
from services.routing.domain.states import DossierState
from services.routing.dossier import jurisdiction, reminders
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store import dossiers, tasks
from services.routing.store.tasks import Task


def start(transaction: DossierTransaction) -> None:
    """The clock of a dossier that was just received begins to run."""
    dossiers.add_interval(
        transaction.connection, transaction.root.code, 1, clock.first_interval(transaction.root.received_at)
    )
    schedule_next_check(transaction)


def pause(transaction: DossierTransaction, reason: str) -> None:
    """What follows is not counted; says so."""
    if (
        transaction.dossier.is_sub or transaction.root.paused
    ):  # it waits for the citizen, whatever else goes on beside that
        return
    standing = _standing(transaction)
    if standing and waiting.waiting_step(standing, transaction.at) is None:
        return  # only postings that are over are left; what begins beside them is seen once it has begun
    _pause_clock(transaction, Kind.UNCOUNTED, reason)


def resume(transaction: DossierTransaction) -> None:
    """What follows is counted again, towards due times that have moved; says so."""
    waits = transaction.root.state == DossierState.SUPPLEMENT
    if transaction.dossier.is_sub or waits or not transaction.root.paused:
        return
    _resume_clock(transaction, transaction.at, supplemented=False)


def reconcile(transaction: DossierTransaction) -> None:
    """After a move: pauses or resumes by what the citizen's dossier stands at now, where a posting may be over that the route calls
    uncounted."""
    if transaction.dossier.is_sub or transaction.root.state != DossierState.ACTIVE:
        return
    if not any(step.wait_days for step in transaction.route.steps):
        return  # what the move itself says of the clock is enough
    reason = waiting.waiting_step(_standing(transaction), transaction.at)
    if reason is None:
        resume(transaction)
        return
    pause(transaction, reason)
    schedule_next_check(transaction)


def resume_expired_postings(transaction: DossierTransaction) -> bool:
    """The clock runs again since the moment at which the last posting was over, if nobody has seen that yet; returns whether so."""
    if transaction.root.state != DossierState.ACTIVE or not transaction.root.paused:
        return False
    again = waiting.resumes_at(_standing(transaction))
    if again is None or again > transaction.at:
        return False
    _resume_clock(transaction, again, supplemented=False)
    return True


def pause_for_supplement(transaction: DossierTransaction, reason: str) -> None:
    """The citizen has to bring something; until he does, nothing counts, whatever counted or not before."""
    _pause_clock(transaction, Kind.SUPPLEMENT, reason)


def resume_after_supplement(transaction: DossierTransaction) -> None:
    """The citizen has brought it: the count begins anew, unless the dossier stands where time is not counted anyway."""
    _resume_clock(transaction, transaction.at, supplemented=True)
    reason = waiting.waiting_step(_standing(transaction), transaction.at)
    if reason is not None:
        pause(transaction, reason)


def _pause_clock(transaction: DossierTransaction, kind: Kind, reason: str) -> None:
    begun = _switch(transaction, kind, reason, transaction.at)[-1]
    transaction.set_root(paused=True)
    schedule_next_check(transaction)
    transaction.emit("dossier.paused", reason=reason, paused_at=begun.begins_at)


def _resume_clock(transaction: DossierTransaction, at: datetime, *, supplemented: bool) -> None:
    intervals = _switch(transaction, Kind.COUNTED, "", at)
    resumed_at = intervals[-1].begins_at
    transaction.set_root(paused=False, **(reminders.reset_after_new_promise(transaction.root) if supplemented else {}))
    update_due_times(transaction, intervals, resumed_at)
    schedule_next_check(transaction)
    transaction.emit(
        "dossier.resumed",
        resumed_at=resumed_at,
        due_at=transaction.root.due_at,
        uncounted_minutes=clock.minutes(intervals, Kind.UNCOUNTED, transaction.calendar, resumed_at),
        supplemented=supplemented,
    )


def stop(transaction: DossierTransaction) -> datetime:
    """The life of the dossier has ended; returns when, which is never before its last interval began."""
    ended = clock.stop(dossiers.intervals_of(transaction.connection, transaction.root.code)[-1], transaction.at)
    dossiers.end_interval(transaction.connection, transaction.root.code, ended.ends_at or transaction.at)
    return ended.ends_at or transaction.at


def by_law(transaction: DossierTransaction, intervals: list[Interval], now: datetime) -> measures.Measure:
    """How the dossier stands by the law."""
    return measures.by_law(
        _terms(transaction), intervals, transaction.calendar, now, jurisdiction.reappointment_of(transaction.root)
    )


def by_index(transaction: DossierTransaction, intervals: list[Interval], now: datetime) -> measures.Measure:
    """How the dossier stands by the index."""
    return measures.by_index(_terms(transaction), intervals, transaction.calendar, now)


def update_due_times(transaction: DossierTransaction, intervals: list[Interval], now: datetime) -> None:
    """Writes both due times anew after something has moved them."""
    transaction.set_root(
        due_at=by_law(transaction, intervals, now).due_at, index_due_at=by_index(transaction, intervals, now).due_at
    )


def mark_overdue(transaction: DossierTransaction, task: Task) -> None:
    """Marks and announces the dossier as overdue if its time was up when the step ended or began to wait, before any sweep came by."""
    announce_overdue(transaction, task, transaction.at)


def announce_overdue(transaction: DossierTransaction, task: Task, at: datetime) -> bool:
    """Marks and announces a dossier as overdue, once, whoever comes first: the sweep or the end of a step.

    Args:
        transaction: of the dossier or a sub-dossier of it.
        task: the step at which it stands.
        at: the moment that is compared with the due time.

    Returns:
        Whether it was late and nobody had said so before.
    """
    root = transaction.root
    running = root.state == DossierState.ACTIVE and root.overdue_at is None
    if not running or not clock.is_overdue(root.due_at, root.paused, at):
        return False
    transaction.set_root(overdue_at=transaction.work.now)
    transaction.emit(
        "dossier.overdue", due_at=root.due_at, overdue_at=transaction.work.now, agency=task.agency, step=task.step
    )
    return True


def schedule_next_check(transaction: DossierTransaction) -> None:
    """Writes down when the sweep must look at the dossier next."""
    transaction.set_root(next_check_at=compute_next_check(transaction))


def compute_next_check(transaction: DossierTransaction) -> datetime | None:
    """When something happens to a dossier by itself: it is closed without supplement, its clock runs again, or there is something to be
    said of it."""
    root = transaction.root
    if root.state == DossierState.SUPPLEMENT:
        return root.supplement_until
    if root.state != DossierState.ACTIVE:
        return None
    return waiting.resumes_at(_standing(transaction)) if root.paused else reminders.next_dossier_check_at(transaction)


def _standing(transaction: DossierTransaction) -> list[Task]:
    return tasks.open_of_dossier(transaction.connection, transaction.root.code)


def _terms(transaction: DossierTransaction) -> measures.Terms:
    root_procedure = jurisdiction.procedure_of(transaction.work, transaction.root)
    return jurisdiction.terms_of(transaction.reference, transaction.root, root_procedure)


def _switch(transaction: DossierTransaction, kind: Kind, reason: str, at: datetime) -> list[Interval]:
    """Ends the lasting interval, begins the next, and returns the whole clock."""
    *earlier, last = dossiers.intervals_of(transaction.connection, transaction.root.code)
    ended, begun = clock.switch(last, kind, reason, at)
    dossiers.end_interval(transaction.connection, transaction.root.code, ended.ends_at or at)
    dossiers.add_interval(transaction.connection, transaction.root.code, len(earlier) + 2, begun)
    return [*earlier, ended, begun]
