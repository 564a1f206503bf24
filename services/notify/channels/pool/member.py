"""One provider of a pool, with its breaker, its rate limit and what is known of its health."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from services.notify.channels.domain import Channel
from services.notify.channels.pool.domain import Breaker, BreakerPolicy, BreakerState, TokenBucket
from services.notify.channels.port import (
    Accepted,
    InDoubt,
    Outcome,
    Outgoing,
    PermanentlyFailed,
    Provider,
    TemporarilyFailed,
    Throttled,
)

log = logging.getLogger(__name__)

OUTCOMES = {
    Accepted: "accepted",
    TemporarilyFailed: "temporarily_failed",
    Throttled: "throttled",
    PermanentlyFailed: "permanently_failed",
    InDoubt: "in_doubt",
}
"""Kind of an outcome → its name in metrics."""


SHORTEST_PAUSE = 0.05
"""Seconds for which a provider that takes no more is left alone at least."""


@dataclass(frozen=True, slots=True)
class MemberSettings:
    """What a pool knows of a provider beforehand.

    Attributes:
        name: its name in the configuration.
        kind: such as ``smpp``.
        weight: its share of the deliveries, compared with the others' weights.
        rate_per_second: the most deliveries a second; 0 for no limit.
        breaker: when it is left out, and how it returns.
    """

    name: str
    kind: str
    weight: int = 1
    rate_per_second: float = 0.0
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)


@dataclass(frozen=True, slots=True)
class ProviderHealth:
    """How a provider does, for a page and for metrics; no personal data.

    Attributes:
        name: its name in the configuration.
        channel: whose deliveries it takes.
        kind: such as ``smpp``.
        state: of its circuit breaker.
        share: the part of its weight that it gets now, 0 to 1.
        failures: in a row.
        waits_seconds: real seconds for which it gets nothing: the breaker is open, or the provider asked for a pause.
        last_failure: the reason of the last failure; empty if there was none.
        in_doubt: deliveries of which it is not known whether it took them, since the process started.
    """

    name: str
    channel: Channel
    kind: str
    state: BreakerState
    share: float
    failures: int
    waits_seconds: float
    last_failure: str
    in_doubt: int


class Member:
    """A provider in a pool. One thread at a time sends through it.

    Args:
        settings: what is known of it beforehand.
        provider: takes the deliveries.
        now: monotonic seconds.
    """

    def __init__(self, settings: MemberSettings, provider: Provider, now: float | None = None) -> None:
        now = time.monotonic() if now is None else now
        self.settings = settings
        self.provider = provider
        self.breaker = Breaker(settings.breaker)
        self.blocked_until = now
        self.last_failure = ""
        self.in_doubt = 0
        rate = settings.rate_per_second
        self._bucket = TokenBucket.full(rate, now) if rate else None

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        return self.settings.name

    def room(self, now: float) -> int | None:
        """How many deliveries it may be given at a time; None for any number."""
        self.breaker = self.breaker.at(now)
        if self.breaker.state is BreakerState.OPEN or now < self.blocked_until:
            return 0
        limit = self._bucket.available(now) if self._bucket else None
        if self.breaker.on_trial:
            return 1 if limit is None else min(1, limit)
        return limit

    def ready_in(self, now: float) -> float:
        """Seconds until it may be given a delivery."""
        waits = [self.blocked_until - now]
        if self.breaker.state is BreakerState.OPEN:
            waits.append(self.breaker.changes_at - now)
        if self._bucket:
            waits.append(self._bucket.seconds_until_next(now))
        return max(0.0, *waits)

    @property
    def weight(self) -> float:
        """Its weight at present."""
        return self.settings.weight * self.breaker.share

    def take(self, count: int, now: float) -> None:
        """Counts deliveries against the rate limit."""
        if self._bucket:
            self._bucket = self._bucket.take(count, now)

    def record(self, outcome: Outcome, now: float) -> None:
        """Notes what became of a delivery."""
        match outcome:
            case Accepted() | PermanentlyFailed():
                self.breaker = self.breaker.succeeded(now)
            case Throttled():
                self.blocked_until = max(self.blocked_until, now + max(outcome.retry_after_seconds, SHORTEST_PAUSE))
                if self._bucket:
                    self._bucket = self._bucket.give_back(1)
            case TemporarilyFailed() | InDoubt():
                self.breaker = self.breaker.failed(now)
                self.last_failure = outcome.reason
                self.in_doubt += isinstance(outcome, InDoubt)

    def health(self, channel: Channel, now: float) -> ProviderHealth:
        """How it does."""
        breaker = self.breaker.at(now)
        waits = max(0.0, self.blocked_until - now, breaker.changes_at - now if not breaker.share else 0.0)
        return ProviderHealth(
            name=self.name,
            channel=channel,
            kind=self.settings.kind,
            state=breaker.state,
            share=breaker.share,
            failures=breaker.failures,
            waits_seconds=waits,
            last_failure=self.last_failure,
            in_doubt=self.in_doubt,
        )

    def send(self, batch: Sequence[Outgoing], until: float) -> Iterator[tuple[Outgoing, Outcome]]:
        """Sends through the provider; a defect of it leaves no delivery without exactly one outcome.

        Args:
            batch: the deliveries.
            until: monotonic time by which it ends.
        """
        open_ = {outgoing.id: outgoing for outgoing in batch}
        try:
            for outgoing, outcome in self.provider.send(batch, until):
                if open_.pop(outgoing.id, None) is not None:
                    yield outgoing, replace(outcome, provider=self.name)
        except Exception as error:  # noqa: BLE001 - a defect of one provider must not stop the channel
            _log_defect(self.name, error)
        for outgoing in open_.values():
            yield outgoing, InDoubt("the provider's adapter failed", self.name)


def _log_defect(name: str, error: Exception) -> None:
    """Logs the type of an error and where it was raised, without its text, which may quote the number or the message."""
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    fields = {"provider": name, "kind": type(error).__name__, "places": places}
    log.error("unexpected error while sending through a provider", extra={"fields": fields})
