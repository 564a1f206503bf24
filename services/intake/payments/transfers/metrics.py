"""How many payments online should have been paid on by now, and since when, for each desk that collects: counted in the database."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client import Gauge

from services.intake.payments.transfers import store
from shared.observability.metrics import MeasuredGauges, fee_transfers_overdue, fee_transfers_overdue_oldest
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep


class OverdueTransfers:
    """Shows the overdue transfers of each desk. A desk that has none any more becomes 0, so that alerts end."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._gauges = MeasuredGauges()

    def update(self, context: Context) -> int:
        """Counts them; returns 0, since it changes no row."""
        with context.store.read() as connection:
            counts = store.overdue_by_desk(connection, None, context.clock.now())
        found = {(context.service, one.desk): one for one in counts}
        self._seen |= found.keys()
        shown: dict[tuple[Gauge, tuple[str, ...]], float] = {}
        for labels in self._seen:
            one = found.get(labels)
            shown[fee_transfers_overdue, labels] = one.payments if one else 0
            shown[fee_transfers_overdue_oldest, labels] = one.oldest.timestamp() if one else 0
        self._gauges.show(shown)
        return 0

    def withdraw(self) -> None:
        """Shows nothing: another process counts, or none can."""
        self._seen.clear()
        self._gauges.withdraw()


_gauges = OverdueTransfers()
OVERDUE_TRANSFERS = Sweep("overdue transfers of fees", timedelta(minutes=1), _gauges.update, withdraw=_gauges.withdraw)
