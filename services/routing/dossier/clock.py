"""The stored clock of the citizen's dossier: its intervals, its due times by the law and by the index, and its next check by the sweep.

A sub-dossier has no clock of its own: the citizen has one dossier and one promise.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from services.routing.apologies import drafting
from services.routing.domain import clock, measures, waiting
from services.routing.domain.clock import Interval, Kind
from services.routing.domain.states import DossierState
from services.routing.dossier import jurisdiction, reminders
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store import dossiers, tasks
from services.routing.store.dossiers import Dossier
from services.routing.store.tasks import Task
from shared.calendar.deadlines import past_from


def start(transaction: DossierTransaction) -> None:
    """Stores a dossier that was just received, and starts its clock."""
    first = clock.first_interval(transaction.root.received_at)
    root = replace(transaction.root, next_check_at=reminders.next_dossier_check_at(transaction, [first]))
    dossiers.add(transaction.connection, root)
    dossiers.add_interval(transaction.connection, root.code, 1, first)
    transaction.replace_root(root)


def emit_moved(transaction: DossierTransaction, deadline: str, was_at: datetime, moved_to: datetime) -> None:
    """Emits `dossier.deadline_moved` for the deadline of the result or of the citizen's supplement."""
    transaction.emit(
        "dossier.deadline_moved", deadline=deadline, was_at=was_at, moved_to=moved_to, moved_at=transaction.work.now
    )


def moved(root: Dossier, was_at: datetime, since: datetime, to: datetime, rolled: datetime) -> dict[str, datetime]:
    """The columns that keep a due time that was moved because its day was declared off.

    Args:
        root: the citizen's dossier, as it was.
        was_at: the due time before.
        since: from when on the new one counts.
        to: the new one.
        rolled: where the day off alone moves `was_at`; the same unless uncounted time was added.
    """
    columns: dict[str, datetime] = {}
    if root.moved_at is None or root.moved_at <= since:
        columns = {"moved_at": since, "moved_to": to}
    if was_at == (root.promise_moved_to or root.promised_at):
        columns["promise_moved_to"] = rolled
    return columns


def pause(transaction: DossierTransaction, reason: str) -> None:
    """Stops counting time, for the step `reason`, and emits `dossier.paused`."""
    if transaction.dossier.is_sub or transaction.root.paused:
        return
    open_tasks = _open_tasks(transaction)
    if open_tasks and waiting.waiting_step(open_tasks, transaction.at) is None:
        return  # only postings that are over are open; reconcile() sees steps that begin beside them
    _pause_clock(transaction, Kind.UNCOUNTED, reason)


def resume(transaction: DossierTransaction) -> None:
    """Counts time again, moves the due times, and emits `dossier.resumed`."""
    waits = transaction.root.state == DossierState.SUPPLEMENT
    if transaction.dossier.is_sub or waits or not transaction.root.paused:
        return
    _resume_clock(transaction, transaction.at, supplemented=False)


def reconcile(transaction: DossierTransaction) -> None:
    """Pauses or resumes the clock by the steps that are open after a move.

    Only a route with public postings needs it: a posting that is over is no longer uncounted, which the move's own effects cannot know.
    """
    if transaction.dossier.is_sub or transaction.root.state != DossierState.ACTIVE:
        return
    if not any(step.wait_days for step in transaction.route.steps):
        return  # the effects of the move itself are enough
    reason = waiting.waiting_step(_open_tasks(transaction), transaction.at)
    if reason is None:
        resume(transaction)
        return
    pause(transaction, reason)
    schedule_next_check(transaction)


def resume_expired_postings(transaction: DossierTransaction) -> bool:
    """Resumes the clock as of the end of the last posting, if that is past and nothing has resumed it yet; returns whether it did."""
    if transaction.root.state != DossierState.ACTIVE or not transaction.root.paused:
        return False
    resumed_at = waiting.resumes_at(_open_tasks(transaction))
    if resumed_at is None or resumed_at > transaction.at:
        return False
    _resume_clock(transaction, resumed_at, supplemented=False)
    return True


def pause_for_supplement(transaction: DossierTransaction, reason: str) -> None:
    """Stops counting time until the citizen brings more papers, whether time was counted before or not."""
    _pause_clock(transaction, Kind.SUPPLEMENT, reason)


def resume_after_supplement(transaction: DossierTransaction) -> None:
    """Restarts the count after a supplement, unless the open steps are uncounted anyway."""
    _resume_clock(transaction, transaction.at, supplemented=True)
    reason = waiting.waiting_step(_open_tasks(transaction), transaction.at)
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
    before, was_at = transaction.root, transaction.root.due_at
    rolled = transaction.calendar.rolled(was_at)
    declared_off = not supplemented and before.overdue_at is None and rolled != was_at
    transaction.set_root(paused=False, **(reminders.reset_after_new_promise(transaction.root) if supplemented else {}))
    update_due_times(transaction, intervals, resumed_at)
    if declared_off:
        transaction.set_root(**moved(before, was_at, resumed_at, transaction.root.due_at, rolled))
    schedule_next_check(transaction)
    transaction.emit(
        "dossier.resumed",
        resumed_at=resumed_at,
        due_at=transaction.root.due_at,
        uncounted_minutes=clock.minutes(intervals, Kind.UNCOUNTED, transaction.calendar, resumed_at),
        supplemented=supplemented,
    )
    if declared_off:  # while time was not counted; after a supplement the citizen is told the new promise anyway
        emit_moved(transaction, "result", was_at, transaction.root.due_at)


