"""The platform's Prometheus metrics; each service exposes its own under ``/<service>/metrics``.

Names follow OpenTelemetry's semantic conventions where these have one. Every metric has the label `service`, since one process may
run several services. Labels never hold a dossier, a person or a procedure.

Several processes of one platform share the directory ``PROMETHEUS_MULTIPROC_DIR``; each then exposes the sum of all. The variable
must be set before Python starts.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from threading import Lock
from typing import Literal

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, multiprocess
from prometheus_client.exposition import choose_encoder

HTTP_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

GaugeMode = Literal["livesum", "livemax", "livemin", "livemostrecent", "mostrecent"]

prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call, unused-ignore]
registry = CollectorRegistry()


def counter(name: str, documentation: str, *labels: str) -> Counter:
    """Declares a counter; its first label is always `service`.

    Args:
        name: without the suffix ``_total``, which is added.
        documentation: one sentence.
        labels: the labels after `service`; few values each, and never of a person or dossier.
    """
    return Counter(name, documentation, ("service", *labels), registry=registry)


def start_at_zero(counter: Counter, service: str, *values: Iterable[str]) -> None:
    """Shows a counter with 0 before it first counts, so that Prometheus' ``increase()`` sees its first step too.

    Args:
        counter: any counter of this module's kind.
        service: the service's name.
        *values: for each further label, the values that are known beforehand; all combinations are shown.
    """
    for labels in product(*values):
        counter.labels(service, *labels)


def gauge(name: str, documentation: str, *labels: str, mode: GaugeMode = "livemostrecent") -> Gauge:
    """Declares a gauge; its first label is always `service`.

    Args:
        name: the full name, with its unit.
        documentation: one sentence.
        labels: the labels after `service`.
        mode: how the values of several processes become one; the ``live`` modes leave out dead processes.
    """
    return Gauge(name, documentation, ("service", *labels), registry=registry, multiprocess_mode=mode)


class MeasuredGauges:
    """Gauges that only one of several processes measures, such as the holder of a lease. The others show nothing of them.

    A value that is withdrawn becomes NaN, which :func:`exposition` leaves out, with a time so early that in a shared directory the
    value of any other process comes before it: the library itself can't remove a value from a shared directory.
    """

    def __init__(self) -> None:
        self._shown: set[tuple[Gauge, tuple[str, ...]]] = set()
        self._lock = Lock()

    def show(self, values: Mapping[tuple[Gauge, tuple[str, ...]], float]) -> None:
        """Sets the gauges, and withdraws all values of before that are not among them.

        Args:
            values: gauge and all its labels, `service` first → value.
        """
        with self._lock:
            for gauge, labels in self._shown - values.keys():
                _withdraw(gauge, labels)
            for (gauge, labels), value in values.items():
                gauge.labels(*labels).set(value)
            self._shown = set(values)

    def withdraw(self) -> None:
        """Shows nothing until the next :meth:`show`: this process does not know the values."""
        self.show({})


def _withdraw(gauge: Gauge, labels: tuple[str, ...]) -> None:
    gauge.labels(*labels)._value.set(math.nan, timestamp=1.0)


def histogram(name: str, documentation: str, *labels: str, buckets: Sequence[float]) -> Histogram:
    """Declares a histogram; its first label is always `service`.

    Args:
        name: the full name, with its unit.
        documentation: one sentence.
        labels: the labels after `service`.
        buckets: upper bounds, in the unit of the name.
    """
    return Histogram(name, documentation, ("service", *labels), registry=registry, buckets=buckets)


http_duration = histogram(
    "http_server_request_duration_seconds",
    "Time to answer a request.",
    "http_request_method",
    "http_route",
    "http_response_status_code",
    buckets=HTTP_BUCKETS,
)
process_duration = histogram(
    "messaging_process_duration_seconds", "Time to apply a batch of events.", buckets=HTTP_BUCKETS
)
consumed_messages = counter("messaging_client_consumed_messages", "Events taken from the bus, by outcome.", "outcome")
sent_messages = counter("messaging_client_sent_messages", "Events published to the bus, by outcome.", "outcome")
outbox_pending = gauge("motcua_outbox_pending", "Events waiting to be published.")
outbox_oldest = gauge(
    "motcua_outbox_oldest_timestamp_seconds", "When the oldest waiting event was written; 0 when none waits."
)
retry_queue_events = gauge(
    "motcua_retry_queue_events", "Events waiting for a retry (waiting) or given up (parked).", "state"
)
unconfirmed_events = gauge(
    "motcua_unconfirmed_events", "Published events that a subscriber has not confirmed yet.", "subscriber"
)
unconfirmed_oldest = gauge(
    "motcua_unconfirmed_oldest_timestamp_seconds",
    "When the oldest event that a subscriber has not confirmed was published; 0 when there is none.",
    "subscriber",
)
missing_events = gauge(
    "motcua_missing_events", "Published events that a subscriber said it lacks and has not got yet.", "subscriber"
)
resent_events = counter(
    "motcua_resent_events", "Published events sent again, because a subscriber lacked them.", "subscriber"
)
topology_repairs = counter(
    "motcua_topology_repairs", "Exchanges, queues and bindings of the bus that were missing and were declared again."
)
consumer_reopens = counter(
    "motcua_consumer_reopens", "Connections of consumers that were opened anew because nothing that was sent arrived."
)
consumed_partitions = gauge(
    "motcua_consumed_partitions", "Partitions of the service's events that this process consumes."
)
sweep_failures = counter(
    "motcua_sweep_failures", "Rows that a sweep failed on; each is tried again in the next run.", "sweep"
)
dossiers_received = counter("motcua_dossiers_received", "Dossiers received.", "agency", "field")
dossiers_decided = counter("motcua_dossiers_decided", "Dossiers decided.", "agency", "field", "on_time")
dossiers_overdue = gauge(
    "motcua_dossiers_overdue", "Dossiers past their promised date and not decided.", "agency", "field"
)
apologies_signed = counter("motcua_apologies_signed", "Apologies (form 04) that were signed.", "agency", "kind")
apologies_missing = gauge(
    "motcua_apologies_missing", "Late dossiers whose apology the responsible agency has not signed.", "agency"
)
applications_waiting = gauge(
    "motcua_applications_waiting", "Applications that wait for their desk's answer.", "agency", "channel"
)
applications_overdue = gauge(
    "motcua_applications_overdue", "Of these, those not answered within the time limit.", "agency", "channel"
)
agency_deliveries = counter(
    "motcua_agency_deliveries",
    "Calls of agencies' webhooks, by what came of them: done, retry, give_up, disable.",
    "agency",
    "result",
)
agency_events_waiting = gauge(
    "motcua_agency_events_waiting", "Events that wait for agencies connected over HTTPS.", "agency", "way"
)
agency_events_oldest = gauge(
    "motcua_agency_events_oldest_timestamp_seconds",
    "Since when the oldest of these waits; 0 when none does.",
    "agency",
    "way",
)
agency_events_given_up = gauge(
    "motcua_agency_events_given_up", "Events that an agency's webhook did not take for days.", "agency"
)
agency_webhook_disabled = gauge(
    "motcua_agency_webhook_disabled", "1 if nothing is sent to the agency's webhook any more; otherwise 0.", "agency"
)
agency_key_seconds_left = gauge(
    "motcua_agency_key_seconds_left",
    "Time until the key ends on which an agency's own software relies; negative when it has ended.",
    "agency",
)
agency_queue_messages = gauge(
    "motcua_agency_queue_messages", "Messages that wait at the broker for an agency's own software.", "agency"
)
agency_dead_letters = gauge(
    "motcua_agency_dead_letters", "Messages that an agency's own software rejected or failed on.", "agency"
)
fee_transfers_overdue = gauge(
    "motcua_fee_transfers_overdue",
    "Payments online that should have been paid on to the budget by now (NĐ 118/2025, article 24.3).",
    "agency",
)
fee_transfers_overdue_oldest = gauge(
    "motcua_fee_transfers_overdue_oldest_timestamp_seconds",
    "When the oldest of these was due; 0 when none is overdue.",
    "agency",
)
erasures = counter(
    "motcua_erasures",
    "Dossiers, declined filings and appointments whose personal data were erased because their time was over.",
    "kind",
)
deliveries = counter(
    "motcua_notify_deliveries",
    "Attempts to send messages to citizens, by the state in which they left the delivery.",
    "channel",
    "state",
)
deliveries_in_doubt = counter(
    "motcua_notify_deliveries_in_doubt",
    "Deliveries that a provider may have taken without our knowing: they are sent again, perhaps a second time.",
    "channel",
)
complaints_lodged = counter("motcua_complaints_lodged", "Complaints and feedback lodged.", "agency", "channel")
complaints_answered = counter("motcua_complaints_answered", "Complaints answered or rejected.", "agency", "on_time")
complaints_in_hand = gauge("motcua_complaints_in_hand", "Complaints that wait for their answer.", "agency")
complaints_overdue = gauge(
    "motcua_complaints_overdue", "Complaints not answered, or answers not published, by their due time.", "agency"
)
rating_devices_paired = gauge("motcua_rating_devices_paired", "Rating devices that are paired.", "agency")
rating_devices_silent = gauge(
    "motcua_rating_devices_silent", "Of these, those that have said nothing for too much working time.", "agency"
)
rating_devices_waiting = gauge(
    "motcua_rating_devices_waiting", "Ratings that they had not delivered yet when they last reported.", "agency"
)
ratings = counter("motcua_ratings", "Ratings given by citizens.", "agency", "score")


class HttpDurations:
    """Counts the requests of one service. It keeps the labelled children, since finding one costs more than counting in it.

    Args:
        service: the service's name.
    """

    def __init__(self, service: str) -> None:
        self._service = service
        self._children: dict[tuple[str, str, int], Histogram] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Counts one request.

        Args:
            method: the HTTP method; an unknown one is counted as ``_OTHER``.
            route: the route's template, never the path itself; empty when no route matched.
            status: the HTTP status.
            seconds: how long it took.
        """
        key = (method if method in METHODS else "_OTHER", route, status)
        child = self._children.get(key)
        if child is None:
            child = self._children[key] = http_duration.labels(self._service, key[0], route, str(status))
        child.observe(seconds)


