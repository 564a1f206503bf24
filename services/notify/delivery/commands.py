"""The sender: claims due messages, gives them to the provider with no transaction open, and records the results."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from services.notify.channels.domain import Channel
from services.notify.channels.port import (
    Accepted,
    Outcome,
    Outgoing,
    PermanentlyFailed,
    Provider,
    SmsContent,
    Throttled,
)
from services.notify.channels.providers import open_providers
from services.notify.channels.sms_segments import Segments, count_segments
from services.notify.delivery.domain import QuietHours, RetryPolicy
from services.notify.delivery.quiet_hours import quiet_hours
from services.notify.messages.domain import State
from services.notify.messages.store import ClaimedMessage, any_due, change_state, claim_due, hold_due
from services.notify.templates.domain import fill_public_url
from shared.messaging.event import new_id
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context

BATCH = 200
LEASE_SECONDS = 6.0
CLAIM_LEASES = 10
"""Another worker may claim the messages after so many times the lease: one minute, unless the operator chose another lease."""
BATCH_LEASES = 5
"""No message of a batch is started after this. Even with the timeout of the last call, the batch ends well before its claim expires."""


@dataclass
class Results:
    """The results of a batch.

    Attributes:
        sent: messages that the provider took, with their segments.
        failed: messages that failed, with the error.
        deferred: messages that were not tried.
        pause: how long the deferred ones wait.
    """

    sent: list[tuple[ClaimedMessage, Segments]] = field(default_factory=list)
    failed: list[tuple[ClaimedMessage, Outcome]] = field(default_factory=list)
    deferred: list[ClaimedMessage] = field(default_factory=list)
    pause: timedelta = timedelta(0)

    def add(self, message: ClaimedMessage, segments: Segments, outcome: Outcome) -> None:
        """Adds what became of one message."""
        match outcome:
            case Accepted():
                self.sent.append((message, segments))
            case Throttled():
                self.deferred.append(message)
                self.pause = max(self.pause, timedelta(seconds=outcome.retry_after_seconds))
            case _:
                self.failed.append((message, outcome))


class Sender:
    """Sends the messages of one store through one provider.

    Args:
        store: notify's store.
        provider: sends the messages.
        public_url: address of the platform, for links in messages.
        retry_policy: how failed messages are tried again.
        monotonic: a monotonic clock, in seconds.
        quiet_hours: hours in which only urgent messages are sent, by business time; None for none.
        lease_seconds: real time after which a process that hangs is replaced.
    """

    def __init__(
        self,
        store: Store,
        provider: Provider,
        public_url: str,
        retry_policy: RetryPolicy | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        quiet_hours: QuietHours | None = None,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self.store = store
        self.provider = provider
        self.public_url = public_url
        self.retry_policy = retry_policy or RetryPolicy()
        self.monotonic = monotonic
        self.quiet_hours = quiet_hours
        self.claim_duration = timedelta(seconds=CLAIM_LEASES * lease_seconds)
        self.batch_seconds = BATCH_LEASES * lease_seconds

    def send_batch(self, limit: int = BATCH) -> int:
        """Sends one batch; returns how many messages it claimed.

        A crash at any point is safe: the messages are claimed again once this claim expires, and the provider knows them by id.
        """
        claim = new_id()
        with self.store.read() as connection:
            if not any_due(connection, self.store.clock.wall()):
                return 0
        batch = self.store.run(lambda work: self._claim(work, claim, limit))
        if not batch:
            return 0
        results = self._send_all(batch)
        self.store.run(lambda work: self._record(work, claim, results))
        return len(batch)

    def _claim(self, work: UnitOfWork, claim: str, limit: int) -> list[ClaimedMessage]:
        at = work.clock.wall()
        night_ends = self.quiet_hours.end_after(work.now) if self.quiet_hours is not None else None
        if night_ends is not None:
            hold_due(work.connection, at, at + timedelta(seconds=work.clock.real_seconds(night_ends - work.now)))
        return claim_due(work.connection, claim, at, at + self.claim_duration, limit)

    def _send_all(self, batch: Sequence[ClaimedMessage]) -> Results:
        results, until = Results(), self.monotonic() + self.batch_seconds
        outgoing: dict[str, tuple[ClaimedMessage, Segments]] = {}
        ready: list[Outgoing] = []
        for message in batch:
            if message.failures >= self.retry_policy.max_failures:
                results.failed.append((message, PermanentlyFailed("the sender's claim expired without a result")))
                continue
            text = fill_public_url(message.content, self.public_url)
            segments = count_segments(text)
            content = SmsContent(text, segments.encoding, segments.count)
            outgoing[message.id] = (message, segments)
            ready.append(Outgoing(message.id, message.dossier, message.kind, "", message.phone, content, "vi"))
        if ready:
            for one, outcome in self.provider.send(ready, until):
                results.add(*outgoing[one.id], outcome)
        return results

    def _record(self, work: UnitOfWork, claim: str, results: Results) -> None:
        self._record_sent(work, claim, results.sent)
        for message, outcome in results.failed:
            self._record_failed(work, claim, message, outcome)
        if results.deferred:
            due = work.clock.wall() + results.pause
            change_state(work.connection, [message.id for message in results.deferred], claim, State.QUEUED, due_at=due)

    def _record_sent(self, work: UnitOfWork, claim: str, sent: Sequence[tuple[ClaimedMessage, Segments]]) -> None:
        if not sent:
            return
        ids = [message.id for message, _ in sent]
        final = {"secret_text": None, "reason": "", "finished_at": work.now}
        changed = change_state(work.connection, ids, claim, State.SENT, **final)
        for message, segments in sent:
            if message.id in changed:
                work.emit("message.sent", _event_data(message) | {"segments": segments.count, "sent_at": work.now})

    def _record_failed(self, work: UnitOfWork, claim: str, message: ClaimedMessage, outcome: Outcome) -> None:
        failures = message.failures + 1
        reason = "" if isinstance(outcome, Accepted) else outcome.reason
        pause = None if isinstance(outcome, PermanentlyFailed) else self.retry_policy.pause_after(failures)
        if pause is not None:
            retry = {"failures": failures, "due_at": work.clock.wall() + pause, "reason": reason}
            change_state(work.connection, [message.id], claim, State.QUEUED, **retry)
            return
        final = {"failures": failures, "secret_text": None, "reason": reason, "finished_at": work.now}
        if change_state(work.connection, [message.id], claim, State.FAILED, **final):
            work.emit("message.failed", _event_data(message) | {"reason": reason, "failed_at": work.now})


def _event_data(message: ClaimedMessage) -> dict[str, object]:
    return {"dossier": message.dossier, "message": message.id, "kind": message.kind, "channel": message.channel}


def send_due(context: Context) -> int:
    """Sends one batch of due messages; the worker's sweep."""
    settings = context.settings
    quiet = quiet_hours() if settings.quiet_hours else None
    sender = Sender(
        context.store,
        open_providers(settings)[Channel.SMS],
        settings.public_url,
        quiet_hours=quiet,
        lease_seconds=settings.lease_seconds,
    )
    return sender.send_batch()