def stop(transaction: DossierTransaction) -> tuple[list[Interval], datetime]:
    """Ends the clock; returns its intervals and when it ended, which is never before its last interval began."""
    *earlier, last = dossiers.intervals_of(transaction.connection, transaction.root.code)
    ended = clock.stop(last, transaction.at)
    ended_at = ended.ends_at or transaction.at
    dossiers.end_interval(transaction.connection, transaction.root.code, ended_at)
    return [*earlier, ended], ended_at


def by_law(transaction: DossierTransaction, intervals: list[Interval], now: datetime) -> measures.Measure:
    """The dossier's due time and lateness by the law."""
    return measures.by_law(
        _terms(transaction), intervals, transaction.calendar, now, jurisdiction.new_promises_of(transaction.root)
    )


def by_index(transaction: DossierTransaction, intervals: list[Interval], now: datetime) -> measures.Measure:
    """The dossier's due time and lateness by the index (766/QĐ-TTg)."""
    return measures.by_index(_terms(transaction), intervals, transaction.calendar, now)


def update_due_times(transaction: DossierTransaction, intervals: list[Interval], now: datetime) -> None:
    """Stores both due times after something has moved them; neither becomes earlier, even if a day off was taken back since."""
    root = transaction.root
    due_at, index_due_at = by_law(transaction, intervals, now).due_at, by_index(transaction, intervals, now).due_at
    kept = {"moved_at": now, "moved_to": root.due_at} if due_at < root.due_at else {}
    transaction.set_root(due_at=max(due_at, root.due_at), index_due_at=max(index_due_at, root.index_due_at), **kept)


def counted_until(intervals: list[Interval], at: datetime, now: datetime) -> datetime:
    """Until when time was counted without a break from a moment on; the moment itself if none was counted then."""
    for interval in intervals:
        end = interval.ends_at or max(now, interval.begins_at)
        if interval.kind == Kind.COUNTED and interval.begins_at <= at <= end:
            return end
    return at


def mark_overdue(transaction: DossierTransaction, task: Task) -> None:
    """Marks the dossier as overdue if it is late when a step ends or begins to wait, in case no sweep has seen it yet."""
    announce_overdue(transaction, task, transaction.at)


def announce_overdue(transaction: DossierTransaction, task: Task, at: datetime) -> bool:
    """Marks and announces a dossier as overdue, once, whether the sweep or the end of a step finds it; its apology is drafted.

    Args:
        transaction: of the dossier or a sub-dossier of it.
        task: the open step that is named in the event.
        at: the moment that is compared with the due time.

    Returns:
        Whether the dossier was late and not marked before.
    """
    root = transaction.root
    running = root.state == DossierState.ACTIVE and root.overdue_at is None
    if not running or not clock.is_overdue(root.due_at, root.paused, at):
        return False
    overdue_at = root.due_at  # when the time ran out, however late this is noticed
    transaction.set_root(overdue_at=overdue_at)
    transaction.emit("dossier.overdue", due_at=root.due_at, overdue_at=overdue_at, agency=task.agency, step=task.step)
    drafting.draft(transaction, overdue_at, task.agency)
    return True


def schedule_next_check(transaction: DossierTransaction) -> None:
    """Stores when the sweep must check the dossier next."""
    transaction.set_root(next_check_at=compute_next_check(transaction))


def compute_next_check(transaction: DossierTransaction) -> datetime | None:
    """When the dossier is closed for want of a supplement, its clock resumes, or a reminder is due; None when nothing is pending."""
    root = transaction.root
    if root.state == DossierState.SUPPLEMENT:
        return None if root.supplement_until is None else past_from(root.supplement_until)
    if root.state != DossierState.ACTIVE:
        return None
    if root.paused:
        return waiting.resumes_at(_open_tasks(transaction))
    intervals = dossiers.intervals_of(transaction.connection, root.code)
    return reminders.next_dossier_check_at(transaction, intervals)


def _open_tasks(transaction: DossierTransaction) -> list[Task]:
    return tasks.open_of_dossier(transaction.connection, transaction.root.code)


def _terms(transaction: DossierTransaction) -> measures.Terms:
    root_procedure = jurisdiction.procedure_of(transaction.work, transaction.root)
    return jurisdiction.terms_of(transaction.reference, transaction.root, root_procedure)


def _switch(transaction: DossierTransaction, kind: Kind, reason: str, at: datetime) -> list[Interval]:
    """Ends the last interval, begins the next, and returns all intervals."""
    *earlier, last = dossiers.intervals_of(transaction.connection, transaction.root.code)
    ended, begun = clock.switch(last, kind, reason, at)
    dossiers.end_interval(transaction.connection, transaction.root.code, ended.ends_at or at)
    dossiers.add_interval(transaction.connection, transaction.root.code, len(earlier) + 2, begun)
    return [*earlier, ended, begun]
