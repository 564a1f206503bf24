"""Routing's business metrics: dossiers decided, counted after the commit, and dossiers overdue, counted in the database."""

from __future__ import annotations

from datetime import timedelta
from threading import Lock

from services.routing.store import dossiers
from services.routing.store.dossiers import Dossier
from shared.observability.metrics import dossiers_decided, dossiers_overdue
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

SERVICE = "routing"


def count_decided(work: UnitOfWork, dossier: Dossier, on_time: bool) -> None:
    """Counts a dossier as decided once the transaction has committed.

    Args:
        work: the transaction in which it is resolved or ends without a result.
        dossier: the citizen's.
        on_time: by the law.
    """
    labels = (SERVICE, dossier.handling_agency, dossier.field, str(on_time).lower())
    work.after_commit(lambda: dossiers_decided.labels(*labels).inc())


class OverdueGauge:
    """Sets the gauge of overdue dossiers. A combination of labels that has no overdue dossier any more is set to 0, not left as it was."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str, str]] = set()
        self._lock = Lock()

    def update(self, context: Context) -> int:
        """Counts the overdue dossiers of each agency and field; returns 0, since it changes no row."""
        with context.store.read() as connection:
            counts = dossiers.count_overdue(connection)
        found = {(context.service, agency, field): count for (agency, field), count in counts.items()}
        with self._lock:
            gone = {labels for labels in self._seen if labels[0] == context.service} - found.keys()
            for labels in gone:
                dossiers_overdue.labels(*labels).set(0)
            for labels, count in found.items():
                dossiers_overdue.labels(*labels).set(count)
            self._seen |= found.keys()
        return 0


OVERDUE = Sweep("overdue", timedelta(minutes=1), OverdueGauge().update)
