"""The thread that calls the handlers, one message after the other, and decides what happens to each message."""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from threading import Thread

from pika.channel import Channel

from .decision_message import DecisionMessage
from .decisions import RetryLater
from .events import DossierEvent, UnreadableMessage, parse_event
from .metrics import Metrics
from .papers import Paper
from .settings import Settings

log = logging.getLogger("motcua.agency")


@dataclass(frozen=True)
class DeadLetter:
    """The message can never be handled and goes to the dead letters."""

    reason: str


Outcome = DecisionMessage | RetryLater | DeadLetter | None
"""What to do with a message: publish a decision, wait, dead-letter it, or acknowledge it."""


@dataclass
class Job:
    """A received message that is not settled yet."""

    channel: Channel
    delivery_tag: int
    body: bytes
    received_at: float = field(default_factory=time.monotonic)
    failures: int = 0


class HandlerThread:
    """Takes jobs in order and reports each outcome.

    Args:
        settings: limits of retries.
        handle: gives the decision, the delay, or None for an event.
        papers: fetches the papers for a task.
        metrics: the service's counters.
        observed: short names of the platform's own events to handle.
        on_done: called in this thread with each handled job and its outcome.
        on_skip: called in this thread for each skipped job.
        on_crash: called in this thread when a handler raised something that is not an Exception, such as SystemExit.
        skip: whether to drop a job unhandled: its channel is closed or the service stops.
    """

    def __init__(
        self,
        settings: Settings,
        handle: Callable[[DossierEvent], DecisionMessage | RetryLater | None],
        papers: Callable[[str], list[Paper]],
        metrics: Metrics,
        observed: Container[str],
        *,
        on_done: Callable[[Job, Outcome], None],
        on_skip: Callable[[], None],
        on_crash: Callable[[], None],
        skip: Callable[[Job], bool],
    ) -> None:
        self.crash: BaseException | None = None
        self._settings = settings
        self._handle_event = handle
        self._papers = papers
        self._metrics = metrics
        self._observed = observed
        self._on_done, self._on_skip, self._on_crash, self._skip = on_done, on_skip, on_crash, skip
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = Thread(target=self._run, name="handlers", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def put(self, job: Job) -> None:
        """Adds a job to the queue."""
        self._jobs.put(job)

    def stop(self) -> None:
        """Ends the thread after the running job."""
        self._jobs.put(None)

    def _run(self) -> None:
        try:
            while (job := self._jobs.get()) is not None:
                if self._skip(job):
                    self._on_skip()
                else:
                    self._on_done(job, self._handle(job))
        # sys.exit() in a handler must end the whole service, not only this thread; the consumer's run() raises it again.
        except BaseException as error:  # noqa: BLE001
            self.crash = error
            self._on_crash()

    def _handle(self, job: Job) -> Outcome:
        try:
            event = parse_event(job.body, self._papers, self._observed)
        except UnreadableMessage as error:
            log.warning("unreadable message dead-lettered: %s", error)
            self._metrics.add("unreadable_total")
            return DeadLetter(str(error))
        self._metrics.add("received_total", event=event.event if event else "other")
        if event is None:
            self._metrics.add("ignored_total")
            return None
        started = time.monotonic()
        try:
            return self._handle_event(event)
        except Exception as error:
            log.exception("%s of task %s failed", event.event, event.task)
            return self._retry_or_give_up(job, error)
        finally:
            self._metrics.add("handler_seconds_sum", time.monotonic() - started)
            self._metrics.add("handler_seconds_count")

    def _retry_or_give_up(self, job: Job, error: Exception) -> RetryLater | DeadLetter:
        job.failures += 1
        self._metrics.add("failures_total")
        if job.failures < self._settings.attempts:
            return RetryLater(self._settings.retry_seconds * 2.0 ** (job.failures - 1))
        log.error("message dead-lettered after %d attempts: %s", job.failures, error)
        self._metrics.add("given_up_total")
        return DeadLetter(str(error))
