"""What time triggers about apologies: a letter that is missing is reported once on each local day, and a new date that was not kept is
another lateness.

Whether a day was reported stands in a table with the day as its key: several workers, a restart and a clock that is set back or ahead
report no day twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from services.routing.apologies import drafting, store
from services.routing.apologies.domain import ApologyState, owed_after
from services.routing.apologies.store import Apology
from services.routing.commands.sweeps import MAX_CHECKED, PAGE
from services.routing.domain.states import IN_HAND, DossierState
from services.routing.dossier import jurisdiction
from services.routing.dossier.load import load_dossier
from services.routing.dossier.transaction import DossierTransaction
from services.routing.store import tasks
from services.routing.store.tasks import STEP
from shared.calendar.deadlines import is_past, past_from
from shared.observability import metrics
from shared.observability.metrics import sweep_failures
from shared.persistence.engine import may_succeed_later
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

log = logging.getLogger(__name__)

NAME = "apologies"
LOOK_AGAIN = timedelta(hours=1)
"""How long until a new date that has passed is looked at again while the dossier's time is not counted."""

Key = tuple[datetime, str] | None
Pages = Callable[[Connection, Key, int], list[Apology]]


def check_apologies(context: Context) -> int:
    """Drafts what is owed after a new date, and reports what is missing today; returns how many rows changed."""
    now = context.clock.now()
    metrics.start_at_zero(sweep_failures, context.service, [NAME])
    again: Pages = lambda connection, after, limit: store.to_check(connection, now, after, limit)  # noqa: E731
    changed = _each(context, again, lambda one: (one.check_at or now, one.id), check_new_date)
    day = jurisdiction.day_of(now)
    missing: Pages = lambda connection, after, limit: store.unreported(connection, day, after, limit)  # noqa: E731
    return changed + _each(context, missing, lambda one: (one.missed_at, one.id), partial(report_missing, day=day))


def check_new_date(work: UnitOfWork, id_: str) -> bool:
    """Drafts another apology if the date of a signed one was not kept; returns whether it did."""
    loaded = _load(work, id_)
    if loaded is None:
        return False
    transaction, apology = loaded
    if apology.state != ApologyState.SIGNED or apology.check_at is None or apology.new_due_at is None:
        return False
    root, now = transaction.root, work.now
    if root.state not in IN_HAND:
        store.change(work.connection, id_, check_at=None)
        return False
    owed_at = owed_after(apology.new_due_at, root.due_at, transaction.calendar.rolled(apology.new_due_at))
    if not is_past(owed_at, now):
        store.change(work.connection, id_, check_at=past_from(owed_at))
        return False
    if root.paused or root.state != DossierState.ACTIVE:
        store.change(work.connection, id_, check_at=now + LOOK_AGAIN)
        return False
    steps = [one for one in tasks.open_of_root(work.connection, root.code) if one.kind == STEP]
    store.change(work.connection, id_, check_at=None)
    return drafting.draft(transaction, owed_at, steps[0].agency if steps else root.handling_agency)


def report_missing(work: UnitOfWork, id_: str, day: date) -> bool:
    """Reports that the letter of a late dossier is missing on a day, unless that was reported; returns whether it did."""
    loaded = _load(work, id_)
    if loaded is None:
        return False
    transaction, apology = loaded
    if apology.state != ApologyState.DRAFT or not store.add_report(work, apology, day):
        return transaction.clock_changed
    transaction.emit(
        "apology.missing",
        apology=apology.id,
        agency=apology.agency,
        was_due_at=apology.missed_at,
        day=day.isoformat(),
        reports=apology.reports + 1,
        reported_at=work.now,
    )
    return True


def _load(work: UnitOfWork, id_: str) -> tuple[DossierTransaction, Apology] | None:
    """Locks the dossier of an apology; its lateness follows the calendar first, so that a wrong one is not reported."""
    found = store.find(work.connection, id_)
    transaction = load_dossier(work, found.dossier) if found else None
    if transaction is not None:
        drafting.follow_promise(transaction)
    apology = store.find(work.connection, id_)  # read again: this transaction may have waited for the lock
    return (transaction, apology) if transaction is not None and apology is not None else None


def _each(
    context: Context,
    pages: Pages,
    key: Callable[[Apology], tuple[datetime, str]],
    check: Callable[[UnitOfWork, str], bool],
) -> int:
    """Checks all rows, each in a transaction of its own. A row that fails is counted and tried again in the next run."""
    changed, after = 0, None
    while changed < MAX_CHECKED:
        with context.store.read() as connection:
            page = pages(connection, after, PAGE)
        changed += sum(_try(context, check, one.id) for one in page)
        if len(page) < PAGE:
            break
        after = key(page[-1])
    return changed


def _try(context: Context, check: Callable[[UnitOfWork, str], bool], id_: str) -> bool:
    try:
        return context.store.run(lambda work: check(work, id_))
    except Exception as error:  # an error in one row must not stop the others
        if may_succeed_later(error):
            raise
        sweep_failures.labels(context.service, NAME).inc()
        log.error("sweep %s failed on %s: %s: %s", NAME, id_, type(error).__name__, error)  # noqa: TRY400
        return False


APOLOGIES = Sweep(NAME, timedelta(seconds=30), check_apologies)
