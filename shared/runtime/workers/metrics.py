"""The metrics of a worker's loops."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from shared.messaging.apply import Outcome
from shared.messaging.port import PublishResult
from shared.messaging.reconciliation import windows
from shared.messaging.reconciliation.windows import WindowState
from shared.observability import metrics

loop_errors = metrics.counter(
    "motcua_loop_errors", "Steps of a worker's loops that failed and were tried again.", "loop"
)

store_epoch = metrics.gauge(
    "motcua_store_epoch_timestamp_seconds", "When the database was last restored from a backup, 0 for never."
)


class BusMetrics:
    """The bus metrics of one service. Every label starts at 0, so that rates exist from the first scrape.

    Args:
        service: the service's name.
    """

    def __init__(self, service: str) -> None:
        self.service = service
        outcomes = ("applied", "duplicate", "queued", "parked")
        self._consumed = {name: metrics.consumed_messages.labels(service, name) for name in outcomes}
        self._sent = {
            name: metrics.sent_messages.labels(service, name) for name in ("confirmed", "unroutable", "refused")
        }
        self._duration = metrics.process_duration.labels(service)
        self._pending = metrics.outbox_pending.labels(service)
        self._oldest = metrics.outbox_oldest.labels(service)
        self._subscribers = windows.subscribers_to(service)
        self._resent = {name: metrics.resent_events.labels(service, name) for name in self._subscribers}
        self._repairs = metrics.topology_repairs.labels(service)

    def published(self, result: PublishResult) -> None:
        """Counts the result of a published batch."""
        self._sent["confirmed"].inc(len(result.confirmed))
        self._sent["unroutable"].inc(len(result.unroutable))
        self._sent["refused"].inc(len(result.refused))

    def applied(self, outcome: Outcome, seconds: float) -> None:
        """Counts the result of a consumed batch."""
        self._consumed["applied"].inc(outcome.applied)
        self._consumed["duplicate"].inc(outcome.duplicates)
        self._consumed["queued"].inc(outcome.queued)
        self._consumed["parked"].inc(outcome.parked)
        self._duration.observe(seconds)

    def backlog(self, pending: int, oldest: datetime | None, retry_queue: Mapping[str, int]) -> None:
        """Sets the gauges of the outbox and the retry queue.

        Args:
            pending: events in the outbox.
            oldest: when the oldest of them was written; ``None`` when there is none.
            retry_queue: entries by state.
        """
        self._pending.set(pending)
        self._oldest.set(oldest.timestamp() if oldest else 0)
        for state, count in retry_queue.items():
            metrics.retry_queue_events.labels(self.service, state).set(count)

    def unconfirmed(self, states: Iterable[WindowState]) -> None:
        """Sets the gauges of what subscribers have not confirmed.

        Args:
            states: of the subscribers that have not confirmed everything.
        """
        by_subscriber = {state.subscriber: state for state in states}
        for name in self._subscribers | by_subscriber.keys():
            state = by_subscriber.get(name)
            metrics.unconfirmed_events.labels(self.service, name).set(state.unconfirmed if state else 0)
            metrics.missing_events.labels(self.service, name).set(state.missing if state else 0)
            oldest = state.oldest.timestamp() if state else 0
            metrics.unconfirmed_oldest.labels(self.service, name).set(oldest)

    def sent_again(self, subscriber: str, count: int) -> None:
        """Counts events that were sent again to a subscriber that lacked them."""
        self._resent[subscriber].inc(count)

    def repaired(self, count: int) -> None:
        """Counts exchanges, queues and bindings that were missing."""
        self._repairs.inc(count)

    def epoch(self, number: int) -> None:
        """Sets the epoch of the database; see `shared.persistence.epoch`."""
        store_epoch.labels(self.service).set(number)

    def loop_failed(self, name: str) -> None:
        """Counts a failed step of a loop."""
        loop_errors.labels(self.service, name.rpartition("/")[2]).inc()
