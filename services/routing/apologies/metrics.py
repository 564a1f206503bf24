"""Metrics of apologies: letters signed, counted after the commit; letters missing, counted in the database."""

from __future__ import annotations

from datetime import timedelta

from services.routing.apologies import store
from services.routing.apologies.store import Apology
from shared.observability.metrics import MeasuredGauges, apologies_missing, apologies_signed
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep


def count_signed(work: UnitOfWork, apology: Apology) -> None:
    """Counts a letter as signed once the transaction has committed."""
    labels = (work.service, apology.agency, apology.kind)
    work.after_commit(lambda: apologies_signed.labels(*labels).inc())


class MissingGauge:
    """Shows how many letters each agency owes. An agency that owes none any more becomes 0, so that alerts end."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._gauges = MeasuredGauges()

    def update(self, context: Context) -> int:
        """Counts them; returns 0, since it changes no row."""
        with context.store.read() as connection:
            counts = store.missing_by_agency(connection)
        found = {(context.service, agency): count for agency, count in counts.items()}
        self._seen |= found.keys()
        self._gauges.show({(apologies_missing, labels): found.get(labels, 0) for labels in self._seen})
        return 0

    def withdraw(self) -> None:
        """Shows nothing: another process counts, or none can."""
        self._seen.clear()
        self._gauges.withdraw()


_gauge = MissingGauge()
APOLOGIES_MISSING = Sweep("apologies missing", timedelta(minutes=1), _gauge.update, withdraw=_gauge.withdraw)
