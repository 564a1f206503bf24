"""The metrics of a worker's loops."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from prometheus_client import Gauge

from shared.messaging.apply import Outcome
from shared.messaging.port import PublishResult
from shared.messaging.reconciliation import windows
from shared.messaging.reconciliation.windows import WindowState
from shared.observability import metrics

loop_errors = metrics.counter(
    "motcua_loop_errors", "Steps of a worker's loops that failed and were tried again.", "loop"
)

loop_seconds = metrics.counter("motcua_loop_cpu_seconds", "Processor time of a worker's loops.", "loop")

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
        self._measured = metrics.MeasuredGauges()
        self._epoch = metrics.MeasuredGauges()
        self._subscribers = windows.subscribers_to(service)
        self._resent = {name: metrics.resent_events.labels(service, name) for name in self._subscribers}
        self._repairs = metrics.topology_repairs.labels(service)
        self._spent: dict[str, float] = {}
        self._reopens = metrics.consumer_reopens.labels(service)

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

    def backlog(
        self, pending: int, oldest: datetime | None, retry_queue: Mapping[str, int], unconfirmed: Iterable[WindowState]
    ) -> None:
        """Sets the gauges of the outbox, of the retry queue, and of what subscribers have not confirmed.

        Args:
            pending: events in the outbox.
            oldest: when the oldest of them was written; ``None`` when there is none.
            retry_queue: entries by state.
            unconfirmed: the subscribers that have not confirmed everything.
        """
        service = self.service
        values: dict[tuple[Gauge, tuple[str, ...]], float] = {
            (metrics.outbox_pending, (service,)): pending,
            (metrics.outbox_oldest, (service,)): oldest.timestamp() if oldest else 0.0,
        }
        values |= {(metrics.retry_queue_events, (service, state)): n for state, n in retry_queue.items()}
        by_subscriber = {state.subscriber: state for state in unconfirmed}
        for name in self._subscribers | by_subscriber.keys():
            state = by_subscriber.get(name)
            values[metrics.unconfirmed_events, (service, name)] = state.unconfirmed if state else 0
            values[metrics.missing_events, (service, name)] = state.missing if state else 0
            values[metrics.unconfirmed_oldest, (service, name)] = state.oldest.timestamp() if state else 0
        self._measured.show(values)

    def withdraw_backlog(self) -> None:
        """Shows no gauge of :meth:`backlog`: another process measures them, or none can."""
        self._measured.withdraw()

    def sent_again(self, subscriber: str, count: int) -> None:
        """Counts events that were sent again to a subscriber that lacked them."""
        self._resent[subscriber].inc(count)

    def repaired(self, count: int) -> None:
        """Counts exchanges, queues and bindings that were missing."""
        self._repairs.inc(count)

    def reopened(self) -> None:
        """Counts a consumer that was opened anew because nothing that was sent arrived."""
        self._reopens.inc()

    def epoch(self, number: int) -> None:
        """Sets the epoch of the database; see `shared.persistence.epoch`."""
        self._epoch.show({(store_epoch, (self.service,)): number})

    def withdraw_epoch(self) -> None:
        """Shows no epoch: another process reads it, or none can."""
        self._epoch.withdraw()

    def loop_known(self, name: str) -> None:
        """Shows a loop's errors and time, 0 so far; `name` is the loop's without the service."""
        metrics.start_at_zero(loop_errors, self.service, [name])
        metrics.start_at_zero(loop_seconds, self.service, [name])
        self._spent[name] = 0.0

    def loop_failed(self, name: str) -> None:
        """Counts a failed step of a loop."""
        loop_errors.labels(self.service, name.rpartition("/")[2]).inc()

    def loop_spent(self, name: str, seconds: float) -> None:
        """Notes the processor seconds that a loop's thread has used so far; called in that thread."""
        own = name.rpartition("/")[2]
        loop_seconds.labels(self.service, own).inc(seconds - self._spent[own])
        self._spent[own] = seconds