class _OneService:
    """The samples of one service."""

    def __init__(self, service: str, source: CollectorRegistry) -> None:
        self._service = service
        self._source = source

    def collect(self) -> Iterator[Metric]:
        for metric in self._source.collect():
            metric.samples = [
                sample
                for sample in metric.samples
                if sample.labels.get("service") == self._service and not math.isnan(sample.value)
            ]
            if metric.samples:
                yield metric


def exposition(service: str, accept: str = "") -> tuple[bytes, str]:
    """One service's metrics as text, from all processes that share the directory.

    Args:
        service: the service's name.
        accept: the scraper's Accept header.

    Returns:
        the text and its content type.
    """
    source = registry
    if directory := _directory():
        source = CollectorRegistry()
        multiprocess.MultiProcessCollector(source, directory)  # type: ignore[no-untyped-call, unused-ignore]
    encode, content_type = choose_encoder(accept)
    return encode(_OneService(service, source)), content_type


def mark_process_dead(pid: int) -> None:
    """Removes a dead process from the live gauges; its counters stay. Its parent calls this."""
    if directory := _directory():
        multiprocess.mark_process_dead(pid, directory)  # type: ignore[no-untyped-call, unused-ignore]


def _directory() -> str:
    """The directory at the time of use, as prometheus_client reads it; "" for none."""
    return os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")


def declared_names() -> list[str]:
    """The names of all declared metrics as scrapers see them, for the test that compares them with dashboards and alerts."""
    return sorted(_names(registry.collect()))


def _names(metrics: Iterable[Metric]) -> Iterator[str]:
    for metric in metrics:
        if metric.type == "histogram":
            yield from (f"{metric.name}_{part}" for part in ("bucket", "count", "sum"))
        else:
            yield f"{metric.name}_total" if metric.type == "counter" else metric.name
