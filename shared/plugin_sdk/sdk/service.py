"""Receives messages, has them handled in a thread, and acknowledges each only when its answer is confirmed.

One thread does all input and output, so that heartbeats go on while a handler takes its time; the other one calls the handlers, one
after the other. A message stays unacknowledged until it is done, also while it waits for another attempt: whatever happens to this
process or its machine, the broker has it and hands it out again at once. Requeueing instead would use up the broker's delivery limit.
"""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from functools import partial
from threading import Thread

import pika
from pika.adapters.select_connection import IOLoop
from pika.channel import Channel
from pika.spec import Basic

from .decisions import Later
from .events import Answer, Notice, Unreadable, read
from .link import Link, parameters
from .metrics import Metrics
from .papers import Paper
from .publisher import Publisher
from .settings import Settings

log = logging.getLogger("motcua.agency")

HOLD_SECONDS = 25 * 60
"""Longest time for one message: the broker closes the channel of a consumer that keeps one for 30 minutes."""
CLOSE_SECONDS = 3.0


@dataclass(frozen=True)
class DeadLetter:
    """The message can never be handled: the broker shall put it where people find it."""

    reason: str


@dataclass
class Job:
    """A message in hand."""

    channel: Channel
    tag: int
    body: bytes
    since: float = field(default_factory=time.monotonic)
    failures: int = 0


