"""Receives an agency's messages and acknowledges each one only when its decision is confirmed.

One thread does all input and output, so that heartbeats continue while a handler runs; `HandlerThread` calls the handlers.
A message stays unacknowledged until it is settled, also while it waits for a retry. If the process or its machine dies, the broker
delivers the message again at once. Requeueing it at each retry instead would use up the broker's delivery limit, which counts every
delivery that was not acknowledged, also those of a lost connection.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

import pika
from pika.adapters.select_connection import IOLoop
from pika.channel import Channel
from pika.spec import Basic

from .connection import Connection, connection_parameters
from .decision_message import DecisionMessage
from .decisions import RetryLater
from .events import DossierEvent
from .handler_thread import DeadLetter, HandlerThread, Job, Outcome, WaitForPapers
from .metrics import Metrics
from .papers import DossierDetails
from .publisher import Publisher
from .settings import Settings
from .version import PRODUCT, VERSION

log = logging.getLogger("motcua.agency")

HOLD_SECONDS = 25 * 60
"""How long a message is kept unacknowledged. The broker closes the channel of a consumer that keeps one for 30 minutes."""
CLOSE_SECONDS = 3.0
UNSUSPICIOUS_DELIVERIES = 3
FIRST_SUSPECT_SECONDS, MAX_SUSPECT_SECONDS = 2.0, 60.0
"""The longest pause before a message that was delivered more often is handled; doubled with each further delivery."""


class Consumer:
    """The service's side of the agency's queue. All methods but `stop` run in the I/O thread.

    Args:
        settings: the agency, its broker and its limits.
        handle: gives the decision, the delay, or None for an event.
        details: reads the dossier of a task from the platform.
        metrics: the service's counters.
        observed: short names of the platform's own events to handle.
    """

    def __init__(
        self,
        settings: Settings,
        handle: Callable[[DossierEvent], DecisionMessage | RetryLater | None],
        details: Callable[[str], DossierDetails],
        metrics: Metrics,
        observed: Collection[str] = (),
    ) -> None:
        self._settings = settings
        self._metrics = metrics
        self._keeps_order = bool(observed)
        self._ioloop = IOLoop()
        self._channel: Channel | None = None
        self._in_progress = 0  # jobs in the handler thread; SIGTERM waits for these and for the publisher's
        self._stopping = self._finished = False
        name = f"agency.{settings.code}"
        self._queue, self._consumer_tag = name, ""
        self._connection = Connection(
            self._ioloop,
            connection_parameters(settings.amqp_url, f"{name} receiver"),
            "receiver",
            self._consume,
            self._connection_lost,
        )
        self._publisher = Publisher(self._ioloop, settings.amqp_url, name, metrics, self._end_if_closed)
        threadsafe = self._ioloop.add_callback_threadsafe
        self._handlers = HandlerThread(
            settings,
            handle,
            details,
            metrics,
            observed,
            on_done=lambda job, outcome: threadsafe(partial(self._settle, job, outcome)),
            on_skip=lambda: threadsafe(self._skipped),
            on_crash=lambda: threadsafe(self._finish),
            skip=lambda job: self._stopping or not job.channel.is_open,
        )

    def run(self) -> None:
        """Runs until `stop`.

        Raises:
            BaseException: an error of the SDK itself.
        """
        self._handlers.start()
        self._connection.open()
        self._publisher.open()
        try:
            self._ioloop.start()
        finally:
            self._ioloop.close()
        if self._handlers.crash is not None:
            raise self._handlers.crash

    def stop(self) -> None:
        """Starts no new work, finishes the running work and ends `run`. Call it from any thread or signal handler."""
        self._ioloop.add_callback_threadsafe(self._stop)

    def _consume(self, channel: Channel) -> None:
        if self._stopping:
            return
        self._channel = channel
        channel.basic_qos(prefetch_count=self._settings.prefetch)
        self._consumer_tag = channel.basic_consume(
            self._queue, self._received, callback=lambda _frame: self._consuming()
        )

    def _consuming(self) -> None:
        self._connection.reset_backoff()
        self._metrics.set("connected", 1)
        log.info("receiving from %s with %s %s", self._queue, PRODUCT, VERSION)

    def _connection_lost(self) -> None:
        self._channel = None
        self._metrics.set("connected", 0)
        self._metrics.add("connections_lost_total", 0 if self._connection.closed else 1)
        self._end_if_closed()

    def _received(self, channel: Channel, method: Basic.Deliver, properties: pika.BasicProperties, body: bytes) -> None:
        if self._stopping:
            return
        job = Job(channel, method.delivery_tag, body)
        pause = 0.0 if self._keeps_order else suspect_pause(properties.headers or {})
        if pause:
            self._delay(job, RetryLater(pause))
        else:
            self._handle(job)

    def _handle(self, job: Job) -> None:
        self._in_progress += 1
        self._handlers.put(job)

    def _skipped(self) -> None:
        self._in_progress -= 1
        self._finish_if_idle()

    def _settle(self, job: Job, outcome: Outcome) -> None:
        self._in_progress -= 1
        if job.channel.is_open and not self._finished:  # otherwise the broker delivers the message again
            if isinstance(outcome, DecisionMessage):
                self._publisher.send(outcome, partial(self._confirmed, job, outcome))
            elif isinstance(outcome, RetryLater):
                self._delay(job, outcome)
            elif isinstance(outcome, DeadLetter):
                job.channel.basic_reject(job.delivery_tag, requeue=False)
            else:
                job.channel.basic_ack(job.delivery_tag)
        self._finish_if_idle()

    def _confirmed(self, job: Job, message: DecisionMessage) -> None:
        self._metrics.add("decided_total", event=message.routing_key.removeprefix(f"{self._queue}."))
        if job.channel.is_open:
            job.channel.basic_ack(job.delivery_tag)
        self._finish_if_idle()

    def _delay(self, job: Job, later: RetryLater) -> None:
        if self._stopping:
            return
        if time.monotonic() + later.seconds > job.received_at + HOLD_SECONDS:
            log.warning("a message has waited here for %d minutes and goes back to the queue", HOLD_SECONDS // 60)
            job.channel.basic_reject(job.delivery_tag, requeue=True)
            return
        self._count_waiting(later, 1)
        self._ioloop.call_later(later.seconds, partial(self._retry, job, later))

    def _retry(self, job: Job, later: RetryLater) -> None:
        self._count_waiting(later, -1)
        if job.channel.is_open and not self._stopping:
            self._handle(job)

    def _count_waiting(self, later: RetryLater, number: int) -> None:
        self._metrics.add("waiting", number)
        if isinstance(later, WaitForPapers):
            self._metrics.add("waiting_for_papers", number)

    def _stop(self) -> None:
        if self._stopping:
            return
        self._stopping = True
        if self._channel is not None and self._channel.is_open and self._consumer_tag:
            self._channel.basic_cancel(self._consumer_tag)
        self._ioloop.call_later(self._settings.stop_seconds, self._finish)
        self._finish_if_idle()

    def _finish_if_idle(self) -> None:
        if self._stopping and not self._in_progress and not self._publisher.busy:
            self._finish()

    def _finish(self) -> None:
        if self._finished:
            return
        self._finished = True
        self._handlers.stop()
        self._connection.close()
        self._publisher.connection.close()
        self._ioloop.call_later(CLOSE_SECONDS, self._ioloop.stop)
        self._end_if_closed()

    def _end_if_closed(self) -> None:
        if self._finished and self._connection.closed and self._publisher.connection.closed:
            self._ioloop.stop()


def suspect_pause(headers: Mapping[str, Any]) -> float:
    """Seconds to wait before a message is handled that was delivered often: perhaps it ended the process each time.

    Whatever is in hand then is delivered again too, and counted. The pause is random, so that the others are decided before it.

    Args:
        headers: of the message; the broker counts earlier deliveries in ``x-delivery-count``.
    """
    count = headers.get("x-delivery-count", 0)
    if not isinstance(count, int) or count <= UNSUSPICIOUS_DELIVERIES:
        return 0.0
    longest = min(FIRST_SUSPECT_SECONDS * 2.0 ** min(count - UNSUSPICIOUS_DELIVERIES - 1, 10), MAX_SUSPECT_SECONDS)
    return random.uniform(0, longest)
