"""Metrics of steps sent to agencies' own software: those that it has not answered, and those that were sent again."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client import Gauge

from services.routing.plugins.queries import answers_of_agencies
from shared.observability.metrics import MeasuredGauges, counter, gauge
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

sent_again = counter("motcua_agency_steps_sent_again", "Steps sent to an agency's own software once more.", "agency")
unanswered = gauge("motcua_agency_steps_unanswered", "Open steps that an agency has not answered.", "agency")
oldest_unanswered = gauge(
    "motcua_agency_step_unanswered_seconds", "Since the oldest step was sent that an agency has not answered.", "agency"
)


def count_sent_again(work: UnitOfWork, agency: str) -> None:
    """Counts a step as sent again once the transaction has committed."""
    labels = (work.service, agency)
    work.after_commit(lambda: sent_again.labels(*labels).inc())


class AnswerGauges:
    """Shows how agencies answer. An agency without own software any more becomes 0, so that alerts end."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()
        self._gauges = MeasuredGauges()

    def update(self, context: Context) -> int:
        """Counts; returns 0, since it changes no row."""
        now = context.clock.now()
        with context.store.read() as connection:
            found = {(context.service, one.agency): one for one in answers_of_agencies(connection)}
        self._seen |= found.keys()
        shown: dict[tuple[Gauge, tuple[str, ...]], float] = {}
        for labels in self._seen:
            one = found.get(labels)
            sent_again.labels(*labels)  # shown as 0 at first, so that `increase()` sees the first one
            shown[unanswered, labels] = one.unanswered if one else 0
            oldest = one.oldest_sent_at if one else None
            shown[oldest_unanswered, labels] = (now - oldest).total_seconds() if oldest else 0
        self._gauges.show(shown)
        return 0

    def withdraw(self) -> None:
        """Shows nothing: another process counts, or none can."""
        self._seen.clear()
        self._gauges.withdraw()


_gauges = AnswerGauges()
AGENCY_ANSWERS = Sweep("agency answers", timedelta(minutes=1), _gauges.update, withdraw=_gauges.withdraw)