class Service:
    """An agency's service, from its start to its end.

    Args:
        settings: the agency, its broker and its limits.
        react: what to answer to an event: a message, a pause, or nothing.
        papers: gives the papers for a task.
        metrics: counts.
        observed: short names of the platform's own events that are looked at.
    """

    def __init__(
        self,
        settings: Settings,
        react: Callable[[Notice], Answer | Later | None],
        papers: Callable[[str], list[Paper]],
        metrics: Metrics,
        observed: Container[str] = (),
    ) -> None:
        self._settings = settings
        self._react = react
        self._papers = papers
        self._metrics = metrics
        self._observed = observed
        self._ioloop = IOLoop()
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._channel: Channel | None = None
        self._in_hand = 0  # jobs handed to the thread and not come back; with the publisher's, what SIGTERM waits for
        self._stopping = self._finished = False
        self._crash: BaseException | None = None
        name = f"agency.{settings.code}"
        self._queue, self._consumer_tag = name, ""
        self._receiver = Link(
            self._ioloop, parameters(settings.amqp_url, f"{name} receiver"), "receiver", self._consume, self._lost
        )
        self._publisher = Publisher(self._ioloop, settings.amqp_url, name, metrics, self._end_if_closed)
        self._thread = Thread(target=self._handle_all, name="handlers", daemon=True)

    def run(self) -> None:
        """Works until `stop`.

        Raises:
            BaseException: what a handler raised that is no Exception, such as SystemExit.
        """
        self._thread.start()
        self._receiver.open()
        self._publisher.open()
        try:
            self._ioloop.start()
        finally:
            self._ioloop.close()
        if self._crash is not None:
            raise self._crash

    def stop(self) -> None:
        """Asks for an end: nothing new is begun, what is in hand is finished. From any thread or signal handler."""
        self._ioloop.add_callback_threadsafe(self._stop)

    # -- the I/O thread

    def _consume(self, channel: Channel) -> None:
        if self._stopping:
            return
        self._channel = channel
        channel.basic_qos(prefetch_count=self._settings.prefetch)
        self._consumer_tag = channel.basic_consume(
            self._queue, self._received, callback=lambda _frame: self._consuming()
        )

    def _consuming(self) -> None:
        self._receiver.works()
        self._metrics.set("connected", 1)
        log.info("receiving from %s", self._queue)

    def _lost(self) -> None:
        self._channel = None
        self._metrics.set("connected", 0)
        self._metrics.add("connections_lost_total", 0 if self._receiver.closed else 1)
        self._end_if_closed()

    def _received(self, channel: Channel, how: Basic.Deliver, _what: pika.BasicProperties, body: bytes) -> None:
        if not self._stopping:
            self._hand(Job(channel, how.delivery_tag, body))

    def _hand(self, job: Job) -> None:
        self._in_hand += 1
        self._jobs.put(job)

    def _settle(self, job: Job, outcome: Answer | Later | DeadLetter | None) -> None:
        self._in_hand -= 1
        if job.channel.is_open and not self._finished:  # otherwise the broker hands the message out again
            if isinstance(outcome, Answer):
                self._publisher.send(outcome, partial(self._confirmed, job, outcome))
            elif isinstance(outcome, Later):
                self._wait(job, outcome.seconds)
            elif isinstance(outcome, DeadLetter):
                job.channel.basic_reject(job.tag, requeue=False)
            else:
                job.channel.basic_ack(job.tag)
        self._finish_if_idle()

    def _confirmed(self, job: Job, answer: Answer) -> None:
        self._metrics.add("decided_total", event=answer.routing_key.removeprefix(f"{self._queue}."))
        if job.channel.is_open:
            job.channel.basic_ack(job.tag)
        self._finish_if_idle()

    def _wait(self, job: Job, seconds: float) -> None:
        if self._stopping:
            return
        if time.monotonic() + seconds > job.since + HOLD_SECONDS:
            log.warning("a message has waited here for %d minutes and goes back to the queue", HOLD_SECONDS // 60)
            job.channel.basic_reject(job.tag, requeue=True)
            return
        self._metrics.add("waiting")
        self._ioloop.call_later(seconds, partial(self._resume, job))

    def _resume(self, job: Job) -> None:
        self._metrics.add("waiting", -1)
        if job.channel.is_open and not self._stopping:
            self._hand(job)

    def _stop(self) -> None:
        if self._stopping:
            return
        self._stopping = True
        if self._channel is not None and self._channel.is_open and self._consumer_tag:
            self._channel.basic_cancel(self._consumer_tag)
        self._ioloop.call_later(self._settings.stop_seconds, self._finish)
        self._finish_if_idle()

    def _finish_if_idle(self) -> None:
        if self._stopping and not self._in_hand and not self._publisher.busy:
            self._finish()

    def _finish(self) -> None:
        if self._finished:
            return
        self._finished = True
        self._jobs.put(None)
        self._receiver.close()
        self._publisher.link.close()
        self._ioloop.call_later(CLOSE_SECONDS, self._ioloop.stop)
        self._end_if_closed()

    def _end_if_closed(self) -> None:
        if self._finished and self._receiver.closed and self._publisher.link.closed:
            self._ioloop.stop()

    # -- the handlers' thread

    def _handle_all(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                if job.channel.is_open and not self._stopping:
                    self._ioloop.add_callback_threadsafe(partial(self._settle, job, self._handle(job)))
                else:
                    self._ioloop.add_callback_threadsafe(self._skip)
        # sys.exit() in a handler, too, must end the whole service and not only this thread; run() raises it again.
        except BaseException as error:  # noqa: BLE001
            self._crash = error
            self._ioloop.add_callback_threadsafe(self._finish)

    def _skip(self) -> None:
        self._in_hand -= 1
        self._finish_if_idle()

    def _handle(self, job: Job) -> Answer | Later | DeadLetter | None:
        try:
            notice = read(job.body, self._papers, self._observed)
        except Unreadable as error:
            log.warning("an unreadable message goes to the dead letters: %s", error)
            self._metrics.add("unreadable_total")
            return DeadLetter(str(error))
        self._metrics.add("received_total", event=notice.event if notice else "other")
        if notice is None:
            self._metrics.add("ignored_total")
            return None
        started = time.monotonic()
        try:
            return self._react(notice)
        except Exception as error:
            log.exception("%s of task %s failed", notice.event, notice.task)
            return self._failed(job, error)
        finally:
            self._metrics.add("handler_seconds_sum", time.monotonic() - started)
            self._metrics.add("handler_seconds_count")

    def _failed(self, job: Job, error: Exception) -> Later | DeadLetter:
        job.failures += 1
        self._metrics.add("failures_total")
        if job.failures < self._settings.attempts:
            return Later(self._settings.retry_seconds * 2.0 ** (job.failures - 1))
        log.error("given up after %d attempts, to the dead letters: %s", job.failures, error)
        self._metrics.add("given_up_total")
        return DeadLetter(str(error))
