"""Metrics of agencies that are connected over HTTPS, counted in the database."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client import Gauge

from services.routing.agency_http.queries import backlogs
from services.routing.plugins.ways import Way
from shared.observability.metrics import (
    MeasuredGauges,
    agency_events_given_up,
    agency_events_oldest,
    agency_events_waiting,
    agency_webhook_disabled,
)
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep


class BacklogGauges:
    """Shows what waits for each agency, for how long, what was given up, and whose webhook is disabled."""

    def __init__(self) -> None:
        self._gauges = MeasuredGauges()

    def update(self, context: Context) -> int:
        """Counts them; returns 0, since it changes no row."""
        with context.store.read() as connection:
            found = backlogs(connection)
        shown: dict[tuple[Gauge, tuple[str, ...]], float] = {}
        for one in found:
            labels = (context.service, one.agency, one.way)
            shown[agency_events_waiting, labels] = one.waiting
            shown[agency_events_oldest, labels] = one.oldest.timestamp() if one.oldest else 0
            if one.way == Way.WEBHOOK:
                shown[agency_events_given_up, labels[:2]] = one.given_up
                shown[agency_webhook_disabled, labels[:2]] = one.disabled
        self._gauges.show(shown)
        return 0

    def withdraw(self) -> None:
        """Shows nothing: another process counts, or none can."""
        self._gauges.withdraw()


_gauges = BacklogGauges()
AGENCY_BACKLOG = Sweep("agency backlog", timedelta(minutes=1), _gauges.update, withdraw=_gauges.withdraw)
