"""What time triggers in routing: warnings, lateness, escalation, hand-overs that nobody acknowledged, dossiers to be closed, and
clocks that run again when a public posting is over.

Every step and dossier has written down when something may happen to it by itself; a sweep looks at those whose moment has come, each
in a transaction of its own. What is finished, paused or said already costs a sweep nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from services.routing.commands.closure import close_unsupplemented
from services.routing.domain.warnings import Reminder
from services.routing.dossier import clock, reminders
from services.routing.dossier.load import load_dossier
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store import tasks
from services.routing.store.due_checks import DueCheck, Pages, dossiers_due_for_check, tasks_due_for_check
from shared.observability import metrics
from shared.persistence.store import UnitOfWork, is_lost
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

log = logging.getLogger(__name__)

PAGE = 200
MOST = 2000
"""Rows acted on in one run, about; the next run goes on."""

sweep_failures = metrics.counter(
    "motcua_sweep_failures", "Rows that a sweep could not deal with; each is tried again in the next run.", "sweep"
)

Act = Callable[[UnitOfWork, str], bool]


class NoOpenStep(LookupError):
    """An active dossier has no open step; somebody must look into the store."""


def check_dossiers(context: Context) -> int:
    """Says of dossiers what is to be said, closes those whose supplement did not come, and lets clocks run again; returns how many were
    acted on."""
    return _sweep(context, "dossiers", dossiers_due_for_check, check_dossier)


def check_tasks(context: Context) -> int:
    """Says of steps what is to be said, and notes hand-overs that lapsed; returns how many were acted on."""
    return _sweep(context, "steps", tasks_due_for_check, check_task)


def check_dossier(work: UnitOfWork, code: str) -> bool:
    """Does what is due with one dossier now.

    Raises:
        NowhereToStand: it is active and stands nowhere.
    """
    transaction = load_dossier(work, code)
    if transaction is None:
        return False
    if transaction.root.next_check_at is None:
        return transaction.clock_resumed
    if close_unsupplemented(transaction, work.now):
        return True
    sayings = reminders.due_dossier_reminders(transaction)
    for saying in sayings:
        _send(transaction, saying)
    clock.schedule_next_check(transaction)
    return transaction.clock_resumed or bool(sayings)


def check_task(work: UnitOfWork, id_: str) -> bool:
    """Does what is due with one step now."""
    found = tasks.find(work.connection, id_)
    transaction = load_dossier(work, found.dossier) if found else None
    task = tasks.find(work.connection, id_)  # again: the dossier's lock may have been waited for
    if transaction is None or task is None or task.next_check_at is None:
        return False
    return reminders.send_due_reminders(transaction, task) > 0


def _send(transaction: DossierTransaction, saying: Reminder) -> None:
    now = transaction.work.now
    if saying == Reminder.DUE_SOON:
        transaction.set_root(due_soon_at=now)
        transaction.emit(
            "dossier.due_soon", agency=transaction.root.handling_agency, due_at=transaction.root.due_at, warned_at=now
        )
        return
    if saying in reminders.ESCALATION:
        transaction.set_root(escalation=reminders.ESCALATION[saying])
        return
    standing = [
        task for task in tasks.open_of_root(transaction.connection, transaction.root.code) if task.kind == tasks.STEP
    ]
    if not standing:
        raise NoOpenStep(f"{transaction.root.code} is active without an open step")
    clock.announce_overdue(transaction, standing[0], now)


def _sweep(context: Context, name: str, pages: Pages, act: Act) -> int:
    """Acts on everything whose moment has come.

    One that fails is logged by its code, counted, passed over, and tried again in the next run: it never keeps others waiting.

    Raises:
        sqlalchemy.exc.DBAPIError: the database is away.
    """
    now = context.clock.now()
    acted = 0
    last: DueCheck | None = None
    while acted < MOST:  # not counting those that fail: they must not use up the run
        with context.store.read() as connection:
            page = pages(connection, now, last, PAGE)
        acted += sum(_try(context, name, act, look.key) for look in page)
        if len(page) < PAGE:
            break
        last = page[-1]
    return acted


def _try(context: Context, name: str, act: Act, key: str) -> bool:
    try:
        return context.store.run(lambda work: act(work, key))
    except Exception as error:  # whatever is wrong with one must not stop the others
        if is_lost(error):
            raise
        sweep_failures.labels(context.service, name).inc()
        log.error("%s: %s cannot be dealt with: %s: %s", name, key, type(error).__name__, error)  # noqa: TRY400
        return False


DOSSIERS = Sweep("dossiers", timedelta(seconds=30), check_dossiers)
STEPS = Sweep("steps", timedelta(seconds=30), check_tasks)
