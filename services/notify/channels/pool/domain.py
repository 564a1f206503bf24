"""The rules of a pool: when a provider gets nothing (circuit breaker, rate limit), and which one gets the next delivery.

All values are immutable, and time is given: monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum


class BreakerState(StrEnum):
    """Whether a provider gets deliveries: all of its share, none, or a few on trial."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When a provider is left out, and how it returns.

    Attributes:
        failures: failures in a row that open the breaker.
        first_pause: seconds before the first trial; it doubles with each trial that fails.
        longest_pause: the longest pause, in seconds.
        shares: after a trial that succeeded, the part of its weight that the provider gets, step by step.
        step_seconds: how long each step lasts.
    """

    failures: int = 5
    first_pause: float = 5.0
    longest_pause: float = 300.0
    shares: tuple[float, ...] = (0.1, 0.25, 0.5)
    step_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Breaker:
    """The circuit breaker of one provider.

    Attributes:
        policy: its rules.
        state: see :class:`BreakerState`.
        failures: in a row.
        openings: how often it opened since it was last closed for good.
        changes_at: when the pause or the step ends.
        step: index into the shares; -1 while a trial is awaited.
    """

    policy: BreakerPolicy = BreakerPolicy()
    state: BreakerState = BreakerState.CLOSED
    failures: int = 0
    openings: int = 0
    changes_at: float = 0.0
    step: int = -1

    @property
    def share(self) -> float:
        """The part of its weight that the provider gets."""
        if self.state is BreakerState.CLOSED:
            return 1.0
        if self.state is BreakerState.OPEN:
            return 0.0
        return self.policy.shares[max(self.step, 0)]

    @property
    def on_trial(self) -> bool:
        """Whether it gets one delivery and no more until that has an outcome."""
        return self.state is BreakerState.HALF_OPEN and self.step < 0

    def at(self, now: float) -> Breaker:
        """The breaker at a time: a pause that is over becomes a trial, and a step that is over the next one."""
        breaker = self
        if breaker.state is BreakerState.OPEN and now >= breaker.changes_at:
            return replace(breaker, state=BreakerState.HALF_OPEN, step=-1)
        while breaker.state is BreakerState.HALF_OPEN and breaker.step >= 0 and now >= breaker.changes_at:
            ends = breaker.changes_at + breaker.policy.step_seconds
            if breaker.step + 1 < len(breaker.policy.shares):
                breaker = replace(breaker, step=breaker.step + 1, changes_at=ends)
            else:
                breaker = Breaker(breaker.policy)
        return breaker

    def succeeded(self, now: float) -> Breaker:
        """The breaker after the provider took a delivery, or refused it for a reason of the delivery's own."""
        breaker = self.at(now)
        if breaker.on_trial:
            return replace(breaker, failures=0, step=0, changes_at=now + breaker.policy.step_seconds)
        if breaker.state is BreakerState.OPEN or not breaker.failures:
            return breaker  # a late answer to what was sent before it opened proves nothing
        return replace(breaker, failures=0)

    def failed(self, now: float) -> Breaker:
        """The breaker after a failure of the provider."""
        breaker = self.at(now)
        failures = breaker.failures + 1
        if breaker.state is BreakerState.OPEN:
            return replace(breaker, failures=failures)
        if breaker.state is BreakerState.CLOSED and failures < breaker.policy.failures:
            return replace(breaker, failures=failures)
        policy = breaker.policy
        pause = min(policy.first_pause * 2.0 ** min(breaker.openings, 30), policy.longest_pause)
        return Breaker(policy, BreakerState.OPEN, failures, breaker.openings + 1, now + pause)


@dataclass(frozen=True, slots=True)
class TokenBucket:
    """A rate limit: it fills at a steady rate, up to what one second brings.

    Attributes:
        rate: deliveries a second.
        tokens: how many may be sent at once at the time `at`.
        at: monotonic seconds.
    """

    rate: float
    tokens: float
    at: float

    @classmethod
    def full(cls, rate: float, now: float) -> TokenBucket:
        """A bucket that nothing was taken from."""
        return cls(rate, max(rate, 1.0), now)

    def filled(self, now: float) -> TokenBucket:
        """The bucket at a time."""
        if now <= self.at:
            return self
        return TokenBucket(self.rate, min(self.tokens + (now - self.at) * self.rate, max(self.rate, 1.0)), now)

    def available(self, now: float) -> int:
        """How many deliveries may be sent at a time."""
        return int(self.filled(now).tokens + 1e-9)

    def take(self, count: int, now: float) -> TokenBucket:
        """The bucket after so many deliveries were sent."""
        filled = self.filled(now)
        return replace(filled, tokens=filled.tokens - count)

    def give_back(self, count: int) -> TokenBucket:
        """The bucket after so many deliveries were not sent after all."""
        return replace(self, tokens=min(self.tokens + count, max(self.rate, 1.0)))

    def seconds_until_next(self, now: float) -> float:
        """How long until one more delivery may be sent."""
        return max(0.0, (1.0 - self.filled(now).tokens) / self.rate)


class WeightedTurns:
    """Chooses by weight, evenly spread: 3 and 1 give A A B A, never A A A B (smooth weighted round-robin)."""

    def __init__(self) -> None:
        self._credit: dict[str, float] = {}

    def choose(self, weights: Mapping[str, float]) -> str:
        """The name whose turn it is.

        Args:
            weights: name → weight above 0; at least one.
        """
        for name, weight in weights.items():
            self._credit[name] = self._credit.get(name, 0.0) + weight
        chosen = max(weights, key=lambda name: self._credit[name])
        self._credit[chosen] -= sum(weights.values())
        return chosen
