"""Erases the personal data of what ended so long ago that they are needed no longer (Luật 91/2025/QH15); numbers and times stay."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from services.intake.desk.declined import store as declined_filings
from services.intake.retention import store
from services.intake.retention.rules import RetentionRules, retention_rules
from shared.observability.metrics import erasures
from shared.persistence import epoch
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context

MOST = 100
"""Dossiers of one sweep; the next one goes on."""


def erase_old(context: Context) -> int:
    """Erases what is to be erased, each dossier or declined filing in a transaction of its own; returns how many.

    It goes by what is there alone: a database that was restored from a backup is erased again. What had been erased before the restore,
    notify tells at once (see `retention.events`). New erasures wait for some days, so that legal holds that the restored database has
    forgotten can be set again first.
    """
    now = context.clock.now()
    rules = retention_rules(now.date())
    with context.store.read() as connection:
        if _just_restored(connection, context.clock.wall(), rules):
            return 0
        ended = store.ended_dossiers(connection, now - timedelta(days=rules.dossier_days), now, MOST)
        refused = store.ended_applications(connection, now - timedelta(days=rules.refused_application_days), now, MOST)
        declined = declined_filings.erasable(connection, now - timedelta(days=rules.declined_filing_days), MOST)
    for id in declined:
        context.store.run(lambda work, id=id: erase_declined(work, id))  # type: ignore[misc]
    return len(declined) + sum(
        context.store.run(lambda work, code=code, kind=kind: erase(work, code, kind))  # type: ignore[misc]
        for kind, codes in (("dossier", ended), ("application", refused))
        for code in codes
    )


def _just_restored(connection: Connection, now: datetime, rules: RetentionRules) -> bool:
    began = epoch.present(connection).number
    return bool(began) and now.timestamp() < began + timedelta(days=rules.after_restore_days).total_seconds()


def erase_declined(work: UnitOfWork, id: str) -> None:
    """Erases the personal data of a filing that was declined, once. No other service knows it."""
    if declined_filings.erase(work, id):
        work.after_commit(lambda: erasures.labels(work.service, "declined_filing").inc())


def erase(work: UnitOfWork, code: str, kind: str) -> bool:
    """Erases the personal data of a dossier, once, and has notify do the same.

    Args:
        work: a transaction.
        code: the dossier's.
        kind: ``dossier``, ``application`` if it was never received, or ``repeated`` after a restore; for the metric.

    Returns:
        whether it was not erased before.
    """
    if not store.claim(work, code):
        return False
    store.erase(work, code)
    work.emit("dossier.erased", {"dossier": code, "erased_at": work.now})
    work.after_commit(lambda: erasures.labels(work.service, kind).inc())
    return True
