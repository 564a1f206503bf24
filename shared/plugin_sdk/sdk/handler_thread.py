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
from .papers import DossierDetails, PapersUnavailable
from .settings import Settings

log = logging.getLogger("motcua.agency")

FIRST_WAIT_SECONDS, MAX_WAIT_SECONDS = 1.0, 60.0
"""How long a message waits for papers before its handler is called again: doubled each time, and as long as the platform asks."""
MAX_RETRY_AFTER_SECONDS = 1200.0


@dataclass(frozen=True)
class DeadLetter:
    """The message can never be handled and goes to the dead letters."""

    reason: str


@dataclass(frozen=True)
class WaitForPapers(RetryLater):
    """The handler needs papers that the platform does not give now: call it again, without counting an attempt."""


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
    waits: int = 0


class HandlerThread:
    """Takes jobs in order and reports each outcome.

    Args:
        settings: limits of retries.
        handle: gives the decision, the delay, or None for an event.
        details: reads the dossier of a task from the platform.
        metrics: the service's counters.
        observed: short names of the platform's own events to handle.
        on_done: called in this thread with each handled job and its outcome.
        on_skip: called in this thread for each skipped job.
        on_crash: called in this thread when it ends because of an error of its own.
        skip: whether to drop a job unhandled: its channel is closed or the service stops.
    """

    def __init__(
        self,
        settings: Settings,
        handle: Callable[[DossierEvent], DecisionMessage | RetryLater | None],
        details: Callable[[str], DossierDetails],
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
        self._details = details
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
        # An error of the SDK must end the whole service, not only this thread; the consumer's run() raises it again.
        except BaseException as error:  # noqa: BLE001
            self.crash = error
            self._on_crash()

    def _handle(self, job: Job) -> Outcome:
        try:
            event = parse_event(job.body, self._details, self._observed)
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
            outcome = self._handle_event(event)
            job.waits = 0
            return outcome
        except PapersUnavailable as error:
            return self._wait_for_papers(job, event, error)
        # SystemExit too: if one message ended the service at each delivery, the broker would give up all that were delivered with it.
        except BaseException as error:
            log.exception("%s of task %s failed", event.event, event.task)
            return self._retry_or_give_up(job, error)
        finally:
            self._metrics.add("handler_seconds_sum", time.monotonic() - started)
            self._metrics.add("handler_seconds_count")

    def _wait_for_papers(self, job: Job, event: DossierEvent, error: PapersUnavailable) -> WaitForPapers:
        seconds = wait_seconds(job, error)
        self._metrics.add("papers_unavailable_total")
        log.warning("%s of task %s waits %.0f s for the papers: %s", event.event, event.task, seconds, error)
        return WaitForPapers(seconds)

    def _retry_or_give_up(self, job: Job, error: BaseException) -> RetryLater | DeadLetter:
        job.failures += 1
        self._metrics.add("failures_total")
        if job.failures < self._settings.attempts:
            return RetryLater(self._settings.retry_seconds * 2.0 ** (job.failures - 1))
        log.error("message dead-lettered after %d attempts: %s", job.failures, error)
        self._metrics.add("given_up_total")
        return DeadLetter(str(error))


def wait_seconds(job: Job, error: PapersUnavailable) -> float:
    """How long a message waits for papers this time, and a longer time next."""
    pause = min(FIRST_WAIT_SECONDS * 2.0**job.waits, MAX_WAIT_SECONDS)
    job.waits = min(job.waits + 1, 10)
    return max(pause, min(error.retry_after or 0.0, MAX_RETRY_AFTER_SECONDS))
