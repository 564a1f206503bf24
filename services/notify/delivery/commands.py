"""The sender of a channel: claims due deliveries, gives them to the provider with no transaction open, and records the results."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from services.notify.channels.domain import Channel
from services.notify.channels.port import Outcome, Outgoing, PermanentlyFailed, Provider, TemporarilyFailed
from services.notify.delivery.claims import Claimed, ClaimedDelivery, Group, claim_due, due_groups, hold_due
from services.notify.delivery.composition import outgoing
from services.notify.delivery.domain import QuietHours, RetryPolicy
from services.notify.delivery.results import NO_PROVIDER, Result, record
from shared.messaging.event import new_id
from shared.observability.metrics import deliveries_in_doubt
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)

BATCH = 200
CHUNK = 100
"""Most results that are recorded in one transaction."""
CHUNKS = {Channel.EMAIL: 1, Channel.CHAT: 1}
"""Of channels whose deliveries go one after the other: a process that dies has then sent at most one of which nothing is recorded."""
CHUNK_SECONDS = 0.5
"""Real time after which results are recorded though they are few."""
LEASE_SECONDS = 6.0
CLAIM_LEASES = 10
"""Another worker may claim the deliveries after so many times the lease: one minute, unless the operator chose another lease."""
BATCH_LEASES = 5
"""No delivery of a batch is started after this. Even with the timeout of the last call, the batch ends well before its claim expires."""
HELD_AT_NIGHT = frozenset({Channel.SMS, Channel.CHAT})
"""Channels that keep the quiet hours: they ring a telephone."""


class Sender:
    """Sends the deliveries of one channel of one store through one provider.

    Args:
        store: notify's store.
        channel: which one.
        provider: sends the deliveries; None if the channel has none, so that each message takes the next one.
        public_url: address of the platform, for links in messages.
        retry_policy: how failed attempts are repeated.
        monotonic: a monotonic clock, in seconds.
        quiet_hours: hours in which only urgent messages are sent, by business time; None for none.
        lease_seconds: real time after which a process that hangs is replaced.
    """

    def __init__(
        self,
        store: Store,
        channel: Channel,
        provider: Provider | None,
        public_url: str,
        retry_policy: RetryPolicy | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        quiet_hours: QuietHours | None = None,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self.store = store
        self.channel = channel
        self.provider = provider
        self.public_url = public_url
        self.retry_policy = retry_policy or RetryPolicy()
        self.monotonic = monotonic
        self.quiet_hours = quiet_hours if channel in HELD_AT_NIGHT else None
        self.claim_duration = timedelta(seconds=CLAIM_LEASES * lease_seconds)
        self.batch_seconds = BATCH_LEASES * lease_seconds

    def send_batch(self, limit: int = BATCH) -> int:
        """Sends one batch; returns how many deliveries it claimed.

        A crash at any point is safe: the deliveries are claimed again once this claim expires, and a provider whose protocol has ids
        knows them by theirs.
        """
        claim = new_id()
        with self.store.read() as connection:
            groups = due_groups(connection, self.channel, self.store.clock.wall())
        if not groups:
            return 0
        claimed = self.store.run(lambda work: self._claim(work, claim, limit, groups))
        batch = claimed.deliveries
        deliveries_in_doubt.labels(self.store.service, self.channel).inc(claimed.expired)
        chunk: list[Result] = []
        recorded_at = self.monotonic()
        for result in self._results(batch):
            chunk.append(result)
            if len(chunk) >= CHUNKS.get(self.channel, CHUNK) or self.monotonic() - recorded_at > CHUNK_SECONDS:
                self._record(claim, chunk)
                chunk, recorded_at = [], self.monotonic()
        if chunk:
            self._record(claim, chunk)
        return len(batch)

    def _claim(self, work: UnitOfWork, claim: str, limit: int, groups: Sequence[Group]) -> Claimed:
        at = work.clock.wall()
        night_ends = self.quiet_hours.end_after(work.now) if self.quiet_hours is not None else None
        if night_ends is not None:
            until = at + timedelta(seconds=work.clock.real_seconds(night_ends - work.now))
            hold_due(work.connection, self.channel, at, until)
        return claim_due(work.connection, self.channel, claim, at, at + self.claim_duration, limit, groups)

    def _record(self, claim: str, chunk: Sequence[Result]) -> None:
        self.store.run(lambda work: record(work, claim, chunk, self.retry_policy))

    def _results(self, batch: Sequence[ClaimedDelivery]) -> Iterator[Result]:
        ready: dict[str, tuple[ClaimedDelivery, Outgoing]] = {}
        for delivery in batch:
            if self.provider is None:
                yield Result(delivery, NO_PROVIDER)
            elif delivery.failures >= self.retry_policy.max_failures:
                yield Result(delivery, PermanentlyFailed("the sender's claim expired without a result"))
            else:
                ready[delivery.id] = (delivery, outgoing(delivery, self.public_url))
        if self.provider is None or not ready:
            return
        for sent, outcome in self._outcomes(self.provider, [one for _, one in ready.values()]):
            if sent.id in ready:
                yield Result(ready.pop(sent.id)[0], outcome, sent)
        for delivery, _ in ready.values():
            yield Result(delivery, TemporarilyFailed("the provider gave no answer"))

    def _outcomes(self, provider: Provider, batch: Sequence[Outgoing]) -> Iterator[tuple[Outgoing, Outcome]]:
        try:
            yield from provider.send(batch, self.monotonic() + self.batch_seconds)
        except Exception as error:  # noqa: BLE001 - a bug of one provider must not stop the channel
            _log_bug(self.channel, error)


def _log_bug(channel: Channel, error: Exception) -> None:
    """Logs the type of an error and where it was raised, without its text, which may quote the address or the message."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    fields = {"channel": channel, "kind": type(error).__name__, "places": places}
    log.error("unexpected error of a provider of messages", extra={"fields": fields})
