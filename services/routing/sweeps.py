"""What time triggers in routing: dossiers whose due time has passed."""

from __future__ import annotations

import logging
from datetime import timedelta

from services.routing import store
from services.routing.domain.states import DossierState
from services.routing.execution import announce_overdue
from services.routing.store import DueDossier
from shared import metrics
from shared.context import Context
from shared.store import UnitOfWork, is_lost
from shared.workers.work import Sweep

log = logging.getLogger(__name__)

PAGE = 200
MOST = 2000
"""Dossiers found late in one run at the most; the next run goes on."""

sweep_failures = metrics.counter(
    "motcua_sweep_failures", "Rows that a sweep could not deal with; each is tried again in the next run.", "sweep"
)


class NowhereToStand(LookupError):
    """An active dossier has no open step; somebody must look into the store."""


def find_overdue(context: Context) -> int:
    """Marks and announces the dossiers that are late, each in a transaction of its own.

    One that fails is logged by its code, counted, passed over, and tried again in the next run: it never keeps others waiting.

    Args:
        context: of this service.

    Returns:
        How many were found late.

    Raises:
        sqlalchemy.exc.DBAPIError: the database is away.
    """
    now = context.clock.now()
    found = 0
    last: DueDossier | None = None
    while found < MOST:
        with context.store.read() as connection:
            page = store.due_dossiers(connection, now, last, PAGE)
        found += sum(_find_one(context, due.code) for due in page)
        if len(page) < PAGE:
            break
        last = page[-1]
    return found


def _find_one(context: Context, code: str) -> bool:
    try:
        return context.store.run(lambda work: _mark(work, code))
    except Exception as error:  # whatever is wrong with one dossier must not stop the others
        if is_lost(error):
            raise
        sweep_failures.labels(context.service, "overdue").inc()
        log.error("dossier %s cannot be marked overdue: %s: %s", code, type(error).__name__, error)  # noqa: TRY400
        return False


def _mark(work: UnitOfWork, code: str) -> bool:
    dossier = store.find_dossier(work.connection, code, lock=True)
    if dossier is None or dossier.state != DossierState.ACTIVE:
        return False
    standing = store.open_tasks_of(work.connection, code)
    if not standing:
        raise NowhereToStand(f"{code} is active without an open step")
    return announce_overdue(work, dossier, standing[0], work.now)


OVERDUE = Sweep("overdue", timedelta(seconds=30), find_overdue)
